/** Passes webhooks on to the app and keeps the bodies of Graph's notifications. */
import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { proxy } from 'hono/proxy';

export interface RecordingProxy {
  url: string;
  recorded: readonly string[];
  close: () => Promise<void>;
}

/** Listens on a free port; `target` answers with the app's origin once there are requests. */
export async function recordingProxy(target: () => string): Promise<RecordingProxy> {
  const recorded: string[] = [];
  const app = new Hono();
  app.all('*', async (context) => {
    const { pathname, search } = new URL(context.req.url);
    const body = await context.req.text();
    if (body.includes('encryptedContent')) recorded.push(body);
    const { method } = context.req;
    return proxy(`${target()}${pathname}${search}`, { method, headers: context.req.header(), body });
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (address: AddressInfo) =>
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        recorded,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            (server as Server).closeAllConnections();
          }),
      }),
    );
  });
}
