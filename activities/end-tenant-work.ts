/** Terminates what runs for a tenant. Called by `eraseTenantData`. */
import { makeTaskHub } from '../clients/task-hub.ts';
import type { endTenantWork } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { Effect } from './shared/activity.ts';
import { inParallel } from './shared/in-parallel.ts';

export function makeEndTenantWork(): Effect<typeof endTenantWork> {
  return async ({ tenantId, category, self }, { durable }) => {
    const hub = makeTaskHub(durable);
    let running = 0;
    for (const { prefix } of erasurePlan(tenantId, category).instances) {
      for await (const page of hub.listed(prefix)) {
        const atWork = page.filter(({ instanceId, isOver }) => !isOver && instanceId !== self);
        running += atWork.length;
        await inParallel(atWork, ({ instanceId }) => hub.terminate(instanceId));
      }
    }
    return { running };
  };
}
