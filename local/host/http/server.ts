/** A small HTTP server in front of a handler: reads bodies, writes answers, counts what is in flight. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Work } from '../../clock/work.ts';
import type { HostRequest, HostResponse } from './messages.ts';

/** The Functions host takes bodies of up to 100 MB. */
const largestBodyBytes = 100 * 1024 * 1024;

export interface RunningServer {
  readonly port: number;
  /** Stops listening; resolves when the last request is answered, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Listens on this machine's own address only: keys lie in a file here, and nobody else is meant. @throws when the port is taken. */
export async function listen(options: {
  readonly port: number;
  readonly work: Work;
  readonly handle: (request: HostRequest) => Promise<HostResponse>;
}): Promise<RunningServer> {
  const server = createServer((incoming, outgoing) => {
    const end = options.work.begin();
    outgoing.once('close', end);
    void answer(incoming, outgoing, options.handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, close: (graceMs) => closeServer(server, graceMs) };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: HostRequest) => Promise<HostResponse>,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) {
    outgoing.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const authority = incoming.headers.host ?? 'localhost';
  const target = incoming.url ?? '/';
  const url = URL.parse(target.startsWith('/') ? `http://${authority}${target}` : target);
  const method = incoming.method ?? 'GET';
  const response = url ? await handle({ method, url, headers: incoming.headers, body }) : { status: 400 };
  writeResponse(outgoing, response);
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
