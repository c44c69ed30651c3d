import 'reflect-metadata';
import {
  constants,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  privateDecrypt,
  webcrypto,
} from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { X509CertificateGenerator } from '@peculiar/x509';
import { VirtualClock } from '../../../local/clock/virtual-clock.ts';
import { Work } from '../../../local/clock/work.ts';
import { startVendors } from '../../../local/vendors/vendors.ts';

export const minute = 60_000;

/** The vendors on a virtual clock that stands at `start`. */
export async function theVendors(options: { dataDir?: string; keyVaultDir?: string; start?: Date } = {}) {
  const work = new Work();
  const clock = new VirtualClock(work, options.start ?? new Date('2030-01-01T09:00:00Z'));
  const vendors = await startVendors({ ...options, clock, work });
  return { work, clock, vendors };
}

interface Notification {
  readonly value: Record<string, unknown>[];
  readonly validationTokens?: string[];
}

/** A subscriber that answers validation requests, and notifications with `answer`. */
export async function aSubscriber(answer: (count: number) => number = () => 202) {
  const received: Notification[] = [];
  const validated: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const token = url.searchParams.get('validationToken');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (token !== null) {
        validated.push(url.pathname);
        response.writeHead(200, { 'content-type': 'text/plain' }).end(token);
        return;
      }
      received.push(JSON.parse(body) as Notification);
      response.writeHead(answer(received.length)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { received, validated, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** A self-signed certificate with its private key, as a subscriber makes it for rich notifications. */
export async function aCertificate() {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=Test', signingAlgorithm: algorithm, keys },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { der: Buffer.from(certificate.rawData).toString('base64'), pkcs8 };
}

/** Opens encryptedContent as Microsoft's documentation says. */
export function decrypt(content: unknown, pkcs8: string): Record<string, unknown> {
  const { data, dataKey, dataSignature } = content as Record<string, string>;
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  const key = privateDecrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    Buffer.from(dataKey ?? '', 'base64'),
  );
  const encrypted = Buffer.from(data ?? '', 'base64');
  if (createHmac('sha256', key).update(encrypted).digest('base64') !== dataSignature)
    throw new Error('Bad signature.');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const plain = Buffer.concat([decipher.update(encrypted), decipher.final()]).toString();
  return JSON.parse(plain) as Record<string, unknown>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A customer and ways to call Graph for it: in the application's name, and in the service user's. */
export async function aCustomer({ vendors }: Awaited<ReturnType<typeof theVendors>>, users = 3) {
  const customer = vendors.createCustomer({ users });
  const { clientId, clientSecret } = vendors.apps.microsoft;
  const tokenFor = async (form: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form });
    const url = `${vendors.urls.entra}/${customer.microsoftTenantId}/oauth2/v2.0/token`;
    const answer = (await (await fetch(url, { method: 'POST', body })).json()) as { access_token: string };
    return answer.access_token;
  };
  const appToken = () =>
    tokenFor({ grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' });
  let application = await appToken();
  const tokenOf = (refreshToken: string) =>
    tokenFor({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const userToken = () => tokenOf(customer.serviceUsers[0]?.refreshToken ?? '');
  const call = async (token: string, request: string, body?: object, more: object = {}): Promise<Answer> => {
    const [method = '', path = ''] = request.split(' ');
    const response = await fetch(`${vendors.urls.graph}/v1.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, body: parsed };
  };
  let delegated = await userToken();
  return {
    ...customer,
    clientId,
    tokenOf,
    call,
    ids: customer.users.map(({ userId }) => userId),
    userId: customer.users[0]?.userId ?? '',
    asApp: (request: string, body?: object, headers?: object) => call(application, request, body, headers),
    asUser: (request: string, body?: object) => call(delegated, request, body),
    signInAgain: async () => {
      application = await appToken();
      delegated = await userToken();
    },
  };
}

export function presenceFilter(ids: readonly string[]): string {
  return `/communications/presences?$filter=id in (${ids.map((id) => `'${id}'`).join(',')})`;
}
