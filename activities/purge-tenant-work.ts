/** Purges a tenant's ended instances and its entities, whatever is kept of them. Called by `eraseTenantData`. */
import { makeTaskHub } from '../clients/task-hub.ts';
import type { Counts, purgeTenantWork } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { Effect } from './shared/activity.ts';
import { inParallel } from './shared/in-parallel.ts';

export function makePurgeTenantWork(): Effect<typeof purgeTenantWork> {
  return async ({ tenantId, category, spared }, { durable }) => {
    const hub = makeTaskHub(durable);
    const purged: Counts = {};
    const { instances, entities } = erasurePlan(tenantId, category);
    const places = [
      ...instances.map((place) => ({ ...place, areEntities: false })),
      ...entities.map((place) => ({ ...place, areEntities: true })),
    ];
    for (const { placeId, prefix, areEntities } of places) {
      for await (const page of hub.listed(prefix)) {
        // What has not ended would write its history anew.
        const gone = page.filter(
          ({ instanceId, isOver }) => (isOver || areEntities) && !spared.includes(instanceId),
        );
        await inParallel(gone, async ({ instanceId }) => {
          const many = await hub.purge(instanceId);
          purged[placeId] = (purged[placeId] ?? 0) + many;
        });
      }
    }
    return purged;
  };
}
