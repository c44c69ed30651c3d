/** A publisher as the simulated marketplace sees one: its calls with its token, and its webhook. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { installDate } from '../../../local/clock/virtual-clock.ts';
import { theVendors } from './vendor-fixtures.ts';

interface Received {
  readonly body: Record<string, unknown>;
  readonly authorization: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export type Publisher = Awaited<ReturnType<typeof aPublisher>>;

/** The vendors with a publisher that answers webhooks with `answer`. */
export async function aPublisher(
  options: {
    answer?: (received: Received, count: number) => number | Promise<number>;
    dataDir?: string;
    start?: Date;
  } = {},
) {
  const { answer = () => 200, ...where } = options;
  const world = await theVendors(where);
  const restoreDate = installDate(world.clock);
  const { vendors, work } = world;
  const listener = await listen(answer);
  vendors.marketplace.setWebhookUrl(`${listener.url}/webhook`);
  const call = callsOf(world);
  return {
    ...world,
    marketplace: vendors.marketplace,
    received: listener.received,
    call,
    tokenFor: (form: Record<string, string>) => tokenOf(world, form),
    /** A purchase that is Subscribed already, without a webhook. */
    subscribed: async (request: Parameters<typeof vendors.marketplace.purchase>[0] = {}) => {
      const { subscriptionId } = vendors.marketplace.purchase({ quantity: 10, ...request, subscribed: true });
      await work.whenIdle();
      return subscriptionId;
    },
    statusOf: async (subscriptionId: string) =>
      (await call('GET', `/${subscriptionId}`)).body['saasSubscriptionStatus'],
    /** The claims of a token, by the published keys of this moment. */
    claimsOf: async ({ authorization }: Received): Promise<JWTPayload> => {
      const token = authorization.slice('Bearer '.length);
      const tenant = vendors.publisherTenantId;
      const keys = createRemoteJWKSet(new URL(`${vendors.urls.entra}/${tenant}/discovery/v2.0/keys`));
      await jwtVerify(token, keys, { currentDate: new Date(world.clock.now()) });
      return decodeJwt(token);
    },
    close: async () => {
      await vendors.close();
      listener.close();
      restoreDate();
    },
  };
}

type World = Awaited<ReturnType<typeof theVendors>>;

async function listen(answer: (received: Received, count: number) => number | Promise<number>) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const webhook = {
        body: JSON.parse(text) as Record<string, unknown>,
        authorization: request.headers.authorization ?? '',
      };
      received.push(webhook);
      response.writeHead(await answer(webhook, received.length)).end();
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Calls `saas/subscriptions…` as the publisher; `headers` are put over the ordinary ones. */
function callsOf(world: World) {
  const { clientId, clientSecret } = world.vendors.apps.marketplace;
  const form = { client_id: clientId, client_secret: clientSecret };
  return async (
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const [route = '', query = 'api-version=2018-08-31'] = path.split('?', 2);
    const url = `${world.vendors.urls.marketplace}/saas/subscriptions${route}?${query}`;
    const authorization = headers['authorization'] ?? `Bearer ${await tokenOf(world, form)}`;
    const response = await fetch(url, {
      method,
      headers: { authorization, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, body: parsed };
  };
}

async function tokenOf({ vendors }: World, form: Record<string, string>): Promise<string> {
  const response = await fetch(`${vendors.urls.entra}/${vendors.publisherTenantId}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7',
      ...form,
    }),
  });
  const { access_token: token = '' } = (await response.json()) as { access_token?: string };
  return token;
}
