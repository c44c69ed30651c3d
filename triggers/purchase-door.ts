/** What both sides of the landing page have in common: who has a purchase's token is its purchaser, for 24 hours. */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type {
  MarketplaceClient,
  MarketplaceSubscription,
} from '../clients/marketplace/marketplace-client.ts';
import { VendorError } from '../domain/vendor-error.ts';
import { problem, readJson } from './answers.ts';

const bodySchema = z.strictObject({ token: z.string().min(1).max(4096) });

/** Answers with what `use` makes of the purchase that the request's token stands for, else why there is none. */
export async function withPurchase(
  marketplace: MarketplaceClient,
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

/** The purchase as the landing page shows it: nothing of any person. */
export function overview({
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
