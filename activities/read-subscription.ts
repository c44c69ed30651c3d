/** Where a subscription stands, and what is due when. Called by `suspendTenant` and `cancelTenant`. */
import type { readSubscription } from '../contracts/lifecycle.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

export function makeReadSubscription({ store }: { store: Store }): Effect<typeof readSubscription> {
  return async ({ tenantId }) => {
    const subscription = await store.subscriptions.find(tenantId);
    const due = await store.dueDeletions.of(tenantId);
    return {
      ...(subscription && { state: subscription.state, entered: subscription.entered }),
      due: due.map(({ category, dueAt }) => ({ category, at: dueAt.toISOString() })),
    };
  };
}
