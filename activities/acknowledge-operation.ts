/** Answers an operation of the marketplace. Called by `handleMarketplaceOperation`. */
import type { MarketplaceClient } from '../clients/marketplace/marketplace-client.ts';
import type { acknowledgeOperation } from '../contracts/marketplace.ts';
import { VendorError } from '../domain/vendor-error.ts';
import type { Effect } from './shared/activity.ts';

/** What says that there is nothing to be answered any more: done already, overtaken by a newer one, or gone. */
const over: ReadonlySet<string> = new Set(['conflict', 'notFound', 'rejected']);

export function makeAcknowledgeOperation({
  marketplace,
}: {
  marketplace: MarketplaceClient;
}): Effect<typeof acknowledgeOperation> {
  return async ({ tenantId, operationId, answer }) => {
    try {
      await marketplace.acknowledge(tenantId, operationId, answer);
      return { taken: true };
    } catch (error) {
      if (error instanceof VendorError && over.has(error.failure)) return { taken: false };
      throw error;
    }
  };
}
