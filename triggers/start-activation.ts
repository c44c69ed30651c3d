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
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { activationOf } from '../contracts/marketplace.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { noStore, problem } from './answers.ts';
import { customerPaths } from './customer-door.ts';
import { overview, withPurchase } from './purchase-door.ts';

interface Dependencies {
  marketplace: MarketplaceClient;
  codes: CustomerCodes;
  telemetry: Telemetry;
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
  { codes, telemetry }: Dependencies,
  purchase: MarketplaceSubscription,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  if (purchase.status === 'Unsubscribed')
    return problem(409, 'The subscription has ended. It can be bought again.');
  const { id: tenantId } = purchase;
  try {
    await startUnlessUnderWay(getClient(context), activationOf(tenantId));
  } catch (error) {
    telemetry.record('workNotBegun', { kind: errorKind(error) }, { tenantId });
    return problem(503, 'The activation cannot be begun now.');
  }
  return {
    status: 202,
    headers: { ...noStore, location: customerPaths.subscription },
    jsonBody: { ...overview(purchase), code: codes.codeFor(tenantId) },
  };
}
