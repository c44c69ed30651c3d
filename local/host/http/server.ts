/** A small HTTP server in front of a handler: reads bodies, writes answers, counts what is in flight. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Work } from '../../clock/work.ts';
import type { HostRequest, HostResponse, RequestHead } from './messages.ts';
import type { StreamHandler } from './router.ts';

/** The Functions host takes bodies of up to 100 MB. */
const largestBodyBytes = 100 * 1024 * 1024;

export interface RunningServer {
  readonly port: number;
  /** Stops listening; resolves when the last request is answered, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

type Exchange = Parameters<StreamHandler>[2];

interface Service {
  readonly handle: (request: HostRequest) => Promise<HostResponse>;
  /** Told of an answer that could not be written. */
  readonly onFailure: (error: unknown) => void;
  /** Who takes the request before its body is read; an answer that comes back is written as any other. */
  readonly streamFor?: (
    request: RequestHead,
  ) => ((exchange: Exchange) => Promise<HostResponse | undefined>) | undefined;
  /** Headers of every answer to the request; a whole answer when the request is no matter for the app. */
  readonly policy?: (request: RequestHead) => {
    headers: Readonly<Record<string, string>>;
    answer?: HostResponse;
  };
}

/** In milliseconds: a caller that is busy with itself for a while would not see in time that an idle connection was closed. */
const keepAliveTimeout = 120_000;

/** Listens on this machine's own address only: keys lie in a file here, and nobody else is meant. @throws when the port is taken. */
export async function listen(
  options: Service & { readonly port: number; readonly work: Work },
): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout }, (incoming, outgoing) => {
    const end = options.work.begin();
    outgoing.once('close', end);
    answer({ incoming, outgoing }, options).catch((error: unknown) => {
      options.onFailure(error);
      outgoing.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, close: (graceMs) => closeServer(server, graceMs) };
}

async function answer(exchange: Exchange, service: Service): Promise<void> {
  const { incoming, outgoing } = exchange;
  const request = headOf(incoming);
  if (!request) {
    writeResponse(outgoing, { status: 400 });
    return;
  }
  const policy = service.policy?.(request);
  for (const [name, value] of Object.entries(policy?.headers ?? {})) outgoing.setHeader(name, value);
  const response = policy?.answer ?? (await respond(request, exchange, service));
  // A stream that failed midway has sent its head already.
  if (response && !outgoing.headersSent) writeResponse(outgoing, response);
}

async function respond(
  request: RequestHead,
  exchange: Exchange,
  service: Service,
): Promise<HostResponse | undefined> {
  const stream = service.streamFor?.(request);
  if (stream) return stream(exchange);
  const body = await readBody(exchange.incoming);
  if (body === undefined) return { status: 413, headers: { connection: 'close' } };
  return service.handle({ ...request, body });
}

/** Nothing when the request's address cannot be read. */
function headOf(incoming: IncomingMessage): RequestHead | undefined {
  const authority = incoming.headers.host ?? 'localhost';
  const target = incoming.url ?? '/';
  const url = URL.parse(target.startsWith('/') ? `http://${authority}${target}` : target);
  return url ? { method: incoming.method ?? 'GET', url, headers: incoming.headers } : undefined;
}

function writeResponse(outgoing: ServerResponse, response: HostResponse): void {
  const body = response.body ?? '';
  outgoing.statusCode = response.status;
  for (const [name, value] of Object.entries(response.headers ?? {})) outgoing.setHeader(name, value);
  const hasNoBody = response.status === 204 || response.status === 304;
  if (!hasNoBody) outgoing.setHeader('content-length', Buffer.byteLength(body));
  outgoing.end(hasNoBody ? undefined : body);
}

/** Nothing when the body is too large. A client that goes away midway leaves a short body that nobody reads. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestBodyBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timeout = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timeout);
}
