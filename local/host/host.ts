/**
 * An Azure Functions host with the Durable extension, in this process: it loads an app, serves its HTTP functions, fires
 * its timers and runs its orchestrations, activities and entities. Any app on @azure/functions v4 and durable-functions
 * v3 runs on it as it is.
 */
import { resolve } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import type { Work } from '../clock/work.ts';
import { durableClientInputs } from './durable/client-binding.ts';
import type { HubAddresses, InputsFor } from './durable/client-binding.ts';
import { DurableClient } from './durable/client.ts';
import { addDurableRoutes } from './durable/http-api/routes.ts';
import { openTaskHub } from './durable/store/database.ts';
import type { TaskHubDatabase } from './durable/store/database.ts';
import type { Mode } from './durable/strict-rules.ts';
import { TaskHub } from './durable/task-hub.ts';
import { addFace } from './face/face.ts';
import { HostFaults } from './faults.ts';
import { applySettings, readCorsRules, readHostConfig } from './host-config.ts';
import { addAdminRoutes } from './http/admin-routes.ts';
import { announce } from './announce.ts';
import { corsPolicy } from './http/cors.ts';
import { addFunctionRoutes } from './http/function-routes.ts';
import { KeyRing } from './http/keys.ts';
import type { HostKeys } from './http/keys.ts';
import { Router } from './http/router.ts';
import { listen } from './http/server.ts';
import type { RunningServer } from './http/server.ts';
import { describeError } from './log.ts';
import type { HostLog, HostLogEntry } from './log.ts';
import { outputWriter } from './queue/queue-outputs.ts';
import { QueueService } from './queue/queue-service.ts';
import { QueueTriggers } from './queue/queue-triggers.ts';
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
  /** App settings for an app that answers on `port`: put into the environment before it loads. */
  readonly settings?: (port: number) => Promise<Record<string, string>>;
  readonly log?: (entry: HostLogEntry) => void;
  /** What to do where Azure itself is at fault: refuse it loudly (strict, the default) or do as Azure does. */
  readonly mode?: Mode;
}

export interface Host {
  /** `http://localhost:<port>`. */
  readonly url: string;
  readonly port: number;
  /** The keys for functions of level `function` and `admin`, and for the durable webhooks. */
  readonly keys: HostKeys;
  /** What clients and operators can do, without HTTP in between. */
  readonly client: DurableClient;
  stats(): HostStats;
  /** What is to go wrong beneath the app; `hostFaultRoutes` serves them at a control address. */
  readonly faults: HostFaults;
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
  const { port, dataDir, work } = options;
  const log = makeLog(options);
  const routers = { front: new Router(), rpc: new Router() };
  const closing: (() => Promise<void> | void)[] = [];
  try {
    // First of all, so that a second host on the same data does nothing with it.
    const database = openTaskHub(dataDir);
    closing.push(() => database.close());
    const front = await listen({
      port,
      work,
      ...answering(routers.front, log),
      streamFor: (request) => routers.front.streamFor(request),
      policy: corsPolicy(readCorsRules(resolve(options.appDir))),
    });
    closing.push(() => front.close(0));
    const rpc = await listen({ port: 0, work, ...answering(routers.rpc, log) });
    closing.push(() => rpc.close(0));
    const engine = await loadEngine(options, { log, database, ports: { front: front.port, rpc: rpc.port } });
    mountRoutes(routers, engine);
    // Only now: what starts by itself may use the client at once.
    engine.hub.start(engine.inputsFor);
    engine.timers.start();
    engine.queueTriggers.start();
    announce(engine);
    const { url, keys, client, stats } = engine;
    const close = (): Promise<void> => closeHost({ front, rpc }, engine);
    const { faults } = engine.hub;
    return { url, port: front.port, keys: keys.main, client, stats: () => stats.snapshot(), faults, close };
  } catch (error) {
    for (const close of closing.toReversed()) await close();
    throw error;
  }
}

