/**
 * Who a tenant and its people are in telemetry: MACs under a key of the tenant's own, which lies in Key Vault. Whoever has
 * no key cannot tell whom a record is about, and once the key is purged with the tenant, nobody can.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { pseudonymKeyName } from '../../domain/secret-names.ts';
import type { About } from '../../domain/telemetry.ts';
import type { Secrets } from '../secrets.ts';

interface Pseudonym {
  readonly tenant: string;
  readonly user?: string;
}

export interface Pseudonyms {
  /** Undefined when there is no key to be had: the tenant is not served (any more), or the vault is away. Never rejects. */
  of(about: About): Promise<Pseudonym | undefined>;
}

export interface PseudonymsOptions {
  readonly secrets: Pick<Secrets, 'get' | 'set'>;
  /** Whether a key may be made for this tenant: an erased one's must never be made again. */
  readonly isServed: (tenantId: string) => Promise<boolean>;
  readonly clock: () => Date;
}

/** A purged key is forgotten after this long; two workers that made one at the same time agree after it, too. */
const keyLifeMs = 5 * 60_000;
/** Where there is no key, nobody is asked again for this long. */
const missLifeMs = 60_000;
const mostTenants = 1_000;

interface Held {
  readonly key: Promise<string | undefined>;
  until: number;
}

export function makePseudonyms({ secrets, isServed, clock }: PseudonymsOptions): Pseudonyms {
  const held = new Map<string, Held>();

  const keyOf = (tenantId: string): Promise<string | undefined> => {
    const known = held.get(tenantId);
    if (known !== undefined && known.until > clock().getTime()) return known.key;
    held.delete(tenantId);
    const [oldest] = held.keys();
    if (held.size >= mostTenants && oldest !== undefined) held.delete(oldest);
    const key = findOrMake(secrets, isServed, tenantId).catch(() => undefined);
    const entry: Held = { key, until: clock().getTime() + keyLifeMs };
    held.set(tenantId, entry);
    return key.then((found) => {
      if (found === undefined) entry.until = clock().getTime() + missLifeMs;
      return found;
    });
  };

  return {
    of: async ({ tenantId, userId }) => {
      const key = await keyOf(tenantId);
      if (key === undefined) return undefined;
      const tenant = mac(key, 'tenant');
      return userId === undefined ? { tenant } : { tenant, user: mac(key, `user:${userId.toLowerCase()}`) };
    },
  };
}

/**
 * The vault cannot create only what is not there, so two workers may both make a key. Each reads what the vault holds
 * after its write, and whoever was first follows the other's when its own memory of the key ends.
 */
async function findOrMake(
  secrets: PseudonymsOptions['secrets'],
  isServed: PseudonymsOptions['isServed'],
  tenantId: string,
): Promise<string | undefined> {
  const name = pseudonymKeyName(tenantId);
  const found = await secrets.get(name);
  if (found !== undefined) return found;
  if (!(await isServed(tenantId))) return undefined;
  await secrets.set(name, randomBytes(32).toString('base64url'));
  return secrets.get(name);
}

/** 96 bits: no two people of a tenant share one by chance. */
function mac(key: string, whom: string): string {
  return createHmac('sha256', key).update(whom).digest('base64url').slice(0, 16);
}
