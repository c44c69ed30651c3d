/** Errors as the fulfilment API words them (SaaS fulfillment APIs v2, "Subscription APIs", "Operations APIs"). */
import { randomUUID } from 'node:crypto';

export type MarketplaceStatus = 400 | 403 | 404 | 409 | 415;

export class MarketplaceError extends Error {
  override readonly name = 'MarketplaceError';
  readonly status: MarketplaceStatus;
  readonly code: string;
  /** The part of the request at fault. */
  readonly target: string | undefined;

  constructor(status: MarketplaceStatus, code: string, message: string, target?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.target = target;
  }
}

export function badRequest(message: string, target?: string): MarketplaceError {
  return new MarketplaceError(400, 'BadArgument', message, target);
}

export function notFound(what: string): MarketplaceError {
  return new MarketplaceError(404, 'EntityNotFound', `The ${what} was not found.`);
}

export function marketplaceErrorResponse({ status, code, message, target }: MarketplaceError): Response {
  const activityId = randomUUID();
  return Response.json(
    { code, message, ...(target === undefined ? {} : { target }), activityId },
    { status },
  );
}

/** The answer for a fault that was switched on. Of status 500 the specification has another shape than of the rest. */
export function marketplaceFault(status: number, retryAfterSeconds: number | undefined): Response {
  const code = status >= 500 ? 'InternalServerError' : status === 429 ? 'TooManyRequests' : 'RequestFailed';
  const error = { code, message: 'The request could not be processed.' };
  const headers = new Headers();
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterSeconds)));
  return Response.json(status >= 500 ? { error } : error, { status, headers });
}
