/** Purges a tenant's grants from the vault. Called by `eraseTenantData`. */
import type { Secrets } from '../clients/secrets.ts';
import type { Tokens } from '../clients/tokens.ts';
import type { Counts, eraseSecrets } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import { graphGrantName, pseudonymKeyName, ringCentralGrantName } from '../domain/secret-names.ts';
import type { Effect } from './shared/activity.ts';
import { namesLike } from './shared/secret-names.ts';

interface Dependencies {
  secrets: Pick<Secrets, 'names' | 'remove'>;
  tokens: Pick<Tokens, 'removeGraphGrant' | 'removeRingCentralGrant' | 'revokeRingCentralGrant'>;
}

export function makeEraseSecrets({ secrets, tokens }: Dependencies): Effect<typeof eraseSecrets> {
  /** Grants go under the lease of their connection, so that no refresh under way brings one back. */
  const remove = (tenantId: string, name: string): Promise<void> => {
    const shard = Number(name.slice(graphGrantName(tenantId, 0).length - 1));
    if (Number.isInteger(shard) && name === graphGrantName(tenantId, shard)) {
      return tokens.removeGraphGrant(tenantId, shard);
    }
    if (name === ringCentralGrantName(tenantId)) {
      // Given back where it can be; what is due to go does not wait for RingCentral.
      return tokens.revokeRingCentralGrant(tenantId).catch(() => tokens.removeRingCentralGrant(tenantId));
    }
    return secrets.remove(name);
  };
  return async ({ tenantId, category }) => {
    const erased: Counts = {};
    const held = await secrets.names();
    for (const { placeId, prefix } of erasurePlan(tenantId, category).secrets) {
      const names = namesLike(held, prefix).filter((name) => name !== pseudonymKeyName(tenantId));
      for (const name of names) await remove(tenantId, name);
      if (names.length > 0) erased[placeId] = names.length;
    }
    return erased;
  };
}
