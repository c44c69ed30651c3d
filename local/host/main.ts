/** `node main.js APPDIR`: runs one Functions app on this host, on the real clock or on a virtual one. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Clock } from '../clock/clock.ts';
import { clockRoutes } from '../clock/clock-routes.ts';
import { RealClock } from '../clock/real-clock.ts';
import { installDate, VirtualClock } from '../clock/virtual-clock.ts';
import { Work } from '../clock/work.ts';
import { hostFaultRoutes } from './fault-routes.ts';
import { readArguments, usage, UsageError } from './command-line.ts';
import type { Options } from './command-line.ts';
import { fail, stopOnSignal } from './ending.ts';
import { startHost } from './host.ts';
import { formatLogEntry, isAtLeast } from './log.ts';
import type { LogLevel } from './log.ts';

async function main(): Promise<void> {
  const [appDir, options] = readArguments();
  if (appDir === undefined) {
    process.stdout.write(usage);
    return;
  }
  await run(appDir, options);
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
    mode: options.mode,
    log: (entry) => {
      if (isAtLeast(entry.level, options['log-level'] satisfies LogLevel)) {
        process.stderr.write(`${formatLogEntry(entry)}\n`);
      }
    },
  });
  const routes = clockRoutes(clock, work).route('/', hostFaultRoutes(host.faults));
  const control = await openControl(options, routes);
  stopOnSignal(async () => {
    control?.server.close();
    await host.close();
  });
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
  routes: Hono,
): Promise<{ server: Server; url: string } | undefined> {
  const port = options['control-port'] ?? (options.clock === 'virtual' ? 0 : undefined);
  if (port === undefined) return undefined;
  const server = await new Promise<Server>((resolve, reject) => {
    const opened = serve(
      { fetch: routes.fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false },
      () => resolve(opened as Server),
    );
    opened.once('error', reject);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) fail(error);
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
});
