/** What the host's command line says, and what it may say. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { modes } from './durable/strict-rules.ts';

export const usage = `Runs an Azure Functions app (Node programming model v4, durable-functions v3) on this machine.

  node dist/local/host/main.js APPDIR [options]

  APPDIR             the folder with the app's package.json and host.json
  --port P           where the app is served (7071; 0 takes any free port)
  --data DIR         keeps the task hub there; without it, in memory
  --clock KIND       real (as it is) or virtual: time stands still until it is advanced
  --start ISO        what time the virtual clock begins at (now)
  --control-port P   serves GET /clock, POST /clock/advance, POST /idle and /host/faults on the loopback interface
                     (with a virtual clock, any free port unless given)
  --mode MODE        strict (the default) refuses, loudly, what Azure itself gets wrong; lenient does as Azure does
  --log-level LEVEL  debug, information, warning, error (information)
  --help             this text

When the app is ready, one line of JSON says where: {"ready":true,"app":URL,"control":URL|null}
`;

const optionsShape = z.object({
  port: z.coerce.number().int().min(0).max(65535).default(7071),
  data: z.string().optional(),
  clock: z.enum(['real', 'virtual']).default('real'),
  start: z.iso.datetime({ offset: true }).optional(),
  'control-port': z.coerce.number().int().min(0).max(65535).optional(),
  mode: z.enum(modes).default('strict'),
  'log-level': z
    .enum(['trace', 'debug', 'information', 'warning', 'error', 'critical'])
    .default('information'),
});

export type Options = z.infer<typeof optionsShape>;

/** A command line that cannot be followed. */
export class UsageError extends Error {}

/** The app's folder, none when only help is wanted. @throws UsageError */
export function readArguments(): [string | undefined, Options] {
  const given = parseGiven();
  const parsed = optionsShape.safeParse(given.values);
  if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error));
  if (given.values.help) return [undefined, parsed.data];
  const [appDir, ...more] = given.positionals;
  if (appDir === undefined || more.length > 0) throw new UsageError('Name one folder with an app.');
  return [appDir, parsed.data];
}

function parseGiven() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        clock: { type: 'string' },
        start: { type: 'string' },
        'control-port': { type: 'string' },
        mode: { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
