/**
 * Begins the activation of a purchase, from which on it is billed. It takes a while: the answer says where to look how it is,
 * and the code to be let in with.
 */
import { app, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import type { CustomerCodes } from '../clients/customer-codes.ts';
import type {
  MarketplaceClient,
  MarketplaceSubscription,
} from '../clients/marketplace/marketplace-client.ts';
import { activationId } from '../contracts/identities.ts';
import { activateSubscriptionName } from '../contracts/marketplace.ts';
import { problem } from './answers.ts';
import { noStore, overview, withPurchase } from './purchase-door.ts';
import { startAgain } from './starts.ts';

interface Dependencies {
  marketplace: MarketplaceClient;
  codes: CustomerCodes;
}

export function registerStartActivation(dependencies: Dependencies): void {
  app.http('startActivation', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'marketplace/purchases/activate',
    extraInputs: [input.durableClient()],
    handler: (request, context) =>
      withPurchase(dependencies.marketplace, request, (purchase) =>
        activate(dependencies, purchase, context),
      ),
  });
}

async function activate(
  { codes }: Dependencies,
  purchase: MarketplaceSubscription,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  if (purchase.status === 'Unsubscribed')
    return problem(409, 'The subscription has ended. It can be bought again.');
  const { id: tenantId } = purchase;
  const isStarted = await startAgain(getClient(context), {
    name: activateSubscriptionName,
    instanceId: activationId(tenantId),
    input: { tenantId },
  });
  if (!isStarted) return problem(503, 'The activation cannot be begun now.');
  return {
    status: 202,
    headers: { ...noStore, location: '/api/subscription' },
    jsonBody: { ...overview(purchase), code: codes.codeFor(tenantId) },
  };
}
