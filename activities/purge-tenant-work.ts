/** Purges a tenant's ended instances and its entities, whatever is kept of them. Called by `eraseTenantData`. */
import { makeTaskHub } from '../clients/task-hub.ts';
import type { Counts, purgeTenantWork } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { Effect } from './shared/activity.ts';
import { inParallel } from './shared/in-parallel.ts';

export function makePurgeTenantWork(): Effect<typeof purgeTenantWork> {
  return async ({ tenantId, category, self }, { durable }) => {
    const hub = makeTaskHub(durable);
    const purged: Counts = {};
    const { instances, entities } = erasurePlan(tenantId, category);
    for (const { placeId, prefix } of instances) {
      for await (const page of hub.listed(prefix)) {
        // What has not ended would write its history anew.
        const ended = page.filter(({ instanceId, isOver }) => isOver && instanceId !== self);
        await inParallel(ended, ({ instanceId }) => hub.purge(instanceId));
        if (ended.length > 0) purged[placeId] = (purged[placeId] ?? 0) + ended.length;
      }
    }
    for (const { prefix } of entities) {
      for await (const page of hub.listed(prefix)) {
        await inParallel(page, ({ instanceId }) => hub.purge(instanceId));
      }
    }
    return purged;
  };
}
