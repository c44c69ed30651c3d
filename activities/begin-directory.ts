/** Begins a run of reading a tenant's directories, which takes the place of one that may be under way. Called by `syncDirectory`. */
import type { beginDirectory } from '../contracts/sync-directory.ts';
import { directoryIsDue } from '../domain/directory-sync.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { servedTenant } from './shared/served-tenant.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeBeginDirectory({ store, clock }: Dependencies): Effect<typeof beginDirectory> {
  return async ({ tenantId, onlyIfDue, afterFailure }) => {
    if ((await servedTenant(store, tenantId)) === undefined) return { kind: 'notNeeded' };
    const { startedAt, outcome } = await store.directorySyncs.find(tenantId);
    const now = clock();
    const isDue = directoryIsDue(startedAt, now) || (afterFailure && outcome === 'failed');
    if (onlyIfDue && !isDue) return { kind: 'notNeeded' };
    return { kind: 'begun', run: await store.directorySyncs.begin(tenantId, now) };
  };
}
