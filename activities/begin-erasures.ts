/** Starts the erasures of a tenant that are due, unless they are under way. Called by `suspendTenant` and `cancelTenant`. */
import { eraseTenantDataName } from '../contracts/erase-tenant-data.ts';
import { erasureId } from '../contracts/identities.ts';
import type { beginErasures } from '../contracts/lifecycle.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { startUnlessAlive } from './shared/durable-effects.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeBeginErasures({ store, clock }: Dependencies): Effect<typeof beginErasures> {
  return async ({ tenantId }, { durable }) => {
    const due = (await store.dueDeletions.of(tenantId)).filter(({ dueAt }) => dueAt <= clock());
    for (const { category } of due) {
      await startUnlessAlive(durable, {
        name: eraseTenantDataName,
        instanceId: erasureId(tenantId, category),
        input: { tenantId, category },
      });
    }
    return { begun: due.length };
  };
}
