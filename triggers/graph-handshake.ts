/** Graph's proof of reachability: it posts a token while a subscription is being made and wants it back. */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';

/**
 * The answer to a validation request, or undefined when this is none: 200, `text/plain`, the decoded token and
 * nothing else (Graph, "Receive change notifications through webhooks", endpoint validation).
 */
export function handshake(request: HttpRequest): HttpResponseInit | undefined {
  const token = request.query.get('validationToken');
  if (token === null) return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: token,
  };
}
