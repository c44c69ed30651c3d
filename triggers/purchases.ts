/**
 * The landing page's side of a purchase: what its token stands for, and its activation. Whoever has the token, which the
 * marketplace gives for 24 hours, is the purchaser (Partner Center, "Build the landing page for your SaaS offer").
 */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { z } from 'zod';
import type { CustomerCodes } from '../clients/customer-codes.ts';
import type {
  MarketplaceClient,
  MarketplaceSubscription,
} from '../clients/marketplace/marketplace-client.ts';
import { activationId } from '../contracts/identities.ts';
import { activateSubscriptionName } from '../contracts/marketplace.ts';
import { VendorError } from '../domain/vendor-error.ts';
import { problem, readJson } from './answers.ts';
import { startAgain } from './starts.ts';

interface Dependencies {
  marketplace: MarketplaceClient;
  codes: CustomerCodes;
}

const bodySchema = z.strictObject({ token: z.string().min(1).max(4096) });

export function registerPurchases(dependencies: Dependencies): void {
  const common = { methods: ['POST' as const], authLevel: 'anonymous' as const };
  app.http('showPurchase', {
    ...common,
    route: 'marketplace/purchases',
    handler: (request) =>
      withPurchase(dependencies, request, (purchase) =>
        Promise.resolve({ jsonBody: overview(purchase), headers: noStore }),
      ),
  });
  app.http('activatePurchase', {
    ...common,
    route: 'marketplace/purchases/activate',
    extraInputs: [input.durableClient()],
    handler: (request, context) =>
      withPurchase(dependencies, request, (purchase) => activate(dependencies, purchase, context)),
  });
}

const noStore = { 'cache-control': 'no-store' };

/** Activation takes a while: the answer says where to look how it is, and the code to be let in with. */
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

function overview({
  id,
  name,
  offerId,
  planId,
  quantity,
  status,
  term,
  isFreeTrial,
  isTest,
}: MarketplaceSubscription) {
  return {
    subscriptionId: id,
    name,
    offerId,
    planId,
    quantity,
    status,
    termUnit: term.unit,
    isFreeTrial,
    isTest,
    nextStep: nextSteps[status] ?? 'none',
  };
}

const nextSteps: Partial<Record<string, 'activate' | 'pay' | 'buyAgain'>> = {
  PendingFulfillmentStart: 'activate',
  Suspended: 'pay',
  Unsubscribed: 'buyAgain',
};

async function withPurchase(
  { marketplace }: Dependencies,
  request: HttpRequest,
  use: (purchase: MarketplaceSubscription) => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const read = await readJson(request);
  if ('refusal' in read) return read.refusal;
  const parsed = bodySchema.safeParse(read.body);
  if (!parsed.success) {
    return problem(400, 'The body is no purchase token.', { token: 'must be the token of the landing page' });
  }
  let purchase: MarketplaceSubscription;
  try {
    purchase = await marketplace.resolve(parsed.data.token);
  } catch (error) {
    return refusal(error);
  }
  return use(purchase);
}

function refusal(error: unknown): HttpResponseInit {
  if (!(error instanceof VendorError)) throw error;
  if (error.failure === 'rejected' || error.failure === 'notFound') {
    const token =
      'is no good, or older than 24 hours: open Presence Hub from the list of your subscriptions again';
    return problem(400, 'The token does not stand for a purchase.', { token });
  }
  return problem(503, 'The marketplace cannot be asked now.');
}
