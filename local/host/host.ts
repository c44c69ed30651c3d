/**
 * An Azure Functions host with the Durable extension, in this process: it loads an app, serves its HTTP functions, fires
 * its timers and runs its orchestrations, activities and entities. Any app on @azure/functions v4 and durable-functions
 * v3 runs on it as it is.
 */
import { resolve } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import type { Work } from '../clock/work.ts';
import { durableClientInputs } from './durable/client-binding.ts';
import type { HubAddresses } from './durable/client-binding.ts';
import { DurableClient } from './durable/client.ts';
import { addDurableRoutes } from './durable/http-api/routes.ts';
import { TaskHub } from './durable/task-hub.ts';
import { applySettings, readHostConfig } from './host-config.ts';
import { addAdminRoutes } from './http/admin-routes.ts';
import { addFunctionRoutes } from './http/function-routes.ts';
import { loadKeys } from './http/keys.ts';
import type { HostKeys } from './http/keys.ts';
import { Router } from './http/router.ts';
import { listen } from './http/server.ts';
import type { RunningServer } from './http/server.ts';
import type { HostLog, HostLogEntry } from './log.ts';
import { StatsRecorder } from './stats.ts';
import type { HostStats } from './stats.ts';
import { TimerTriggers } from './timer/timer-triggers.ts';
import { Worker } from './worker/worker.ts';

export interface HostOptions {
  /** The folder with the app's package.json and host.json. */
  readonly appDir: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where the task hub and the keys are kept; without it, in memory. */
  readonly dataDir?: string;
  readonly clock: Clock;
  readonly work: Work;
  /** App settings: put into the environment before the app loads. */
  readonly settings?: Record<string, string>;
  readonly log?: (entry: HostLogEntry) => void;
}

export interface Host {
  /** `http://localhost:<port>`. */
  readonly url: string;
  readonly port: number;
  /** The keys for functions of level `function` and `admin`, and for the durable webhooks. */
  readonly keys: HostKeys;
  stats(): HostStats;
  /** Takes no more requests, lets what runs finish for ten seconds at most, and runs the app's appTerminate hooks. */
  close(): Promise<void>;
}

const closeGraceMs = 10_000;
const webhookPath = 'runtime/webhooks/durabletask';
const rpcPath = 'durabletask';

/**
 * Starts a host; there can be one in a process. Resolves once the app is loaded and serves.
 * @throws when the app does not load, the port is taken, or another host uses the data directory.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const appDir = resolve(options.appDir);
  const log = makeLog(options);
  const stats = new StatsRecorder();
  const routers = { front: new Router(), rpc: new Router() };
  const front = await openDoor(options.port, undefined, routers.front, options.work);
  const rpc = await openDoor(0, '127.0.0.1', routers.rpc, options.work);
  const doors = [front, rpc];
  try {
    const url = `http://localhost:${front.port}`;
    applySettings(appDir, options.settings ?? {});
    // The SDK takes the addresses in its links from this; its own guess would be port 7071.
    process.env['WEBSITE_HOSTNAME'] = `localhost:${front.port}`;
    const engine = await startEngine({ ...options, appDir }, { log, stats, url, rpcPort: rpc.port });
    mountRoutes(routers, engine, { log, stats, url });
    announce(engine, log, `Serving ${appDir} at ${url} with the functions`);
    return {
      url,
      port: front.port,
      keys: engine.keys,
      stats: () => stats.snapshot(),
      close: () => closeHost(doors, engine),
    };
  } catch (error) {
    await Promise.all(doors.map((door) => door.close(0)));
    throw error;
  }
}

interface Engine {
  readonly worker: Worker;
  readonly hub: TaskHub;
  readonly timers: TimerTriggers;
  readonly keys: HostKeys;
  readonly addresses: HubAddresses;
  readonly inputsFor: ReturnType<typeof durableClientInputs>;
  readonly routePrefix: string;
}

interface Surroundings {
  readonly log: HostLog;
  readonly stats: StatsRecorder;
  readonly url: string;
}

async function startEngine(
  options: HostOptions,
  around: Surroundings & { rpcPort: number },
): Promise<Engine> {
  const { appDir, dataDir, clock, work } = options;
  const { log, stats, url, rpcPort } = around;
  const config = readHostConfig(appDir);
  const keys = loadKeys(dataDir);
  const worker = new Worker(log);
  await worker.start(appDir);
  const addresses: HubAddresses = {
    hubName: config.durable.hubName,
    webhookBase: `${url}/${webhookPath}`,
    rpcBase: `http://127.0.0.1:${rpcPort}/${rpcPath}/`,
    systemKey: keys.durableTask,
  };
  const inputsFor = durableClientInputs(addresses);
  const hub = new TaskHub({ appDir, dataDir, clock, work, worker, settings: config.durable, stats, log });
  const timers = new TimerTriggers({ worker, hub, clock, work, inputsFor, stats, log });
  hub.start(inputsFor);
  timers.start();
  return { worker, hub, timers, keys, addresses, inputsFor, routePrefix: config.routePrefix };
}

function mountRoutes(
  routers: { readonly front: Router; readonly rpc: Router },
  engine: Engine,
  around: Surroundings,
): void {
  const { keys, addresses, timers } = engine;
  const api = { client: new DurableClient(engine.hub), addresses };
  addFunctionRoutes(routers.front, { ...engine, ...around });
  addAdminRoutes(routers.front, { ...engine, url: around.url, runTimer: (name) => timers.runNow(name) });
  const webhookKeys = [keys.durableTask, keys.master];
  addDurableRoutes(routers.front, { base: webhookPath, keys: webhookKeys }, api);
  addDurableRoutes(routers.rpc, { base: rpcPath, keys: undefined }, api);
}

const servedTriggers = new Set([
  'httptrigger',
  'timertrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
]);

function announce({ worker }: Engine, log: HostLog, text: string): void {
  log('information', 'Host', `${text} ${worker.functions.map((fn) => fn.name).join(', ')}.`);
  for (const fn of worker.functions) {
    if (servedTriggers.has(fn.trigger.type.toLowerCase())) continue;
    log('warning', 'Host', `Nothing will start '${fn.name}': this host has no ${fn.trigger.type}.`);
  }
}

function openDoor(
  port: number,
  address: string | undefined,
  router: Router,
  work: Work,
): Promise<RunningServer> {
  return listen({ port, address, work, handle: (request) => router.handle(request) });
}

async function closeHost(doors: readonly RunningServer[], engine: Engine): Promise<void> {
  const [front, rpc] = doors;
  engine.timers.close();
  await front?.close(closeGraceMs);
  await engine.hub.close();
  await rpc?.close(0);
  await engine.worker.stop();
}

function makeLog({ clock, log }: HostOptions): HostLog {
  return (level, category, message) => {
    log?.({ at: new Date(clock.now()).toISOString(), level, category, message });
  };
}
