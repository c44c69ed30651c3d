/** Lets one worker at a time see to a customer's connection: a lease of bounded length, waited for with patience. */
import { randomUUID } from 'node:crypto';
import type { ConnectionLeases } from '../domain/connection-lease.ts';
import { VendorError } from '../domain/vendor-error.ts';

/** A connection: whose it is, and which. */
export interface ConnectionKey {
  readonly tenantId: string;
  /** As `ConnectionLeases` calls it. */
  readonly connection: string;
}

export interface Lease {
  /**
   * Fails with `unavailable` once the lease is too short for another call: a worker that was stopped for minutes must not go
   * on where it was, because another one may have taken its place.
   */
  assertHeld(): void;
}

interface Waiting<T> {
  /** Asked every so often while somebody else has the lease; an answer ends the wait. */
  readonly meanwhile?: () => Promise<T | undefined>;
  readonly patienceMs: number;
}

export interface ConnectionLock {
  /** Runs `work` with the lease. Fails with `unavailable` when it cannot be had in time. */
  hold<T>(key: ConnectionKey, work: (lease: Lease) => Promise<T>, waiting: Waiting<T>): Promise<T>;
}

export interface ConnectionLockOptions {
  readonly leases: ConnectionLeases;
  readonly clock: () => Date;
  readonly pause: (ms: number) => Promise<unknown>;
}

export const leaseSeconds = 120;
/** Longer than any single call to the vendor or the vault may take. */
const spareSeconds = 45;
const firstWaitMs = 100;
const longestWaitMs = 1_000;
const afterBusySeconds = 10;

/** The lock of one worker. */
export function makeConnectionLock({ leases, clock, pause }: ConnectionLockOptions): ConnectionLock {
  const holder = randomUUID();

  const acquire = async ({ tenantId, connection }: ConnectionKey): Promise<Lease | undefined> => {
    const now = clock();
    const acquired = await asUnavailable(() =>
      leases.acquire(tenantId, connection, holder, { now, seconds: leaseSeconds }),
    );
    if (!acquired) return undefined;
    const lastCallAt = now.getTime() + (leaseSeconds - spareSeconds) * 1000;
    return {
      assertHeld: () => {
        if (clock().getTime() < lastCallAt) return;
        throw new VendorError('unavailable', 'LeaseLost', { retryAfterSeconds: 1 });
      },
    };
  };

  return {
    hold: async (key, work, { meanwhile, patienceMs }) => {
      let waitMs = firstWaitMs;
      for (let waitedMs = 0; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, longestWaitMs)) {
        const lease = await acquire(key);
        if (lease !== undefined) {
          try {
            return await work(lease);
          } finally {
            await asUnavailable(() => leases.release(key.tenantId, key.connection, holder));
          }
        }
        if (waitedMs >= patienceMs) {
          throw new VendorError('unavailable', 'ConnectionBusy', { retryAfterSeconds: afterBusySeconds });
        }
        await pause(waitMs);
        const answer = await meanwhile?.();
        if (answer !== undefined) return answer;
      }
    },
  };
}

/** Without our own store nothing is known to be ours; that is to be waited out like any other trouble. */
async function asUnavailable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new VendorError('unavailable', 'LeaseStoreFailed', { cause: error });
  }
}
