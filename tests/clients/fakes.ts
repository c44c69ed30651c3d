/** Stand-ins with the adapters' own interfaces, for tests of the adapters above them. */
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Secrets } from '../../clients/secrets.ts';
import type { Tokens } from '../../clients/tokens.ts';
import type { ConnectionLeases } from '../../domain/connection-lease.ts';
import { VendorError } from '../../domain/vendor-error.ts';

/** A vault in memory that counts its reads. `writable: false` makes writes fail. */
export function aVault(
  stored: Record<string, object> = {},
): Secrets & { stored: Map<string, string>; writable: boolean; reads: number } {
  const vault = {
    stored: new Map(Object.entries(stored).map(([name, value]) => [name, JSON.stringify(value)])),
    writable: true,
    reads: 0,
    get: (name: string) => {
      vault.reads += 1;
      return Promise.resolve(vault.stored.get(name));
    },
    set: (name: string, value: string) => {
      if (!vault.writable) return Promise.reject(new VendorError('unavailable', 'HTTP503'));
      vault.stored.set(name, value);
      return Promise.resolve();
    },
    remove: (name: string) => {
      vault.stored.delete(name);
      return Promise.resolve();
    },
    names: () => Promise.resolve({ live: [...vault.stored.keys()], deleted: [] }),
  };
  return vault;
}

/** Leases in memory, for the workers of one test; every answer takes its time, as that of a database does. */
export function someLeases(): ConnectionLeases {
  const held = new Map<string, { holder: string; until: number }>();
  return {
    acquire: async (tenantId, connection, holder, { now, seconds }) => {
      await setImmediate();
      const key = `${tenantId} ${connection}`;
      const lease = held.get(key);
      const isFree = lease === undefined || lease.holder === holder || lease.until <= now.getTime();
      if (isFree) held.set(key, { holder, until: now.getTime() + seconds * 1000 });
      await setImmediate();
      return isFree;
    },
    release: async (tenantId, connection, holder) => {
      await setImmediate();
      const key = `${tenantId} ${connection}`;
      if (held.get(key)?.holder === holder) held.delete(key);
    },
  };
}

/** Tokens that carry their connection and generation: after `invalidate` the next generation is handed out. */
export function someTokens(): Tokens & { invalidated: string[] } {
  const invalidated: string[] = [];
  const token = (connection: string) => Promise.resolve(`secret-token-${connection}-${invalidated.length}`);
  return {
    invalidated,
    graphDelegated: (tenant, shard) => token(`${tenant.tenantId}-${shard}`),
    graphApplication: (microsoftTenantId) => token(`application-${microsoftTenantId}`),
    ringCentral: (tenantId) => token(tenantId),
    invalidate: (accessToken) => void invalidated.push(accessToken),
    storeGraphGrant: () => Promise.resolve(),
    storeRingCentralGrant: () => Promise.resolve(),
    removeGraphGrant: () => Promise.resolve(),
    removeRingCentralGrant: () => Promise.resolve(),
    revokeRingCentralGrant: () => Promise.resolve(),
  };
}

/** The VendorError that the call fails with; its whole print, causes included, must not hold what is secret. */
export async function failureOf(call: Promise<unknown>): Promise<VendorError> {
  const failure = await call.then(
    (value) => {
      throw new Error(`Expected a failure, got ${inspect(value)}`);
    },
    (error: unknown) => error,
  );
  if (!(failure instanceof VendorError)) throw failure;
  const print = inspect(failure, { depth: 20, showHidden: true });
  if (/secret-|Ada Lovelace/.test(print)) throw new Error(`The error tells secrets: ${print}`);
  return failure;
}
