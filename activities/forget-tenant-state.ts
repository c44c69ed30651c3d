/** Has a tenant's entities destroy what they hold: purged while it is still there, one at work would write it anew. */
import { makeTaskHub } from '../clients/task-hub.ts';
import type { Counts, forgetTenantState } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { Effect } from './shared/activity.ts';
import { inParallel } from './shared/in-parallel.ts';

export function makeForgetTenantState(): Effect<typeof forgetTenantState> {
  return async ({ tenantId, category }, { durable }) => {
    const hub = makeTaskHub(durable);
    const told: Counts = {};
    for (const { placeId, prefix } of erasurePlan(tenantId, category).entities) {
      for await (const page of hub.listed(prefix)) {
        await inParallel(page, ({ instanceId }) => hub.forget(instanceId));
        told[placeId] = (told[placeId] ?? 0) + page.length;
      }
    }
    return told;
  };
}
