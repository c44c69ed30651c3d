/** Notes how a run of reading a tenant's directories has ended. Called by `syncDirectory`. */
import type { concludeDirectory } from '../contracts/sync-directory.ts';
import { plainCode } from '../domain/customer-log.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeConcludeDirectory({ store, clock }: Dependencies): Effect<typeof concludeDirectory> {
  return async ({ tenantId, run, outcome, code }) => ({
    again: await store.directorySyncs.end(tenantId, run, {
      outcome,
      code: code === undefined ? undefined : plainCode(code),
      at: clock(),
    }),
  });
}
