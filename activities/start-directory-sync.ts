/** Starts the nightly reading of a tenant's directories, if it is due. Called by `tendTenant`, which also comes after each restart. */
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { directorySyncOf, type startDirectorySync } from '../contracts/sync-directory.ts';
import { directoryIsDue } from '../domain/directory-sync.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeStartDirectorySync({ store, clock }: Dependencies): Effect<typeof startDirectorySync> {
  return async ({ tenantId }, { durable }) => {
    const { startedAt } = await store.directorySyncs.find(tenantId);
    if (!directoryIsDue(startedAt, clock())) return { started: false };
    await startUnlessUnderWay(durable, directorySyncOf(tenantId, 'night'));
    return { started: true };
  };
}
