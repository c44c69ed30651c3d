/** A real HTTP server that answers what a test tells it, for the odd answers no simulator gives. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long a client waits for the server: far longer than a busy machine takes to answer, and short enough to wait out. */
export const oddServerTimeoutMs = 2_000;

interface Received {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** `hang`: no answer ever; `breakOff`: only half of the body. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: object | string;
  readonly fault?: 'hang' | 'breakOff' | 'hangUp';
}

export interface OddServer {
  readonly url: string;
  readonly received: Received[];
  /** What to answer from now on. */
  answer: (request: Received) => Answer | Promise<Answer>;
  close(): Promise<void>;
}

export async function openOddServer(): Promise<OddServer> {
  const received: Received[] = [];
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body,
    };
    received.push(request);
    const answer = await odd.answer(request);
    if (answer.fault === 'hang') return;
    if (answer.fault === 'hangUp') {
      incoming.socket.destroy();
      return;
    }
    const isObject = typeof answer.body === 'object';
    const text = typeof answer.body === 'object' ? JSON.stringify(answer.body) : (answer.body ?? '');
    outgoing.writeHead(answer.status ?? 200, {
      ...(isObject ? { 'content-type': 'application/json' } : {}),
      ...(answer.fault === 'breakOff' ? { 'content-length': String(text.length + 100) } : {}),
      ...answer.headers,
    });
    if (answer.fault !== 'breakOff') {
      outgoing.end(text);
      return;
    }
    outgoing.write(text, () => incoming.socket.destroy());
  };
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const odd: OddServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: () => ({ status: 404 }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return odd;
}
