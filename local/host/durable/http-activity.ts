/** The activity behind `context.df.callHttp` (azure-functions-durable-extension, TaskHttpActivityShim). */
import { z } from 'zod';
import { managedIdentityToken } from './managed-identity.ts';

const requestShape = z.looseObject({
  method: z.string(),
  uri: z.string(),
  content: z.string().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  tokenSource: z.unknown().optional(),
});

/** Headers that .NET counts as the content's: the orchestration does not get them. */
const contentHeaders = /^(content-.*|allow|expires|last-modified)$/;

/** @param input the request as JSON text. @returns the response as JSON text. @throws when no response came. */
export async function callHttp(input: string | null): Promise<string> {
  const request = requestShape.parse(JSON.parse(input ?? 'null'));
  const headers = new Headers(request.headers ?? {});
  if (headers.get('content-type')?.toLowerCase().startsWith('multipart/')) {
    throw new Error('Multipart content is not supported.');
  }
  if (request.tokenSource) {
    headers.set('authorization', `Bearer ${await managedIdentityToken(request.tokenSource)}`);
  }
  if (request.content && !headers.has('content-type'))
    headers.set('content-type', 'text/plain; charset=utf-8');
  const response = await fetch(request.uri, {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(request.content ? { body: request.content } : {}),
  });
  return JSON.stringify({
    statusCode: response.status,
    headers: headersOf(response),
    content: await response.text(),
  });
}

/** One value as text, several as a list. */
function headersOf(response: Response): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) {
    if (!contentHeaders.test(name)) kept[canonicalName(name)] = value;
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 1) kept['Set-Cookie'] = cookies;
  return kept;
}

/** `retry-after` as `Retry-After`: Node has every name in lower case, .NET has not. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
