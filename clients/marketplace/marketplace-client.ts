/** The commercial marketplace as Presence Hub uses it: the SaaS fulfilment API v2. */
import type { z } from 'zod';
import { VendorError } from '../../domain/vendor-error.ts';
import { parseAnswer, type HttpAnswer } from '../http-answer.ts';
import { withoutUndefined } from '../lenient.ts';
import { unlessGone } from '../unless-gone.ts';
import {
  operation,
  operationList,
  planList,
  resolvedPurchase,
  subscription,
  subscriptionPage,
} from './marketplace-answers.ts';
import {
  makeMarketplaceTransport,
  type MarketplaceTransportOptions,
  type SendToMarketplace,
} from './marketplace-transport.ts';

export type MarketplaceSubscription = z.output<typeof subscription>;
export type MarketplaceOperation = z.output<typeof operation>;
type MarketplacePlan = z.output<typeof planList>['plans'][number];

interface MarketplaceSubscriptionPage {
  readonly subscriptions: readonly MarketplaceSubscription[];
  /** Leads to the next page. */
  readonly continuationToken?: string;
}

/**
 * All calls reject with a `VendorError`. `rejected` with 403 means that the offer's technical configuration names another
 * application or tenant, or that the subscription is somebody else's; `consentRevoked` does not occur.
 */
export interface MarketplaceClient {
  /** What the landing page's token, decoded, stands for. `rejected` when the token is no good or older than 24 hours. */
  resolve(purchaseToken: string): Promise<MarketplaceSubscription>;
  /**
   * Begins the customer's billing. Done only later: until `getSubscription` says Subscribed, or, when it failed,
   * Unsubscribed.
   */
  activate(subscriptionId: string, bought: { planId: string; quantity?: number | undefined }): Promise<void>;
  getSubscription(subscriptionId: string): Promise<MarketplaceSubscription | undefined>;
  /** A page of everything ever bought from us, what is unsubscribed included. */
  listSubscriptions(continuationToken?: string): Promise<MarketplaceSubscriptionPage>;
  /** What the customer could change to. `rejected` once it is unsubscribed. */
  listPlans(subscriptionId: string): Promise<MarketplacePlan[]>;
  /** Undefined when there is none of this id, or it belongs to another subscription. */
  getOperation(subscriptionId: string, operationId: string): Promise<MarketplaceOperation | undefined>;
  /** Those that wait for our answer. */
  listOpenOperations(subscriptionId: string): Promise<MarketplaceOperation[]>;
  /** Says whether we carried it out. `conflict` when a newer one is done, or the marketplace went on without our answer. */
  acknowledge(subscriptionId: string, operationId: string, status: 'Success' | 'Failure'): Promise<void>;
}

export type MarketplaceClientOptions = MarketplaceTransportOptions;

export function makeMarketplaceClient(options: MarketplaceClientOptions): MarketplaceClient {
  const send = makeMarketplaceTransport(options);
  return { ...purchaseCalls(send), ...operationCalls(send) };
}

type OperationCalls = Pick<MarketplaceClient, 'getOperation' | 'listOpenOperations' | 'acknowledge'>;

function purchaseCalls(send: SendToMarketplace): Omit<MarketplaceClient, keyof OperationCalls> {
  return {
    resolve: async (purchaseToken) => {
      const headers = { 'x-ms-marketplace-token': sendable(purchaseToken) };
      return parseAnswer(resolvedPurchase, await send({ method: 'POST', path: '/resolve', headers }));
    },
    activate: async (subscriptionId, { planId, quantity }) => {
      const body = withoutUndefined({ planId, quantity });
      await send({ method: 'POST', path: `${pathOf(subscriptionId)}/activate`, body });
    },
    getSubscription: (subscriptionId) =>
      unlessGone(async () =>
        parseAnswer(subscription, await send({ method: 'GET', path: pathOf(subscriptionId) })),
      ),
    listSubscriptions: async (continuationToken) => {
      const query = continuationToken === undefined ? {} : { continuationToken };
      const answer = await send({ method: 'GET', path: '', query });
      if (isEmpty(answer)) return { subscriptions: [] };
      const { subscriptions, '@nextLink': nextLink } = parseAnswer(subscriptionPage, answer);
      return { subscriptions, ...nextOf(nextLink) };
    },
    listPlans: async (subscriptionId) => {
      const answer = await send({ method: 'GET', path: `${pathOf(subscriptionId)}/listAvailablePlans` });
      return parseAnswer(planList, answer).plans;
    },
  };
}

function operationCalls(send: SendToMarketplace): OperationCalls {
  const pathTo = (subscriptionId: string, operationId: string) =>
    `${pathOf(subscriptionId)}/operations/${encodeURIComponent(operationId)}`;
  return {
    getOperation: async (subscriptionId, operationId) => {
      const found = await unlessGone(async () =>
        parseAnswer(operation, await send({ method: 'GET', path: pathTo(subscriptionId, operationId) })),
      );
      return found?.subscriptionId === subscriptionId.toLowerCase() ? found : undefined;
    },
    listOpenOperations: async (subscriptionId) => {
      const answer = await send({ method: 'GET', path: `${pathOf(subscriptionId)}/operations` });
      return isEmpty(answer) ? [] : parseAnswer(operationList, answer).operations;
    },
    acknowledge: async (subscriptionId, operationId, status) => {
      await send({ method: 'PATCH', path: pathTo(subscriptionId, operationId), body: { status } });
    },
  };
}

function pathOf(subscriptionId: string): string {
  return `/${encodeURIComponent(subscriptionId)}`;
}

/** Nothing to list may be told by an empty body. */
function isEmpty({ body }: HttpAnswer): boolean {
  return body.trim() === '';
}

/** What comes from a visitor's address bar must not break the request; a blank is a plus decoded once too often. */
function sendable(purchaseToken: string): string {
  const token = purchaseToken.replaceAll(' ', '+');
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) throw new VendorError('rejected', 'MalformedToken');
  return token;
}

/** Only the token is taken from the link: wherever the link may point, our own token goes to the marketplace alone. */
function nextOf(nextLink: string | undefined): { continuationToken?: string } {
  if (nextLink === undefined) return {};
  const url =
    URL.canParse(nextLink, 'https://relative.example') && new URL(nextLink, 'https://relative.example');
  const continuationToken = url ? url.searchParams.get('continuationToken') : null;
  if (continuationToken === null) throw new VendorError('unavailable', 'UnreadableNextLink');
  return { continuationToken };
}
