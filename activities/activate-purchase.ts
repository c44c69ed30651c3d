/**
 * Begins the customer's billing for a purchase that is not activated yet (SaaS fulfillment APIs v2, "Activate a
 * subscription"). Called by `activateSubscription`; run twice, it asks for the same again, which the marketplace allows.
 */
import type { MarketplaceClient } from '../clients/marketplace/marketplace-client.ts';
import type { activatePurchase } from '../contracts/marketplace.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { followSubscription } from './shared/follow-subscription.ts';
import { unlessForeign } from './shared/unless-foreign.ts';

interface Dependencies {
  store: Store;
  marketplace: MarketplaceClient;
  clock: () => Date;
}

export function makeActivatePurchase(dependencies: Dependencies): Effect<typeof activatePurchase> {
  const { store, marketplace } = dependencies;
  return async ({ tenantId }, tools) => {
    const bought = await unlessForeign(store, tenantId, () => marketplace.getSubscription(tenantId));
    if (bought?.status !== 'PendingFulfillmentStart' || bought.planId === undefined) return { asked: false };
    // Known to us before its billing begins: what is pending is activated again each hour until it is active.
    const occasion = { eventId: 'purchase', event: 'bought' } as const;
    await followSubscription(
      { ...dependencies, ...tools },
      tenantId,
      () => Promise.resolve(bought),
      occasion,
    );
    await marketplace.activate(tenantId, { planId: bought.planId, quantity: bought.quantity });
    return { asked: true };
  };
}
