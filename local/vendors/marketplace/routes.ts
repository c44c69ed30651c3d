/** The fulfilment API's calls (SaaS fulfillment APIs v2, "Subscription APIs", "Operations APIs"). */
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { Tokens } from '../entra/tokens.ts';
import type { Simulation } from '../simulation.ts';
import { checkQuery, demandPublisher, forbidden, readBody, type Publisher } from './access.ts';
import { waitsForAnswer } from './actions.ts';
import type { Books } from './books.ts';
import type { Change, Fulfilment } from './fulfilment.ts';
import { badRequest, MarketplaceError, marketplaceErrorResponse, notFound } from './marketplace-error.ts';
import type { Operation, Subscription } from './model.ts';
import { availablePlans, publisherId } from './plans.ts';
import type { PurchaseTokens } from './purchase-tokens.ts';
import {
  allowedOperations,
  operationBody,
  quirksOf,
  resolvedBody,
  subscriptionBody,
  type HasQuirk,
} from './wire.ts';

export interface RouteParts {
  readonly simulation: Simulation;
  readonly tokens: Tokens;
  readonly publisher: Publisher;
  readonly books: Books;
  readonly fulfilment: Fulfilment;
  readonly purchaseTokens: PurchaseTokens;
  /** Where this is served, without a slash at the end. */
  readonly url: () => string;
}

const pageSize = 100;
const activation = z.strictObject({ planId: z.string(), quantity: z.int().optional() });
const change: z.ZodType<Change> = z.union([
  z.strictObject({ planId: z.string() }),
  z.strictObject({ quantity: z.int() }),
]);
const acknowledgement = z.strictObject({ status: z.enum(['Success', 'Failure']) });

/** Everything under `/api`. */
export function marketplaceRoutes(parts: RouteParts): Hono {
  const app = new Hono().basePath('/api/saas/subscriptions');
  app.use('*', demandPublisher(parts.tokens, parts.publisher));
  app.onError((error) => {
    if (error instanceof MarketplaceError) return marketplaceErrorResponse(error);
    throw error;
  });
  app.notFound(() => marketplaceErrorResponse(notFound('resource')));
  const has = quirksOf(parts.simulation.faults);
  buyingRoutes(app, parts, has);
  changingRoutes(app, parts);
  operationRoutes(app, parts, has);
  return app;
}

function buyingRoutes(app: Hono, parts: RouteParts, has: HasQuirk): void {
  const { fulfilment, purchaseTokens } = parts;
  app.post('/resolve', async (c) => {
    checkQuery(c);
    if ((await c.req.text()) !== '') throw badRequest('There must be no body.');
    const id = purchaseTokens.read(c.req.header('x-ms-marketplace-token'));
    return c.json(resolvedBody(own(parts, id), has));
  });
  app.post('/:id/activate', async (c) => {
    checkQuery(c);
    const { planId, quantity } = await readBody(c, activation);
    fulfilment.activate(ofPath(parts, c), { planId, ...(quantity === undefined ? {} : { quantity }) });
    return c.body(null, 200);
  });
  app.get('/', (c) => {
    checkQuery(c, 'continuationToken');
    return list(c, parts, has);
  });
  app.get('/:id', (c) => {
    checkQuery(c);
    return c.json(subscriptionBody(ofPath(parts, c), has));
  });
  app.get('/:id/listAvailablePlans', (c) => {
    checkQuery(c, 'planId');
    if (ofPath(parts, c).status === 'Unsubscribed') throw forbidden();
    return c.json({ plans: availablePlans(c.req.query('planId')) });
  });
}

function changingRoutes(app: Hono, parts: RouteParts): void {
  const { fulfilment } = parts;
  app.patch('/:id', async (c) => {
    checkQuery(c);
    const asked = await readBody(c, change);
    const subscription = allowing(ofPath(parts, c), 'Update');
    return accepted(c, parts, fulfilment.requestChange(subscription, asked, 'Partner'));
  });
  app.delete('/:id', (c) => {
    checkQuery(c);
    const subscription = allowing(ofPath(parts, c), 'Delete');
    return accepted(c, parts, fulfilment.requestCancellation(subscription));
  });
}

function operationRoutes(app: Hono, parts: RouteParts, has: HasQuirk): void {
  const { books, fulfilment } = parts;
  const operationOf = (c: Context): Operation =>
    books.operation(ofPath(parts, c).id, c.req.param('operationId') ?? '');
  app.get('/:id/operations', (c) => {
    checkQuery(c);
    const open = books.operations(ofPath(parts, c).id).filter(({ status }) => status === 'InProgress');
    return c.json(open.length === 0 ? {} : { operations: open.map((each) => operationBody(each, has)) });
  });
  app.get('/:id/operations/:operationId', (c) => {
    checkQuery(c);
    const operation = operationOf(c);
    if (has('noOperations') && !waitsForAnswer(operation.action)) throw notFound('operation');
    return c.json(operationBody(operation, has));
  });
  app.patch('/:id/operations/:operationId', async (c) => {
    checkQuery(c);
    const { status } = await readBody(c, acknowledgement);
    fulfilment.acknowledge(operationOf(c), status);
    return c.body(null, 200);
  });
}

function ofPath(parts: RouteParts, c: Context): Subscription {
  return own(parts, c.req.param('id') ?? '');
}

/** @throws MarketplaceError 404, or 403 when another publisher sold it */
function own({ books }: RouteParts, id: string): Subscription {
  const subscription = books.subscription(id);
  if (subscription.publisherId !== publisherId) throw forbidden();
  return subscription;
}

function allowing(subscription: Subscription, operation: 'Update' | 'Delete'): Subscription {
  if (allowedOperations(subscription).includes(operation)) return subscription;
  throw badRequest(`${operation} is not allowed for this subscription.`);
}

function accepted(c: Context, { url }: RouteParts, { id, subscriptionId }: Operation): Response {
  const location = `${url()}/api/saas/subscriptions/${subscriptionId}/operations/${id}?api-version=2018-08-31`;
  return c.body(null, 202, { 'operation-location': location });
}

/** The token of a page holds the number of the last subscription before it. Nothing bought: an empty body. */
function list(c: Context, { books, url }: RouteParts, has: HasQuirk): Response {
  const token = c.req.query('continuationToken');
  const after = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(after)) throw badRequest('The token is not one of ours.', 'continuationToken');
  const rest = books
    .subscriptions()
    .filter((each) => each.publisherId === publisherId && each.ordinal > after);
  if (rest.length === 0) return c.body(null, 200);
  const page = rest.slice(0, pageSize);
  const next = Buffer.from(String(page.at(-1)?.ordinal)).toString('base64url');
  const link = `${url()}/api/saas/subscriptions?continuationToken=${next}&api-version=2018-08-31`;
  return c.json({
    subscriptions: page.map((each) => subscriptionBody(each, has)),
    ...(rest.length > page.length ? { '@nextLink': link } : {}),
  });
}
