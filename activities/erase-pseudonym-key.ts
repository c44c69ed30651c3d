/**
 * Purges the key of a tenant's pseudonyms. Telemetry makes one for tenants that are served only, so it comes after the rows
 * that say so; the copy in a worker's memory is never written back.
 */
import type { Secrets } from '../clients/secrets.ts';
import type { erasePseudonymKey } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import { pseudonymKeyName } from '../domain/secret-names.ts';
import type { Effect } from './shared/activity.ts';
import { namesLike } from './shared/secret-names.ts';

interface Dependencies {
  secrets: Pick<Secrets, 'names' | 'remove'>;
}

export function makeErasePseudonymKey({ secrets }: Dependencies): Effect<typeof erasePseudonymKey> {
  return async ({ tenantId, category }) => {
    const name = pseudonymKeyName(tenantId);
    const place = erasurePlan(tenantId, category).secrets.find(({ prefix }) => prefix === name);
    if (place === undefined || namesLike(await secrets.names(), name).length === 0) return {};
    await secrets.remove(name);
    return { [place.placeId]: 1 };
  };
}
