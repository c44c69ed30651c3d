/** Forgets that an erasure was due, now that it is done. Called by `eraseTenantData`. */
import type { concludeErasure } from '../contracts/erase-tenant-data.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Pick<Store, 'dueDeletions' | 'scrub'>;
}

export function makeConcludeErasure({ store }: Dependencies): Effect<typeof concludeErasure> {
  return async ({ tenantId, category, dueAt }) => {
    await store.dueDeletions.clear(tenantId, { category, dueAt: new Date(dueAt) });
    await store.scrub();
    return {};
  };
}
