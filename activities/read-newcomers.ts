/**
 * Has RingCentral read where its subscription stands already: it covers the whole account, so that it is not made anew,
 * and nobody read, for people who are mapped later. Called by `onboardTenant`; run twice, it reads twice.
 */
import type { readNewcomers } from '../contracts/onboard-tenant.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { startResync } from './shared/durable-effects.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeReadNewcomers({ store, clock }: Dependencies): Effect<typeof readNewcomers> {
  return async ({ tenantId }, { durable }) => {
    const standing = await store.vendorSubscriptions.find({ tenantId, vendor: 'ringCentral', shard: 0 });
    if (standing === undefined) return { started: false };
    await startResync({ store, durable }, { tenantId, side: 'ringCentral' }, clock());
    return { started: true };
  };
}
