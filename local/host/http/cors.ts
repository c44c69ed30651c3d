/** Cross-origin rules as `func start` takes them from local.settings.json: `Host.CORS` and `Host.CORSCredentials`. */
import { headerOf } from './messages.ts';
import type { HostResponse, RequestHead } from './messages.ts';

export interface CorsRules {
  /** Without a slash at the end; `*` is all. */
  readonly origins: readonly string[];
  readonly credentials: boolean;
}

/** Which headers an answer needs so that the page may read it; a preflight request is answered at once. */
export function corsPolicy(
  rules: CorsRules,
): (request: RequestHead) => { headers: Readonly<Record<string, string>>; answer?: HostResponse } {
  return (request) => {
    const origin = headerOf(request, 'origin');
    if (origin === undefined || !isAllowed(origin, rules)) return { headers: {} };
    const headers = originHeaders(origin, rules);
    const method = headerOf(request, 'access-control-request-method');
    if (request.method !== 'OPTIONS' || method === undefined) return { headers };
    const wanted = headerOf(request, 'access-control-request-headers');
    const allowed = {
      'access-control-allow-methods': method,
      ...(wanted === undefined ? {} : { 'access-control-allow-headers': wanted }),
    };
    return { headers: { ...headers, ...allowed }, answer: { status: 204 } };
  };
}

function isAllowed(origin: string, { origins }: CorsRules): boolean {
  return origins.includes('*') || origins.includes(origin.toLowerCase());
}

function originHeaders(origin: string, { origins, credentials }: CorsRules): Record<string, string> {
  if (origins.includes('*') && !credentials) return { 'access-control-allow-origin': '*' };
  return {
    'access-control-allow-origin': origin,
    vary: 'Origin',
    ...(credentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}
