/**
 * Two workers share one customer's RingCentral connection, one vault and one lease store, while whatever can go wrong does,
 * in an order that follows from a seed. Used by the bench of the token store and, shorter, by its test.
 */
import { setImmediate } from 'node:timers/promises';
import { defaultTimeoutMs, readAnswer } from '../clients/http-answer.ts';
import { makeSecrets } from '../clients/secrets.ts';
import { makeTokens } from '../clients/tokens.ts';
import { withToken } from '../clients/with-token.ts';
import type { ConnectionLeases } from '../domain/connection-lease.ts';
import { ringCentralGrantName } from '../domain/secret-names.ts';
import { VendorError } from '../domain/vendor-error.ts';
import { installDate, VirtualClock } from '../local/clock/virtual-clock.ts';
import { Work } from '../local/clock/work.ts';
import { startEntra } from '../local/vendors/entra/entra.ts';
import { startKeyVault } from '../local/vendors/key-vault/key-vault.ts';
import { startRingCentral } from '../local/vendors/ring-central/ring-central.ts';
import { openSimulation } from '../local/vendors/simulation.ts';
import {
  faultsOf,
  fragileLeases,
  fragileSecrets,
  type Blow,
  type Fault,
  type Fragile,
  type Worker,
} from './fragile-worker.ts';
import { Ledger, openGate, type Gate } from './token-gate.ts';

export interface Outcome {
  refreshes: number;
  /** How often each thing went wrong. */
  faults: Record<string, number>;
  repairs: number;
  doubleUses: number;
  /** Steps after which the vault did not hold the vendor's newest refresh token, or a worker was told to reconnect. */
  lost: number;
  /** Steps after which a worker still had no working token. */
  stuck: number;
}

const tenantId = 'tenant-1';
const minuteMs = 60_000;
const overLeaseMs = 150_000;
/** How long a new process takes to start in the place of one that died. */
const restartMs = 1_000;
const mostTries = 60;

/** Runs steps until so many refreshes have taken place. */
export async function refreshUnderFaults(refreshes: number, seed: number): Promise<Outcome> {
  const random = randomNumbers(seed);
  const world = await makeWorld(random);
  const outcome: Outcome = { refreshes: 0, faults: {}, repairs: 0, doubleUses: 0, lost: 0, stuck: 0 };
  try {
    while (world.ledger.refreshes < refreshes && outcome.lost === 0 && outcome.stuck === 0) {
      await world.clock.advance((random() < 0.2 ? 2 : 56 + 20 * random()) * minuteMs);
      const planned = await world.plan();
      const ends = await Promise.all([world.use(0), world.use(1)]);
      for (const [name, hasHappened] of planned) {
        if (hasHappened()) outcome.faults[name] = (outcome.faults[name] ?? 0) + 1;
      }
      world.calm();
      outcome.stuck += ends.filter((end) => end === 'stuck').length;
      const isLost = ends.includes('lost') || (await world.stored()) !== world.ledger.newest;
      if (isLost) outcome.lost += 1;
    }
    const { refreshes: made, repairs, doubleUses } = world.ledger;
    return { ...outcome, refreshes: made, repairs, doubleUses };
  } finally {
    await world.close();
  }
}

