/**
 * Whether an operation of the marketplace waits for our answer, and which it should be: read from the marketplace itself,
 * because a webhook is only a hint (SaaS fulfillment APIs v2, "Implementing a webhook on the SaaS service").
 */
import type { MarketplaceClient } from '../clients/marketplace/marketplace-client.ts';
import type { weighOperation } from '../contracts/marketplace.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer } from './shared/customer-log.ts';
import { unlessForeign } from './shared/unless-foreign.ts';

interface Dependencies {
  store: Store;
  marketplace: MarketplaceClient;
  isOffered: (planId: string) => boolean;
  clock: () => Date;
}

/** What the marketplace waits with for our word; of the rest it only tells us. */
const awaited: ReadonlySet<string> = new Set(['ChangePlan', 'ChangeQuantity', 'Reinstate']);

export function makeWeighOperation(dependencies: Dependencies): Effect<typeof weighOperation> {
  const { store, marketplace, isOffered } = dependencies;
  return async ({ tenantId, operationId }, tools) => {
    const operation = await unlessForeign(store, tenantId, () =>
      marketplace.getOperation(tenantId, operationId),
    );
    if (operation?.status !== 'InProgress' || !awaited.has(operation.action)) return {};
    const { action, planId } = operation;
    if (action !== 'ChangePlan' || (planId !== undefined && isOffered(planId))) return { answer: 'Success' };
    const reason = 'planNotOffered';
    tools.telemetry.record('operationRefused', { reason }, { tenantId });
    const told = [{ happening: { kind: 'changeRefused', reason } as const, once: operationId }];
    await tellCustomer(dependencies, tools, tenantId, { told });
    return { answer: 'Failure', reason };
  };
}
