/** Puts routes on the network of this machine alone. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';

export interface Listening {
  /** Without a slash at the end. */
  readonly url: string;
  /** Waits for no connection that is still open. */
  close(): Promise<void>;
}

/**
 * For how long an idle connection is kept, in milliseconds: a caller that is busy with itself for a while does not see in time that
 * it was closed, and fails with its next request.
 */
const keepAliveTimeout = 120_000;

/** Listens on 127.0.0.1; `port` 0 takes any free one. Rejects when the port is taken. */
export function listenOnLoopback(
  routes: Parameters<typeof serve>[0]['fetch'],
  port: number,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const options = {
      fetch: routes,
      hostname: '127.0.0.1',
      port,
      // An app in this process must see Node's own Request and Response.
      overrideGlobalObjects: false,
      serverOptions: { keepAliveTimeout },
    };
    const server = serve(options, (address: AddressInfo) =>
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            (server as Server).closeAllConnections();
          }),
      }),
    );
    server.once('error', reject);
  });
}
