/** Errors as Entra ID's token endpoint words them (Microsoft Entra, "AADSTS error codes reference"). */
import { randomUUID } from 'node:crypto';

const errors = {
  50034: ['invalid_grant', 400, 'The user account does not exist in the directory.'],
  50057: ['invalid_grant', 400, 'The user account is disabled.'],
  50173: [
    'invalid_grant',
    400,
    'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
  ],
  54005: [
    'invalid_grant',
    400,
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code.',
  ],
  65001: [
    'invalid_grant',
    400,
    'The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.',
  ],
  70000: [
    'invalid_grant',
    400,
    'The request was denied because the provided grant was issued to another application.',
  ],
  70003: ['unsupported_grant_type', 400, 'The app requested an unsupported grant type.'],
  70008: [
    'invalid_grant',
    400,
    'The provided authorization code or refresh token has expired due to inactivity.',
  ],
  70011: ['invalid_scope', 400, "The provided value for the input parameter 'scope' is not valid."],
  90002: [
    'invalid_request',
    400,
    'Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.',
  ],
  500011: ['invalid_resource', 400, 'The resource principal was not found in the tenant.'],
  500112: [
    'invalid_client',
    400,
    'The reply address does not match the one provided when requesting the authorization code.',
  ],
  501481: [
    'invalid_grant',
    400,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  ],
  700016: [
    'unauthorized_client',
    400,
    'Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  ],
  700082: ['invalid_grant', 400, 'The refresh token has expired due to inactivity.'],
  900144: ['invalid_request', 400, 'The request body must contain a parameter that is missing.'],
  1002012: [
    'invalid_scope',
    400,
    'The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
  ],
  7000215: [
    'invalid_client',
    401,
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
  ],
  7000218: [
    'invalid_client',
    401,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  ],
  9002313: ['invalid_grant', 400, 'Invalid request. Request is malformed or invalid.'],
} as const satisfies Record<number, readonly [error: string, status: number, text: string]>;

export type AadstsNumber = keyof typeof errors;

/** A refusal of the token endpoint. */
export class EntraError extends Error {
  override readonly name = 'EntraError';
  readonly number: AadstsNumber;
  /** Says more than the number's own text. */
  readonly detail: string | undefined;

  constructor(number: AadstsNumber, detail?: string) {
    super(`AADSTS${number}`);
    this.number = number;
    this.detail = detail;
  }
}

/** The answer for a refusal at `now`, milliseconds since 1970. */
export function entraErrorResponse({ number, detail }: EntraError, now: number): Response {
  const [error, status, text] = errors[number];
  const suberror = number === 65001 ? { suberror: 'consent_required' } : {};
  return Response.json(
    { ...errorBody({ error, number, text: detail ?? text, now }), ...suberror },
    { status, headers: { 'cache-control': 'no-store' } },
  );
}

/** The answer for a fault that was switched on. */
export function entraFault(now: number, status: number, retryAfterSeconds: number | undefined): Response {
  const busy = {
    error: 'temporarily_unavailable',
    number: 90055,
    text: 'Server is terminating the request due to excessive request rate.',
  };
  const down = {
    error: 'server_error',
    number: 90033,
    text: 'A transient error has occurred. Please try again.',
  };
  return Response.json(errorBody({ ...(status === 429 ? busy : down), now }), {
    status,
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) },
  });
}

function errorBody(of: { error: string; number: number; text: string; now: number }): object {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date(of.now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: of.error,
    error_description: `AADSTS${of.number}: ${of.text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [of.number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${of.number}`,
  };
}
