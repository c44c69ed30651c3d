/** `node main.js APPDIR`: runs one Functions app on this host, on the real clock or on a virtual one. */
import { parseArgs } from 'node:util';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { z } from 'zod';
import type { Clock } from '../clock/clock.ts';
import { clockRoutes } from '../clock/clock-routes.ts';
import { RealClock } from '../clock/real-clock.ts';
import { installDate, VirtualClock } from '../clock/virtual-clock.ts';
import { Work } from '../clock/work.ts';
import { startHost } from './host.ts';
import { formatLogEntry, isAtLeast } from './log.ts';
import type { LogLevel } from './log.ts';

const usage = `Runs an Azure Functions app (Node programming model v4, durable-functions v3) on this machine.

  node dist/local/host/main.js APPDIR [options]

  APPDIR             the folder with the app's package.json and host.json
  --port P           where the app is served (7071; 0 takes any free port)
  --data DIR         keeps the task hub there; without it, in memory
  --clock KIND       real (as it is) or virtual: time stands still until it is advanced
  --start ISO        what time the virtual clock begins at (now)
  --control-port P   serves GET /clock, POST /clock/advance, POST /idle on the loopback interface
                     (with a virtual clock, any free port unless given)
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
  'log-level': z
    .enum(['trace', 'debug', 'information', 'warning', 'error', 'critical'])
    .default('information'),
});

type Options = z.infer<typeof optionsShape>;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      clock: { type: 'string' },
      start: { type: 'string' },
      'control-port': { type: 'string' },
      'log-level': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [appDir] = positionals;
  if (values.help || appDir === undefined) {
    process.stdout.write(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const parsed = optionsShape.safeParse(values);
  if (!parsed.success) {
    process.stderr.write(`${z.prettifyError(parsed.error)}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  await run(appDir, parsed.data);
}

async function run(appDir: string, options: Options): Promise<void> {
  const work = new Work();
  const clock = makeClock(options, work);
  const host = await startHost({
    appDir,
    port: options.port,
    ...(options.data === undefined ? {} : { dataDir: options.data }),
    clock,
    work,
    log: (entry) => {
      if (isAtLeast(entry.level, options['log-level'] satisfies LogLevel)) {
        process.stderr.write(`${formatLogEntry(entry)}\n`);
      }
    },
  });
  const control = await openControl(options, clock, work);
  const stop = stopOnce(async () => {
    control?.server.close();
    await host.close();
  });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, app: host.url, control: control?.url ?? null })}\n`);
}

function makeClock(options: Options, work: Work): Clock {
  if (options.clock === 'real') return new RealClock();
  const clock = new VirtualClock(work, new Date(options.start ?? Date.now()));
  installDate(clock);
  return clock;
}

async function openControl(
  options: Options,
  clock: Clock,
  work: Work,
): Promise<{ server: Server; url: string } | undefined> {
  const port = options['control-port'] ?? (options.clock === 'virtual' ? 0 : undefined);
  if (port === undefined) return undefined;
  const routes = clockRoutes(clock, work);
  const server = await new Promise<Server>((resolve, reject) => {
    const opened = serve(
      { fetch: routes.fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false },
      () => resolve(opened as Server),
    );
    opened.once('error', reject);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A second signal does not wait. */
function stopOnce(close: () => Promise<void>): () => void {
  let stopping = false;
  return () => {
    if (stopping) process.exit(1);
    stopping = true;
    close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
