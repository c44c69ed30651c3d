/** Begins what a worker has stored of a subscription and not lived to begin. Called by `activateSubscription`. */
import type { beginSubscriptionWork } from '../contracts/marketplace.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { beginWork } from './shared/begin-work.ts';

export function makeBeginSubscriptionWork({ store }: { store: Store }): Effect<typeof beginSubscriptionWork> {
  return async ({ tenantId }, { durable }) => {
    await beginWork({ store, durable }, tenantId);
    return {};
  };
}
