/** The systems that are compared, each with simulated vendors of its own on a virtual clock: ours, and the two baselines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock, installDate } from '../../local/clock/virtual-clock.ts';
import { Work } from '../../local/clock/work.ts';
import { makeAppSettings } from '../../local/stack/app-settings.ts';
import { StackProcess, type JournalEntry } from '../../local/stack/stack-process.ts';
import { startVendors, type Vendors } from '../../local/vendors/vendors.ts';
import { startPoller } from '../baselines/poller.ts';
import { startRelay } from '../baselines/relay.ts';
import type { Surroundings } from '../baselines/vendor-desk.ts';
import type { Change } from './traffic.ts';

/** How long the vendors take to tell of a change, in seconds; the same for all. */
export const delaySeconds = { teams: 3, ringCentral: 1 } as const;

export interface System {
  readonly people: readonly { userId: string; extensionId: string }[];
  /** Milliseconds since 1970. */
  now(): Promise<number>;
  advance(ms: number): Promise<void>;
  apply(change: Change): Promise<void>;
  /** What the vendors of presence were asked so far. */
  journal(): Promise<readonly JournalEntry[]>;
  close(): Promise<void>;
}

export type StartSystem = (people: number, start: string) => Promise<System>;
/** By their names in the tables. */
export const systems: Record<'Presence Hub' | 'poller, 10 s' | 'webhook relay', StartSystem> = {
  'Presence Hub': startProduct,
  'poller, 10 s': (people, start) => startBaseline({ people, start }, pollerOn),
  'webhook relay': (people, start) => startBaseline({ people, start }, relayOn),
};

/** Our own, as a process of its own with its host. */
async function startProduct(people: number, start: string): Promise<System> {
  const stack = await StackProcess.start({
    clock: 'virtual',
    args: [`--start=${start}`, '--log-level=error'],
  });
  const { users } = await stack.customer({ users: people });
  await stack.fault({ vendor: 'graph', kind: 'latency', delaySeconds: delaySeconds.teams });
  await stack.fault({ vendor: 'ringCentral', kind: 'latency', delaySeconds: delaySeconds.ringCentral });
  return {
    people: users,
    now: async () => Date.parse(await stack.now()),
    advance: (ms) => stack.advance(`PT${ms / 1000}S`),
    apply: async ({ person, ...what }) => {
      const { userId, extensionId } = personOf(users, person);
      if (what.side === 'ringCentral') await stack.setRingCentral(extensionId, what.change);
      else await stack.setTeams(userId, what.change.availability, what.change.activity);
    },
    journal: async () =>
      [...(await stack.journal('graph')), ...(await stack.journal('ringCentral'))].sort(byTime),
    close: () => stack.stop(),
  };
}

type Startable = (around: Surroundings, vendors: Vendors) => Promise<() => Promise<void>>;

const pollerOn: Startable = async (around) => {
  await around.work.track(() => startPoller(around));
  return async () => undefined;
};

const relayOn: Startable = async (around, vendors) => {
  const appDataDir = await mkdtemp(join(tmpdir(), 'presence-hub-bench-'));
  const settings = await makeAppSettings({
    appDataDir,
    publicBaseUrl: '',
    vendors,
    exportStorage: '',
    rich: true,
  });
  await rm(appDataDir, { recursive: true });
  const certificatePem = settings['NOTIFICATION_CERTIFICATE'] ?? '';
  const privateKeyPem = settings['NOTIFICATION_PRIVATE_KEY'] ?? '';
  const listening = await around.work.track(() => startRelay(around, { certificatePem, privateKeyPem }));
  return () => listening.close();
};

/** A baseline, in this process. */
async function startBaseline(
  { people, start }: { people: number; start: string },
  begin: Startable,
): Promise<System> {
  const work = new Work();
  const clock = new VirtualClock(work, new Date(start));
  const restoreDate = installDate(clock);
  const vendors = await startVendors({ clock, work });
  const customer = vendors.createCustomer({ users: people });
  const end = await begin({ vendors, customer, clock, work }, vendors);
  for (const vendor of ['graph', 'ringCentral'] as const) {
    const seconds = vendor === 'graph' ? delaySeconds.teams : delaySeconds.ringCentral;
    vendors.faults.add({ vendor, kind: 'latency', delaySeconds: seconds });
  }
  return {
    people: customer.users,
    now: async () => clock.now(),
    advance: (ms) => clock.advance(ms),
    apply: async ({ person, ...what }) => {
      const { userId, extensionId } = personOf(customer.users, person);
      if (what.side === 'teams') vendors.teams.setPersonPresence(userId, what.change);
      else vendors.ringCentral.setPersonPresence(extensionId, what.change);
    },
    journal: async () =>
      vendors.journal.list().filter(({ vendor }) => vendor === 'graph' || vendor === 'ringCentral'),
    close: async () => {
      await end();
      await vendors.close();
      restoreDate();
    },
  };
}

function personOf<T>(people: readonly T[], index: number): T {
  const found = people[index];
  if (found === undefined) throw new Error(`There is no person ${index}.`);
  return found;
}

function byTime(one: JournalEntry, other: JournalEntry): number {
  return one.at < other.at ? -1 : one.at > other.at ? 1 : 0;
}
