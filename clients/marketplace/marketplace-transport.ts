/** Sends one request to the marketplace's fulfilment API with the publisher's own token. */
import { z } from 'zod';
import { isFailure, VendorError } from '../../domain/vendor-error.ts';
import {
  defaultTimeoutMs,
  failureOfStatus,
  isSuccess,
  networkFailure,
  parseJson,
  readAnswer,
  refusal,
  retryAfterSeconds,
  type HttpAnswer,
} from '../http-answer.ts';
import { openText } from '../lenient.ts';
import { clientCredentialsGrant, type TokenEndpoint } from '../oauth.ts';
import { makeTokenMemory } from '../token-memory.ts';
import { withToken } from '../with-token.ts';
import { marketplaceResource } from './marketplace-answers.ts';

export interface MarketplaceTransportOptions {
  /** With `/api`: https://marketplaceapi.microsoft.com/api. */
  readonly baseUrl: string;
  /** The sign-in service's origin, for example https://login.microsoftonline.com. */
  readonly authorityUrl: string;
  /** The publisher's Entra tenant, and the application of the offer's technical configuration there. */
  readonly publisherTenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock: () => Date;
  readonly timeoutMs?: number | undefined;
}

interface MarketplaceRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below `/saas/subscriptions`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Resolves with a successful answer, else rejects with a `VendorError`. */
export type SendToMarketplace = (request: MarketplaceRequest) => Promise<HttpAnswer>;

/** The only one that there is. */
const apiVersion = '2018-08-31';

export function makeMarketplaceTransport(options: MarketplaceTransportOptions): SendToMarketplace {
  const { clock, timeoutMs = defaultTimeoutMs } = options;
  const tokens = makePublisherTokens(options);
  const sendOnce = async (accessToken: string, request: MarketplaceRequest): Promise<HttpAnswer> => {
    const { method, headers, body } = request;
    let response: Response;
    try {
      response = await fetch(addressOf(options.baseUrl, request), {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw networkFailure(error);
    }
    return readAnswer(response);
  };
  return async (request) => {
    const answer = await withToken(
      tokens,
      tokens.get,
      (accessToken) => sendOnce(accessToken, request),
      mayMeanToken,
    );
    if (!isSuccess(answer)) throw marketplaceFailure(answer, clock());
    return answer;
  };
}

/** A token that is no good any more is told by 403, too (SaaS fulfillment subscription APIs v2, response codes). */
function mayMeanToken(status: number): boolean {
  return status === 401 || status === 403;
}

function addressOf(baseUrl: string, { path, query }: MarketplaceRequest): URL {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/saas/subscriptions${path}`);
  url.search = new URLSearchParams({ ...query, 'api-version': apiVersion }).toString();
  return url;
}

/** Tokens in the publisher's name. They are cheap to get anew, so they stay in memory. */
function makePublisherTokens(options: MarketplaceTransportOptions): {
  get: () => Promise<string>;
  invalidate: (accessToken: string) => void;
} {
  const { publisherTenantId, clientId, clientSecret, clock, timeoutMs } = options;
  const memory = makeTokenMemory(clock);
  const authority = options.authorityUrl.replace(/\/+$/, '');
  const endpoint: TokenEndpoint = {
    vendor: 'entra',
    // The older endpoint, which the marketplace documents ("Register a SaaS application"): it takes a resource, not a scope.
    url: `${authority}/${encodeURIComponent(publisherTenantId)}/oauth2/token`,
    clientId,
    clientSecret,
    clock,
    timeoutMs,
  };
  const obtain = async () => {
    try {
      return await clientCredentialsGrant(endpoint, { resource: marketplaceResource });
    } catch (error) {
      throw ofOurOwn(error);
    }
  };
  return {
    get: () => memory.get('publisher', obtain),
    invalidate: (accessToken) => memory.invalidate(accessToken),
  };
}

/** No customer can revoke the publisher's own access: what is wrong with it is for us to mend, and to be waited out. */
function ofOurOwn(error: unknown): unknown {
  if (!isFailure(error, 'consentRevoked')) return error;
  return new VendorError('unavailable', error.code, { cause: error });
}

/** Its errors come in two shapes. */
const errorAnswer = z
  .object({ code: openText, error: z.object({ code: openText }).optional().catch(undefined) })
  .catch({ code: undefined, error: undefined });

/** No limits are documented. */
const usualWaitSeconds = 60;

function marketplaceFailure(answer: HttpAnswer, now: Date): VendorError {
  const { code, error } = errorAnswer.parse(parseJson(answer.body));
  return refusal('the marketplace', answer.status, {
    failure: answer.status === 401 ? 'unavailable' : failureOfStatus(answer.status),
    code: code ?? error?.code,
    wait: retryAfterSeconds(answer.headers.get('retry-after'), now),
    usualWait: usualWaitSeconds,
  });
}
