/** The simulated commercial marketplace: the SaaS fulfilment API v2, its webhooks, and a handle for what customers do there. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Entra } from '../entra/entra.ts';
import type { Forgery } from '../faults.ts';
import type { Listening } from '../listen-on-loopback.ts';
import { serve } from '../serve.ts';
import type { Simulation } from '../simulation.ts';
import { VendorData } from '../vendor-data.ts';
import { Books } from './books.ts';
import { Fulfilment } from './fulfilment.ts';
import { marketplaceFault } from './marketplace-error.ts';
import type { Operation, Subscription, WebhookAttempt } from './model.ts';
import { publisherId } from './plans.ts';
import { PurchaseTokens } from './purchase-tokens.ts';
import { buyer, purchaseSchema, type PurchaseRequest } from './purchases.ts';
import { marketplaceRoutes } from './routes.ts';
import { Webhooks } from './webhooks.ts';
import { operationBody, quirksOf, subscriptionBody } from './wire.ts';

const nothing = z.strictObject({});
const changeOfPlan = z.strictObject({ planId: z.string().min(1) });
const changeOfQuantity = z.strictObject({ quantity: z.int() });

/** What the customer or Microsoft can do, with what each needs to know. */
export const marketplaceActions = [
  'change-plan',
  'change-quantity',
  'suspend',
  'reinstate',
  'renew',
  'unsubscribe',
  'transfer',
] as const;
type MarketplaceAction = (typeof marketplaceActions)[number];

/** A webhook out of the blue. */
interface LooseWebhook {
  readonly subscriptionId: string;
  readonly action: string;
  /** Any other id by default. */
  readonly operationId?: string | undefined;
  readonly planId?: string | undefined;
  readonly quantity?: number | undefined;
  /** What is wrong with its token; nothing by default. */
  readonly forged?: Forgery | undefined;
}

export interface Marketplace {
  /** Where the API is, as publishers configure it: with `/api`, without a slash at the end. */
  readonly url: string;
  /** Where the publisher listens for webhooks. */
  setWebhookUrl(url: string): void;
  /** A customer buys; the token is what the landing page gets. @throws ZodError, MarketplaceError */
  purchase(request: PurchaseRequest): { subscriptionId: string; purchaseToken: string };
  /** The customer opens the landing page again, from the list of what it bought. @throws MarketplaceError */
  purchaseToken(subscriptionId: string): string;
  /** @throws ZodError for a body that does not fit, MarketplaceError for what cannot be done now */
  act(subscriptionId: string, action: MarketplaceAction, body?: unknown): { operationId: string };
  /** Sends a webhook behind which there is no operation, once. */
  sendWebhook(webhook: LooseWebhook): void;
  /** What the API would tell, and the webhooks so far. @throws MarketplaceError */
  show(subscriptionId: string): { subscription: object; operations: object[]; webhooks: WebhookAttempt[] };
  /** Every webhook attempted so far, those for nobody's subscription included. */
  webhooks(): WebhookAttempt[];
  close(): Promise<void>;
}

export interface MarketplaceOptions {
  readonly directory?: string | undefined;
  readonly port?: number | undefined;
  readonly entra: Entra;
  /** The publisher's application, which lives in Entra's home tenant. */
  readonly clientId: string;
}

interface Parts {
  readonly simulation: Simulation;
  readonly entra: Entra;
  readonly books: Books;
  readonly fulfilment: Fulfilment;
  readonly webhooks: Webhooks;
  readonly purchaseTokens: PurchaseTokens;
}

/** Starts it on its data in `directory`, or in memory. */
export async function startMarketplace(
  simulation: Simulation,
  options: MarketplaceOptions,
): Promise<Marketplace> {
  const data = new VendorData('marketplace', options.directory);
  const { entra, clientId } = options;
  const publisher = { clientId, tenantId: entra.homeTenantId };
  const parts = open(simulation, data, { entra, publisher });
  const serving: Listening = await serve(simulation, {
    vendor: 'marketplace',
    app: marketplaceRoutes({ ...parts, tokens: entra.tokens, publisher, url: () => serving.url }),
    refuse: marketplaceFault,
    port: options.port,
  });
  const close = async (): Promise<void> => {
    parts.fulfilment.close();
    await serving.close();
    data.close();
  };
  return { url: `${serving.url}/api`, ...controls(parts), close };
}

function open(
  simulation: Simulation,
  data: VendorData,
  { entra, publisher }: { entra: Entra; publisher: { clientId: string; tenantId: string } },
): Parts {
  const { clock } = simulation;
  const books = new Books(data);
  const fulfilment = new Fulfilment(clock, { books, data }, (operation, subscription) =>
    webhooks.send(operation, subscription),
  );
  const tokens = { clock, signer: entra.signer, ...publisher };
  const webhooks = new Webhooks(simulation, { data, tokens }, (subscriptionId, operationId, how) =>
    fulfilment.webhookAnswered(subscriptionId, operationId, how),
  );
  const purchaseTokens = new PurchaseTokens(clock, data);
  return { simulation, entra, books, fulfilment, webhooks, purchaseTokens };
}

function controls(parts: Parts): Omit<Marketplace, 'url' | 'close'> {
  const { books, fulfilment, webhooks, purchaseTokens, simulation, entra } = parts;
  const has = quirksOf(simulation.faults);
  return {
    setWebhookUrl: (url) => {
      webhooks.url = url;
    },
    purchase: (request) => {
      const { subscribed, publisherId: seller, ...asked } = purchaseSchema.parse(request);
      const bought = fulfilment.purchase({
        ...buyer(entra.directory, asked),
        publisherId: seller ?? publisherId,
      });
      if (subscribed) fulfilment.activateSilently(bought);
      return { subscriptionId: bought.id, purchaseToken: purchaseTokens.issue(bought.id) };
    },
    purchaseToken: (subscriptionId) => purchaseTokens.issue(books.subscription(subscriptionId).id),
    act: (subscriptionId, action, body = {}) => {
      const operation = perform(fulfilment, books.subscription(subscriptionId), { action, body });
      return { operationId: operation.id };
    },
    sendWebhook: (webhook) => sendLoose(parts, webhook),
    show: (subscriptionId) => {
      const subscription = books.subscription(subscriptionId);
      return {
        subscription: subscriptionBody(subscription, has),
        operations: books.operations(subscriptionId).map((operation) => operationBody(operation, has)),
        webhooks: webhooks.list(subscription.id),
      };
    },
    webhooks: () => webhooks.list(),
  };
}

function perform(
  fulfilment: Fulfilment,
  subscription: Subscription,
  { action, body }: { action: MarketplaceAction; body: unknown },
): Operation {
  if (action === 'change-plan')
    return fulfilment.requestChange(subscription, changeOfPlan.parse(body), 'Azure');
  if (action === 'change-quantity')
    return fulfilment.requestChange(subscription, changeOfQuantity.parse(body), 'Azure');
  nothing.parse(body);
  return fulfilment[action](subscription);
}

function sendLoose({ simulation, webhooks }: Parts, webhook: LooseWebhook): void {
  const { subscriptionId, action, operationId = randomUUID(), planId = 'standard', forged } = webhook;
  const body = {
    id: operationId,
    activityId: operationId,
    publisherId,
    planId,
    ...(webhook.quantity === undefined ? {} : { quantity: webhook.quantity }),
    subscriptionId,
    timeStamp: new Date(simulation.clock.now()).toISOString(),
    action,
    status: 'InProgress',
    operationRequestSource: 'Azure',
    purchaseToken: null,
  };
  webhooks.sendBody(body, forged);
}