async function makeWorld(random: () => number) {
  const work = new Work();
  const clock = new VirtualClock(work, new Date('2026-01-05T10:00:00Z'));
  const restoreDate = installDate(clock);
  const simulation = openSimulation(clock, work);
  const entra = await startEntra(simulation);
  const keyVault = await startKeyVault(simulation, {
    tokens: entra.tokens,
    tenantId: entra.homeTenantId,
    allowedOid: entra.identity.oid,
    retentionDays: 7,
  });
  const ringCentral = await startRingCentral(simulation);
  const account = ringCentral.createAccount({
    people: [{ firstName: 'Ada', lastName: 'X', mail: 'ada@x.example' }],
  });
  const ledger = new Ledger(account.refreshToken);
  const secrets = makeSecrets({
    vaultUrl: keyVault.url,
    credential: {
      getToken: async () => {
        const { token } = await entra.tokens.forManagedIdentity(entra.identity);
        return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    },
    timeoutMs: 2_000,
  });
  const leases = leasesInMemory();
  const gates: Gate[] = [];

  const aWorker = async (): Promise<Worker> => {
    const gate = await openGate(ringCentral.url, ledger);
    gates.push(gate);
    const { promise: death, resolve } = Promise.withResolvers<void>();
    const worker: Fragile = {
      gate,
      stall: {},
      hasLease: false,
      isDead: false,
      death,
      die: () => {
        worker.isDead = true;
        resolve();
      },
    };
    const app = { clientId: 'none', clientSecret: 'none' };
    const tokens = makeTokens({
      secrets: fragileSecrets(secrets, worker, random),
      leases: fragileLeases(leases, worker),
      microsoft: { authorityUrl: entra.url, ...app },
      ringCentral: { serverUrl: gate.url, ...ringCentral.app },
      clock: () => new Date(clock.now()),
      timeoutMs: defaultTimeoutMs,
      pause: async (ms) => {
        await setImmediate();
        await clock.advance(ms);
      },
    });
    return Object.assign(worker, { tokens });
  };
  const workers: [Worker, Worker] = [await aWorker(), await aWorker()];
  await workers[0].tokens.storeRingCentralGrant(tenantId, account.refreshToken);

  /** A call to RingCentral, tried again as durable work would be, by whoever has the place of this worker. */
  const use = async (place: 0 | 1): Promise<'done' | 'lost' | 'stuck'> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const worker = workers[place];
      const end = await Promise.race([attempt(worker), worker.death.then(() => restartMs)]);
      if (end === 'done' || end === 'lost') return end;
      await clock.advance(end);
    }
    return 'stuck';
  };

  const attempt = async ({ tokens, gate }: Worker): Promise<'done' | 'lost' | number> => {
    const path = `/restapi/v1.0/account/~/extension/${account.adminExtensionId}/presence`;
    try {
      const { status } = await withToken(
        tokens,
        () => tokens.ringCentral(tenantId),
        async (token) =>
          readAnswer(await fetch(`${gate.url}${path}`, { headers: { authorization: `Bearer ${token}` } })),
      );
      return status === 200 ? 'done' : minuteMs;
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      if (error.failure === 'consentRevoked') return 'lost';
      return (error.retryAfterSeconds ?? 5) * 1000;
    }
  };

  /** Time goes by, and the other worker does what it would: it refreshes, if need be, `times` over. */
  const standStill =
    (times: 1 | 2): Blow =>
    (place) =>
    async () => {
      const other = place === 0 ? 1 : 0;
      await clock.advance(overLeaseMs);
      if (times === 2) workers[other].gate.faults.refuseToken = true;
      await use(other);
    };

  const die: Blow = (place) => async () => {
    const worker = workers[place];
    const successor = await aWorker();
    workers[place] = successor;
    worker.die();
    await new Promise(() => undefined);
  };

  /** Both want to refresh, and neither can store what it gets, for longer than RingCentral repeats a pair. */
  const vaultOutage = async (): Promise<void> => {
    simulation.faults.add({ vendor: 'keyVault', kind: 'status', status: 503, match: 'PUT' });
    await Promise.all(workers.map(attempt));
    await clock.advance(120 * minuteMs);
    simulation.faults.clear();
  };

  const { small, great, alone } = faultsOf({ workers, simulation, standStill, die });

  return {
    clock,
    ledger,
    use,
    /** Switches on what may go wrong in the next step; answers what that is, and how to tell whether it has happened. */
    plan: async (): Promise<Map<string, () => boolean>> => {
      const planned = new Map<string, () => boolean>();
      const pick = (from: Record<string, Fault>): void => {
        const names = Object.keys(from);
        const name = names[Math.floor(random() * names.length)] ?? '';
        const place = random() < 0.5 ? 0 : 1;
        if (!planned.has(name)) planned.set(name, from[name]?.(place) ?? (() => false));
      };
      const kind = random();
      if (kind < 0.08) {
        pick(alone);
        return planned;
      }
      if (kind < 0.13) {
        await vaultOutage();
        planned.set('no vault writes for two hours', () => true);
      }
      for (let count = Math.floor(random() * 4); count > 0; count -= 1) pick(small);
      if (kind > 0.6) pick(great);
      return planned;
    },
    calm: (): void => {
      simulation.faults.clear();
      for (const worker of workers) {
        worker.gate.faults = {};
        worker.stall = {};
      }
    },
    stored: async (): Promise<unknown> => {
      const secret = JSON.parse((await secrets.get(ringCentralGrantName(tenantId))) ?? '{}') as {
        refreshToken?: string;
      };
      return secret.refreshToken;
    },
    close: async (): Promise<void> => {
      await Promise.all([...gates, entra, keyVault, ringCentral].map((each) => each.close()));
      simulation.close();
      restoreDate();
    },
  };
}

function leasesInMemory(): ConnectionLeases {
  const held = new Map<string, { holder: string; until: number }>();
  return {
    acquire: async (_tenantId, connection, holder, { now, seconds }) => {
      await setImmediate();
      const lease = held.get(connection);
      const isFree = lease === undefined || lease.holder === holder || lease.until <= now.getTime();
      if (isFree) held.set(connection, { holder, until: now.getTime() + seconds * 1000 });
      await setImmediate();
      return isFree;
    },
    release: async (_tenantId, connection, holder) => {
      await setImmediate();
      if (held.get(connection)?.holder === holder) held.delete(connection);
    },
  };
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
