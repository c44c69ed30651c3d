/** Has the app send what telemetry it holds back, so that a look at what arrived is a look at all that was said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const manifestSchema = z.object({ main: z.string() });
const appSchema = z.object({ flushTelemetry: z.function({ input: [], output: z.promise(z.void()) }) });

/** The app's modules are loaded once in a process: this is the one that runs. Does nothing for an app that offers no such call. */
export async function flushTelemetry(appDir: string): Promise<void> {
  const { main } = manifestSchema.parse(JSON.parse(readFileSync(join(appDir, 'package.json'), 'utf8')));
  const app = appSchema.safeParse({ ...(await import(pathToFileURL(join(appDir, main)).href)) });
  if (app.success) await app.data.flushTelemetry();
}