interface Engine {
  readonly appDir: string;
  readonly url: string;
  readonly port: number;
  readonly worker: Worker;
  readonly hub: TaskHub;
  readonly client: DurableClient;
  readonly timers: TimerTriggers;
  readonly queueTriggers: QueueTriggers;
  readonly keys: KeyRing;
  readonly addresses: HubAddresses;
  readonly inputsFor: InputsFor;
  readonly routePrefix: string;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
}

async function loadEngine(
  options: HostOptions,
  given: { log: HostLog; database: TaskHubDatabase; ports: { front: number; rpc: number } },
): Promise<Engine> {
  const { dataDir, clock, work } = options;
  const { log, database, ports } = given;
  const appDir = resolve(options.appDir);
  const url = `http://localhost:${ports.front}`;
  applySettings(appDir, (await options.settings?.(ports.front)) ?? {});
  // The SDK takes the addresses in its links from this; its own guess would be port 7071.
  process.env['WEBSITE_HOSTNAME'] = `localhost:${ports.front}`;
  const { routePrefix, durable: settings, queues: queueSettings, timeLimit } = readHostConfig(appDir);
  const keys = new KeyRing(dataDir);
  const queues = new QueueService(queueSettings);
  const worker = new Worker(log, outputWriter(queues, log));
  worker.timeLimit = timeLimit;
  await worker.start(appDir);
  const addresses: HubAddresses = {
    hubName: settings.hubName,
    webhookBase: `${url}/${webhookPath}`,
    rpcBase: `http://127.0.0.1:${ports.rpc}/${rpcPath}/`,
    systemKey: keys.main.durableTask,
  };
  const inputsFor = durableClientInputs(addresses);
  const stats = new StatsRecorder();
  const { mode = 'strict' } = options;
  const faults = new HostFaults();
  const hub = new TaskHub({ appDir, database, clock, work, worker, settings, stats, log, mode, faults });
  const timers = new TimerTriggers({ worker, hub, clock, work, inputsFor, stats, log });
  const queueTriggers = new QueueTriggers({ worker, queues, work, inputsFor, stats, log });
  const client = new DurableClient(hub);
  const triggers = { timers, queueTriggers };
  const port = ports.front;
  const durable = { hub, client };
  return {
    appDir,
    url,
    port,
    worker,
    ...durable,
    ...triggers,
    keys,
    addresses,
    inputsFor,
    routePrefix,
    stats,
    log,
  };
}

function mountRoutes(routers: { readonly front: Router; readonly rpc: Router }, engine: Engine): void {
  const { keys, client, addresses, timers, queueTriggers } = engine;
  const api = { client, addresses };
  // First, so that an app's own page at the root is the one that is seen.
  addFunctionRoutes(routers.front, engine);
  addFace(routers.front, engine);
  addAdminRoutes(routers.front, {
    ...engine,
    runByHand: (name, input) => timers.runNow(name) || queueTriggers.runByHand(name, input),
  });
  addDurableRoutes(routers.front, { base: webhookPath, isAllowed: (request) => keys.isSystem(request) }, api);
  addDurableRoutes(routers.rpc, { base: rpcPath }, api);
}

/** What fails on the way to an answer is for the log; the client learns only that it failed. */
function answering(router: Router, log: HostLog): Pick<Parameters<typeof listen>[0], 'handle' | 'onFailure'> {
  const fail = (what: string, error: unknown): void =>
    log('error', 'Host.Http', `${what} failed. ${describeError(error)}`);
  return {
    handle: async (request) => {
      try {
        return await router.handle(request);
      } catch (error) {
        fail(`${request.method} ${request.url.pathname}`, error);
        return { status: 500 };
      }
    },
    onFailure: (error) => fail('An answer', error),
  };
}

async function closeHost(
  doors: { readonly front: RunningServer; readonly rpc: RunningServer },
  engine: Engine,
): Promise<void> {
  engine.timers.close();
  await Promise.all([doors.front.close(closeGraceMs), engine.queueTriggers.close()]);
  await engine.hub.close();
  await doors.rpc.close(0);
  await engine.worker.stop();
}

function makeLog({ clock, log }: HostOptions): HostLog {
  return (level, category, message) => {
    log?.({ at: new Date(clock.now()).toISOString(), level, category, message });
  };
}
