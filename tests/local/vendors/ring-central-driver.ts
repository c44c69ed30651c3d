/** A RingCentral on a virtual clock, with an authorised account, a plain HTTP client for it and a webhook receiver. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VirtualClock } from '../../../local/clock/virtual-clock.ts';
import { Work } from '../../../local/clock/work.ts';
import {
  startRingCentral,
  type CreatedAccount,
  type RingCentralOptions,
  type RingCentralSimulator,
} from '../../../local/vendors/ring-central/ring-central.ts';
import { openSimulation, type Simulation } from '../../../local/vendors/simulation.ts';

/** What the tests read of JSON answers; which of it is there depends on the answer. */
export interface Json {
  readonly id: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly errorCode: string;
  readonly errors: readonly { readonly errorCode: string; readonly parameterName?: string }[];
  readonly records: readonly Json[];
  readonly [name: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

interface EventBody {
  readonly event: string;
  readonly subscriptionId: string;
  readonly body: {
    readonly expiresIn: number;
    readonly sequence: number;
    readonly presenceStatus: string;
    readonly extensions: readonly { readonly eventType: string }[];
    readonly [name: string]: unknown;
  };
}

export interface Stack {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly vendor: RingCentralSimulator;
  idle(): Promise<void>;
  close(): Promise<void>;
}

const start = new Date('2026-01-05T09:00:00Z');

export async function aStack(options: RingCentralOptions = {}, at = start): Promise<Stack> {
  const work = new Work();
  const clock = new VirtualClock(work, at);
  const simulation = openSimulation(clock, work, options.directory);
  const vendor = await startRingCentral(simulation, options);
  const close = async (): Promise<void> => {
    await work.whenIdle();
    await vendor.close();
    simulation.close();
  };
  return { clock, simulation, vendor, idle: () => work.whenIdle(), close };
}

export const people = ['Ada', 'Grace', 'Edsger'].map((firstName) => ({
  firstName,
  lastName: 'Sample',
  mail: `${firstName.toLowerCase()}@example.com`,
}));

export function form(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}

/** A client of the token endpoint and of the API. */
export class Client {
  readonly #vendor: RingCentralSimulator;
  token = '';
  refreshToken: string;

  constructor(vendor: RingCentralSimulator, refreshToken: string) {
    this.#vendor = vendor;
    this.refreshToken = refreshToken;
  }

  async send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.#vendor.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, JSON.stringify(body), { 'Content-Type': 'application/json' });
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(body), { 'Content-Type': 'application/json' });
  }

  oauth(endpoint: 'token' | 'revoke', fields: Record<string, string>, secret?: string): Promise<Answer> {
    const { clientId, clientSecret } = this.#vendor.app;
    const credentials = Buffer.from(`${clientId}:${secret ?? clientSecret}`).toString('base64');
    return this.send('POST', `/restapi/oauth/${endpoint}`, form(fields), {
      Authorization: `Basic ${credentials}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    });
  }

  refresh(refreshToken = this.refreshToken, more: Record<string, string> = {}): Promise<Answer> {
    return this.oauth('token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
  }

  /** Refreshes and goes on with the new pair. */
  async logIn(): Promise<this> {
    const answer = await this.refresh();
    if (answer.status !== 200) throw new Error(answer.text);
    this.token = answer.json.access_token;
    this.refreshToken = answer.json.refresh_token;
    return this;
  }
}

export interface Customer extends CreatedAccount {
  readonly client: Client;
  /** Ada's. */
  readonly first: string;
}

export async function aCustomer(
  { vendor }: Stack,
  options: { newCallHandling?: boolean; scopes?: readonly string[] } = {},
): Promise<Customer> {
  const account = vendor.createAccount({ people, ...options });
  const client = await new Client(vendor, account.refreshToken).logIn();
  return { ...account, client, first: account.extensions[0]?.extensionId ?? '' };
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: EventBody;
}

/** A webhook receiver: answers as told, shakes hands, and keeps the events that came. */
export class Receiver {
  readonly events: Received[] = [];
  readonly handshakes: Received[] = [];
  status = 200;
  extraHeaders: Record<string, string> = {};
  echo = true;
  contentType = 'application/json';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const received = { headers: request.headers, body: text === '' ? undefined : JSON.parse(text) };
        (text === '' ? this.handshakes : this.events).push(received);
        const token = request.headers['validation-token'];
        if (this.echo && typeof token === 'string') response.setHeader('Validation-Token', token);
        response.writeHead(this.status, { 'Content-Type': this.contentType, ...this.extraHeaders }).end();
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}

export const accountFilter = '/restapi/v1.0/account/~/presence';

export function hook(
  address: string,
  eventFilters: readonly string[] = [accountFilter],
): Record<string, unknown> {
  const deliveryMode = { transportType: 'WebHook', address, verificationToken: 'a shared secret' };
  return { eventFilters, deliveryMode };
}
