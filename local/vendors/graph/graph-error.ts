/** Errors as Microsoft Graph words them (Microsoft Graph, "Error responses and resource types"). */
import { randomUUID } from 'node:crypto';

export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function badRequest(message: string): GraphError {
  return new GraphError(400, 'BadRequest', message);
}

export function graphErrorResponse(error: GraphError, now: number): Response {
  const requestId = randomUUID();
  const date = new Date(now).toISOString().slice(0, 19);
  const innerError = { date, 'request-id': requestId, 'client-request-id': requestId };
  const { status, code, message, retryAfterSeconds } = error;
  const headers = new Headers({ 'request-id': requestId, 'client-request-id': requestId });
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(retryAfterSeconds));
  if (status === 401)
    headers.set(
      'www-authenticate',
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
    );
  return Response.json({ error: { code, message, innerError } }, { status, headers });
}

const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** The error for a fault that was switched on. */
export function graphFault(status: number, retryAfterSeconds: number | undefined): GraphError {
  const code = codes[status] ?? 'UnknownError';
  return new GraphError(status, code, 'The request could not be completed.', retryAfterSeconds);
}
