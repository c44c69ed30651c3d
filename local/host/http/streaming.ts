/**
 * HTTP functions of an app with `app.setup({ enableHttpStream: true })`: the request goes on to the server that
 * @azure/functions opens in the app, and its answer back to the client, neither of them held in memory
 * (azure-functions-nodejs-library, httpProxy; azure-functions-host, HTTP proxying).
 */
import { request as openRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { TypedData } from '../worker/types.ts';
import type { HostResponse, RequestHead } from './messages.ts';
import type { StreamHandler } from './router.ts';

type Exchange = Parameters<StreamHandler>[2];

/** Headers that belong to one connection (RFC 9110, 7.6.1). */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
]);

export interface StreamedCall {
  readonly invocationId: string;
  readonly request: RequestHead;
  readonly exchange: Exchange;
  /** Runs the function, which answers through the app's server; its result. @throws what the function threw */
  readonly invoke: () => Promise<unknown>;
}

/** What the worker is told besides the stream: the route's values, and the headers and query as JSON. */
export function streamMetadata(
  request: RequestHead,
  values: Readonly<Record<string, string>>,
): Record<string, TypedData> {
  const routed = Object.entries(values).map(([name, value]) => [name, { string: value }] as const);
  return {
    ...Object.fromEntries(routed),
    Headers: { json: JSON.stringify(joined(request.headers)) },
    Query: { json: JSON.stringify(Object.fromEntries(request.url.searchParams)) },
  };
}

/**
 * Passes the call through. When the function fails before it has answered this throws what it threw; after that the
 * connection is broken off as well, so that nobody takes half an answer for a whole one.
 */
export async function passThrough(appServer: string, call: StreamedCall): Promise<HostResponse | undefined> {
  const { incoming, outgoing } = call.exchange;
  const proxied = openProxied(appServer, call);
  const answered = relayAnswer(proxied, outgoing);
  // A client that leaves midway ends the handler's reading with an error: that is the handler's to deal with.
  void pipeline(incoming, proxied).catch(() => undefined);
  outgoing.once('close', () => proxied.destroy());
  try {
    const result = await call.invoke();
    if (result !== null && result !== undefined) {
      await answered;
      return undefined;
    }
    // A handler that returns nothing writes no answer: as without streams, that is a 204.
    proxied.destroy();
    return { status: 204 };
  } catch (error) {
    proxied.destroy();
    if (outgoing.headersSent) outgoing.destroy();
    throw error;
  }
}

function openProxied(appServer: string, call: StreamedCall): ClientRequest {
  const { url, method, headers } = call.request;
  const proxied = openRequest(new URL(`${url.pathname}${url.search}`, appServer), {
    method,
    headers: {
      ...ofTheMessage(headers),
      'x-ms-invocation-id': call.invocationId,
      'x-forwarded-host': url.host,
      'x-forwarded-proto': 'http',
    },
  });
  // The handler may begin before the first byte of the body is there.
  proxied.flushHeaders();
  return proxied;
}

/** Resolves when the answer is through, or will never be: the client or the app's server is gone. */
function relayAnswer(proxied: ClientRequest, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    proxied.once('response', (response) => {
      outgoing.statusCode = response.statusCode ?? 502;
      for (const [name, value] of Object.entries(ofTheMessage(response.headers))) {
        if (value !== undefined && name !== 'x-ms-invocation-id') outgoing.setHeader(name, value);
      }
      outgoing.flushHeaders();
      pipeline(response, outgoing).then(resolve, () => resolve());
    });
    proxied.once('error', () => resolve());
  });
}

function ofTheMessage(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.has(name)));
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  const texts = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return Object.fromEntries(texts);
}
