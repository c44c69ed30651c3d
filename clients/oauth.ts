/** One OAuth 2.0 token endpoint: refresh token and client credentials grants, for Entra ID and RingCentral alike. */
import {
  allowInsecureRequests,
  clientCredentialsGrantRequest,
  ClientSecretPost,
  refreshTokenGrantRequest,
  revocationRequest,
  type AuthorizationServer,
  type ClientAuth,
} from 'oauth4webapi';
import { z } from 'zod';
import {
  defaultTimeoutMs,
  isSuccess,
  networkFailure,
  parseAnswer,
  readAnswer,
  type HttpAnswer,
} from './http-answer.ts';
import { tokenFailure } from './oauth-failure.ts';

export interface TokenEndpoint {
  readonly vendor: 'entra' | 'ringCentral';
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock: () => Date;
  readonly timeoutMs?: number | undefined;
  /** Told how each request ended: the failure, or undefined when tokens were issued. */
  readonly onRequest?: OnTokenRequest | undefined;
}

export type OnTokenRequest = (vendor: TokenEndpoint['vendor'], failure: unknown) => void;

export interface IssuedTokens {
  readonly accessToken: string;
  readonly expiresAt: Date;
  /** Absent when the vendor keeps the refresh token it was given valid. */
  readonly refreshToken?: string;
}

const secondsOfLife = z.coerce.number().positive().catch(3600);

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional().catch(undefined),
  expires_in: secondsOfLife,
});

/** Exchanges a refresh token. Fails with `consentRevoked` once the customer's grant is gone. */
export async function refreshGrant(
  endpoint: TokenEndpoint,
  refreshToken: string,
  parameters: Record<string, string>,
): Promise<IssuedTokens> {
  return requestTokens(endpoint, (server, options) =>
    refreshTokenGrantRequest(server, { client_id: endpoint.clientId }, clientAuth(endpoint), refreshToken, {
      ...options,
      additionalParameters: parameters,
    }),
  );
}

/** Gets a token in the application's own name. Fails with `consentRevoked` where the customer did not consent. */
export async function clientCredentialsGrant(
  endpoint: TokenEndpoint,
  parameters: Record<string, string>,
): Promise<IssuedTokens> {
  return requestTokens(endpoint, (server, options) =>
    clientCredentialsGrantRequest(
      server,
      { client_id: endpoint.clientId },
      clientAuth(endpoint),
      parameters,
      options,
    ),
  );
}

interface RequestOptions {
  readonly signal: AbortSignal;
  readonly [allowInsecureRequests]: boolean;
}

type RequestGrant = (server: AuthorizationServer, options: RequestOptions) => Promise<Response>;

async function requestTokens(endpoint: TokenEndpoint, request: RequestGrant): Promise<IssuedTokens> {
  try {
    const issued = await askForTokens(endpoint, request);
    endpoint.onRequest?.(endpoint.vendor, undefined);
    return issued;
  } catch (error) {
    endpoint.onRequest?.(endpoint.vendor, error);
    throw error;
  }
}

async function askForTokens(endpoint: TokenEndpoint, request: RequestGrant): Promise<IssuedTokens> {
  const askedAt = endpoint.clock();
  const answer = await ask(endpoint, (url, options) =>
    request({ issuer: url.origin, token_endpoint: url.href }, options),
  );
  const {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: life,
  } = parseAnswer(tokenAnswer, answer);
  const expiresAt = new Date(askedAt.getTime() + life * 1000);
  return refreshToken === undefined ? { accessToken, expiresAt } : { accessToken, expiresAt, refreshToken };
}

/**
 * Ends what a token stands for (RFC 7009); `endpoint.url` is the revocation endpoint. Fails with `consentRevoked` where
 * that has ended already.
 */
export async function revokeToken(endpoint: TokenEndpoint, token: string): Promise<void> {
  await ask(endpoint, (url, options) =>
    revocationRequest(
      { issuer: url.origin, revocation_endpoint: url.href },
      { client_id: endpoint.clientId },
      clientAuth(endpoint),
      token,
      options,
    ),
  );
}

/** A successful answer, or the failure that another one stands for. */
async function ask(
  endpoint: TokenEndpoint,
  request: (url: URL, options: RequestOptions) => Promise<Response>,
): Promise<HttpAnswer> {
  const url = new URL(endpoint.url);
  let response: Response;
  try {
    response = await request(url, {
      signal: AbortSignal.timeout(endpoint.timeoutMs ?? defaultTimeoutMs),
      // Plain http is let through to configuration for loopback addresses only.
      [allowInsecureRequests]: url.protocol === 'http:',
    });
  } catch (error) {
    throw networkFailure(error);
  }
  const answer = await readAnswer(response);
  if (!isSuccess(answer)) throw tokenFailure(endpoint.vendor, answer, endpoint.clock());
  return answer;
}

/**
 * RingCentral wants Basic authentication with id and secret as they are (RingCentral API guide, Authentication),
 * not form-encoded as RFC 6749 has it: its ids hold `-` and `_`.
 */
function clientAuth(endpoint: TokenEndpoint): ClientAuth {
  if (endpoint.vendor === 'entra') return ClientSecretPost(endpoint.clientSecret);
  const credentials = Buffer.from(`${endpoint.clientId}:${endpoint.clientSecret}`).toString('base64');
  return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${credentials}`);
}
