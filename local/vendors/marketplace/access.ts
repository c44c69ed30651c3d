/** Who calls the fulfilment API, and what every request must look like (SaaS fulfillment APIs v2, "Register a SaaS application"). */
import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import type { Tokens } from '../entra/tokens.ts';
import { badRequest, MarketplaceError } from './marketplace-error.ts';

const apiVersion = '2018-08-31';

/** The application and tenant of the offer's technical configuration. */
export interface Publisher {
  readonly clientId: string;
  readonly tenantId: string;
}

/** Lets through only what the publisher's application asks in the one version that there is. */
export function demandPublisher(tokens: Tokens, publisher: Publisher): MiddlewareHandler {
  return async (c, next) => {
    const token = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const caller = token === undefined ? undefined : await tokens.callerOfMarketplace(token);
    if (caller?.clientId !== publisher.clientId || caller.tenantId !== publisher.tenantId) throw forbidden();
    const version = c.req.query('api-version');
    if (version !== apiVersion) throw badRequest(`The api-version must be ${apiVersion}.`, 'api-version');
    await next();
    for (const name of ['x-ms-requestid', 'x-ms-correlationid'])
      c.header(name, c.req.header(name) ?? randomUUID());
  };
}

/** The documentation knows one answer for a bad token and for what another publisher sold. */
export function forbidden(): MarketplaceError {
  return new MarketplaceError(
    403,
    'Forbidden',
    'The authorization token is invalid, expired, or was not provided; or the subscription is of an offer that was published with a different application.',
  );
}

/** @throws MarketplaceError 400 for a query parameter that is not `known` */
export function checkQuery(c: Context, ...known: string[]): void {
  const unknown = Object.keys(c.req.query()).find((name) => name !== 'api-version' && !known.includes(name));
  if (unknown !== undefined) throw badRequest('The query parameter is unknown.', unknown);
}

/** A JSON body, parsed strictly. @throws MarketplaceError 400, or 415 */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  if (!(c.req.header('content-type') ?? '').toLowerCase().startsWith('application/json'))
    throw new MarketplaceError(415, 'UnsupportedMediaType', 'The content type must be application/json.');
  const json = await c.req.json<unknown>().catch(() => {
    throw badRequest('The body is not JSON.');
  });
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(issue?.message ?? 'The body is not as expected.', issue?.path.join('.') || 'body');
}
