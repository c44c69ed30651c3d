/** Starts the erasures of a tenant that are due, unless they are under way. Called by `suspendTenant` and `cancelTenant`. */
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { erasureOf } from '../contracts/erase-tenant-data.ts';
import type { beginErasures } from '../contracts/lifecycle.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeBeginErasures({ store, clock }: Dependencies): Effect<typeof beginErasures> {
  return async ({ tenantId }, { durable }) => {
    const due = (await store.dueDeletions.of(tenantId)).filter(({ dueAt }) => dueAt <= clock());
    for (const { category } of due) {
      await startUnlessUnderWay(durable, erasureOf(tenantId, category));
    }
    return { begun: due.length };
  };
}
