/** The whole stack in this process: clock, simulated vendors, the host with the app, and the control address. */
import { existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import { RealClock } from '../clock/real-clock.ts';
import { VirtualClock, installDate } from '../clock/virtual-clock.ts';
import { Work } from '../clock/work.ts';
import { startHost } from '../host/host.ts';
import type { HostLogEntry } from '../host/log.ts';
import { listenOnLoopback } from '../vendors/listen-on-loopback.ts';
import { startVendors } from '../vendors/vendors.ts';
import { makeAppSettings } from './app-settings.ts';
import { startBlobService } from './blobs/blob-service.ts';
import { makeControl, type Controlled } from './control.ts';
import { projectDir } from './project.ts';

export interface StackOptions {
  /** Where the app answers; 0 takes any free port. */
  port: number;
  controlPort: number;
  clock: 'real' | 'virtual';
  /** Where a virtual clock begins; with data of an earlier run it goes on where it was left. */
  start?: Date | undefined;
  /** Holds all that lasts; without it the data goes when the stack closes. */
  dataDir?: string | undefined;
  /** Whether Graph's notifications carry the presence. */
  rich: boolean;
  /** Where the vendors are told to reach the app, if not at its port: a tunnel or a proxy. */
  publicUrl?: string | undefined;
  /** The folder of the app, if not this project. */
  appDir?: string | undefined;
  log: (entry: HostLogEntry) => void;
}

export interface RunningStack extends Controlled {
  app: string;
  control: string;
  /** The connection string of the storage that exports lie in. */
  exportStorage: string;
  /** Stops everything in good order. */
  close(): Promise<void>;
}

/** Starts the stack; there can be one in a process. Rejects when a port is taken or the app does not load. */
export async function runStack(options: StackOptions): Promise<RunningStack> {
  const lasting = options.dataDir !== undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'presence-hub-')));
  const appDataDir = join(dataDir, 'app');
  mkdirSync(appDataDir, { recursive: true });
  const work = new Work();
  const clock = makeClock(options, work, join(dataDir, 'clock'));

  const vendors = await startVendors({
    dataDir: join(dataDir, 'vendors'),
    keyVaultDir: appDataDir,
    logsDir: join(appDataDir, 'logs'),
    clock,
    work,
  });
  const blobs = await startBlobService(join(appDataDir, 'blobs'), work);
  const exportStorage = blobs.connectionString;
  const { rich, port, appDir = projectDir() } = options;
  // The webhook addresses hold the port, so what is told of them waits until the host has one.
  const settings = (taken: number): Promise<Record<string, string>> => {
    const publicBaseUrl = options.publicUrl ?? loopback(taken);
    vendors.marketplace.setWebhookUrl(`${publicBaseUrl.replace(/\/+$/, '')}/api/marketplace/webhook`);
    return makeAppSettings({ appDataDir, publicBaseUrl, vendors, exportStorage, rich });
  };
  const host = await startHost({
    appDir,
    port,
    dataDir: join(appDataDir, 'task-hub'),
    clock,
    work,
    settings,
    log: options.log,
  });
  const controlled: Controlled = { clock, work, host, vendors, appDataDir, appDir };
  const control = await listenOnLoopback(makeControl(controlled).fetch, options.controlPort);
  return {
    ...controlled,
    app: loopback(host.port),
    control: control.url,
    exportStorage,
    close: async () => {
      await control.close();
      await host.close();
      await vendors.close();
      await blobs.close();
      if (!lasting) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function loopback(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** A virtual clock goes on where it was left, or people's futures would lie in their past. */
function makeClock(options: StackOptions, work: Work, file: string): Clock {
  if (options.clock === 'real') return new RealClock();
  const start = existsSync(file) ? new Date(readFileSync(file, 'utf8')) : (options.start ?? new Date());
  const place = openSync(file, existsSync(file) ? 'r+' : 'w+');
  const remember = (now: number): void => void writeSync(place, new Date(now).toISOString(), 0);
  const clock = new VirtualClock(work, start, remember);
  remember(clock.now());
  installDate(clock);
  return clock;
}
