/**
 * Brings our subscription in line with the marketplace's, read anew. Called by `handleMarketplaceOperation` and
 * `activateSubscription`; safe to run twice.
 */
import type { MarketplaceClient, MarketplaceOperation } from '../clients/marketplace/marketplace-client.ts';
import type { applySubscription } from '../contracts/marketplace.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { followSubscription, noteRenewal } from './shared/follow-subscription.ts';
import { unlessForeign } from './shared/unless-foreign.ts';

interface Dependencies {
  store: Store;
  marketplace: MarketplaceClient;
  clock: () => Date;
}

export function makeApplySubscription(dependencies: Dependencies): Effect<typeof applySubscription> {
  const { store, marketplace } = dependencies;
  return async ({ tenantId, operationId }, tools) => {
    const following = { ...dependencies, ...tools };
    const operation = await operationOf(dependencies, tenantId, operationId);
    const read = () => unlessForeign(store, tenantId, () => marketplace.getSubscription(tenantId));
    const occasion = operation ?? { eventId: operationId ?? 'purchase' };
    const followed = await followSubscription(following, tenantId, read, occasion);
    if (followed === undefined) return { settled: true };
    const { seen, after } = followed;
    const isKept = after !== undefined && after.state !== 'cancelled';
    if (isKept && operation?.action === 'Renew') {
      await noteRenewal(following, tenantId, { seen, operation, plan: after });
    }
    const isBusy = operation?.status === 'InProgress' || after?.state === 'pending';
    return { ...(after && { state: after.state }), settled: !isBusy };
  };
}

async function operationOf(
  { store, marketplace }: Dependencies,
  tenantId: string,
  operationId: string | undefined,
): Promise<MarketplaceOperation | undefined> {
  if (operationId === undefined) return undefined;
  return unlessForeign(store, tenantId, () => marketplace.getOperation(tenantId, operationId));
}
