/** A worker that can be stopped or killed at certain points, and all that may go wrong for it. Used by `two-workers.ts`. */
import { setTimeout } from 'node:timers/promises';
import type { Secrets } from '../clients/secrets.ts';
import type { Tokens } from '../clients/tokens.ts';
import type { ConnectionLeases } from '../domain/connection-lease.ts';
import type { Simulation } from '../local/vendors/simulation.ts';
import type { Gate, GateFaults } from './token-gate.ts';

/** A process, as far as tokens go. Once it is dead, nothing it began goes on. */
export interface Worker {
  readonly tokens: Tokens;
  readonly gate: Gate;
  stall: Partial<Record<'lease' | 'read' | 'write', () => Promise<void>>>;
  hasLease: boolean;
  isDead: boolean;
  /** Resolves when it dies. */
  readonly death: Promise<void>;
  die(): void;
}

export type Fragile = Omit<Worker, 'tokens'>;

/** What is due to happen to the worker at this point, once. A dead worker gets no further. */
async function suffer(worker: Fragile, at: keyof Worker['stall']): Promise<void> {
  if (worker.isDead) await new Promise(() => undefined);
  const { [at]: stall } = worker.stall;
  delete worker.stall[at];
  await stall?.();
}

/** How long an answer of the vault is on its way differs, in real milliseconds, so that the workers overtake each other. */
const longestWayMs = 3;

export function fragileSecrets(secrets: Secrets, worker: Fragile, random: () => number): Secrets {
  return {
    ...secrets,
    get: async (name) => {
      const found = await secrets.get(name);
      await setTimeout(longestWayMs * random());
      if (worker.hasLease) await suffer(worker, 'read');
      return found;
    },
    set: async (name, value) => {
      await suffer(worker, 'write');
      await secrets.set(name, value);
      if (worker.isDead) await new Promise(() => undefined);
    },
  };
}

export function fragileLeases(leases: ConnectionLeases, worker: Fragile): ConnectionLeases {
  return {
    acquire: async (...asked) => {
      const acquired = await leases.acquire(...asked);
      worker.hasLease = acquired;
      if (acquired) await suffer(worker, 'lease');
      return acquired;
    },
    release: async (...given) => {
      if (worker.isDead) await new Promise(() => undefined);
      worker.hasLease = false;
      await leases.release(...given);
    },
  };
}

/** Switches something on for the worker in this place; the answer tells whether it has happened since. */
export type Fault = (place: 0 | 1) => () => boolean;

/** What happens to the worker in this place when it gets to a certain point. */
export type Blow = (place: 0 | 1) => () => Promise<void>;

interface Victims {
  readonly workers: readonly [Worker, Worker];
  readonly simulation: Simulation;
  readonly standStill: (times: 1 | 2) => Blow;
  readonly die: Blow;
}

export function faultsOf({
  workers,
  simulation,
  standStill,
  die,
}: Victims): Record<'small' | 'great' | 'alone', Record<string, Fault>> {
  const gate =
    <K extends keyof GateFaults>(name: K, fault: (place: 0 | 1) => NonNullable<GateFaults[K]>): Fault =>
    (place) => {
      const { faults } = workers[place].gate;
      faults[name] = fault(place);
      return () => faults[name] === undefined;
    };
  const stall =
    (at: keyof Worker['stall'], what: Blow): Fault =>
    (place) => {
      const worker = workers[place];
      worker.stall[at] = what(place);
      return () => worker.stall[at] === undefined;
    };
  const vault = (method: 'GET' | 'PUT', fault: VaultFault) => () => {
    const id = simulation.faults.add({ vendor: 'keyVault', match: method, count: 1, ...fault });
    return () => simulation.faults.list().every((each) => each.id !== id);
  };
  return {
    small: {
      'answer of a refresh lost': gate('loseAnswer', () => true),
      'refresh answered 503': gate('refuse', () => 503),
      'refresh answered 429': gate('refuse', () => 429),
      'access token refused (401)': gate('refuseToken', () => true),
      'vault write answered 503': vault('PUT', { kind: 'status', status: 503 }),
      'vault write answered 429': vault('PUT', { kind: 'throttle', retryAfterSeconds: 7 }),
      'vault write answered 403': vault('PUT', { kind: 'status', status: 403 }),
      'answer of a vault write lost': vault('PUT', { kind: 'dropResponse' }),
      'vault read answered 403': vault('GET', { kind: 'status', status: 403 }),
      'vault read answered 429': vault('GET', { kind: 'throttle', retryAfterSeconds: 7 }),
    },
    /** At most one of these at a time, or nobody would be left to go on. */
    great: {
      'worker stopped past its lease, having just got it': stall('lease', standStill(2)),
      'worker stopped past its lease, having read the vault': stall('read', standStill(2)),
      'worker stopped past its lease, with a new pair': gate('beforeAnswer', standStill(2)),
      'worker died, having just got the lease': stall('lease', die),
      'worker died, with a new pair': gate('beforeAnswer', die),
      'worker died, writing to the vault': stall('write', die),
    },
    /**
     * Nothing beside it: a write that arrives later than two refreshes of another worker is beyond any lease, because Key
     * Vault takes it (docs/decisions/0008).
     */
    alone: { 'worker stopped past its lease, writing to the vault': stall('write', standStill(1)) },
  };
}

type VaultFault =
  | { kind: 'status'; status: number }
  | { kind: 'throttle'; retryAfterSeconds: number }
  | { kind: 'dropResponse' };
