/** Looks whether an erasure is due. Called by `eraseTenantData`. */
import type { beginErasure } from '../contracts/erase-tenant-data.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Pick<Store, 'subscriptions'>;
  clock: () => Date;
}

export function makeBeginErasure({ store, clock }: Dependencies): Effect<typeof beginErasure> {
  return async ({ tenantId, category }) => {
    const due = await store.subscriptions.beginErasure(tenantId, category, clock());
    if (due === undefined) return { kind: 'notDue' };
    return { kind: 'due', reason: due.reason, dueAt: due.dueAt.toISOString() };
  };
}
