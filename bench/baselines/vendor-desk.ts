/** What both baselines need of the vendors: tokens, reads and writes, over plain HTTP, with the wait that each answer asks for. */
import { z } from 'zod';
import type { Clock } from '../../local/clock/clock.ts';
import type { Work } from '../../local/clock/work.ts';
import type { NewCustomer } from '../../local/vendors/customers.ts';
import type { Vendors } from '../../local/vendors/vendors.ts';
import type { Side } from '../../domain/presence.ts';

/** All that the baselines tell apart: what asks for nothing, busy, and do-not-disturb. */
export type Level = 'free' | 'busy' | 'doNotDisturb';

/** The vendor wants no more requests before so many seconds have passed. */
export class Throttled extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`Throttled for ${seconds} s.`);
    this.seconds = seconds;
  }
}

export interface Surroundings {
  vendors: Vendors;
  customer: NewCustomer;
  clock: Clock;
  work: Work;
}

const tokenSchema = z.object({
  access_token: z.string(),
  expires_in: z.number(),
  refresh_token: z.string().optional(),
});

/** Access tokens of one grant, renewed a minute before they end, by one request at a time. */
class Token {
  readonly #clock: Clock;
  readonly #request: (refreshToken: string) => Promise<Response>;
  #refreshToken: string;
  #current: { text: string; until: number } | undefined;
  #renewal: Promise<string> | undefined;

  constructor(clock: Clock, refreshToken: string, request: (refreshToken: string) => Promise<Response>) {
    this.#clock = clock;
    this.#refreshToken = refreshToken;
    this.#request = request;
  }

  async text(): Promise<string> {
    if (this.#current !== undefined && this.#current.until > this.#clock.now()) return this.#current.text;
    this.#renewal ??= this.renew().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async renew(): Promise<string> {
    const response = await this.#request(this.#refreshToken);
    if (!response.ok) throw new Error(`No token: HTTP ${response.status}`);
    const answer = tokenSchema.parse(await response.json());
    this.#refreshToken = answer.refresh_token ?? this.#refreshToken;
    const until = this.#clock.now() + (answer.expires_in - 60) * 1000;
    this.#current = { text: answer.access_token, until };
    return answer.access_token;
  }
}

type Grant = 'application' | 'serviceUser' | 'ringCentral';

export class VendorDesk {
  readonly around: Surroundings;
  readonly #tokens: Record<Grant, Token>;

  constructor(around: Surroundings) {
    this.around = around;
    const { vendors, customer, clock } = around;
    const { microsoft, ringCentral } = vendors.apps;
    const entra = `${vendors.urls.entra}/${customer.microsoftTenantId}/oauth2/v2.0/token`;
    const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
    });
    const asMicrosoft = { client_id: microsoft.clientId, client_secret: microsoft.clientSecret };
    const asRingCentral = Buffer.from(`${ringCentral.clientId}:${ringCentral.clientSecret}`).toString(
      'base64',
    );
    const graphScope = 'https://graph.microsoft.com/.default';
    this.#tokens = {
      application: new Token(clock, '', () =>
        fetch(entra, form({ ...asMicrosoft, grant_type: 'client_credentials', scope: graphScope })),
      ),
      serviceUser: new Token(clock, customer.serviceUsers[0]?.refreshToken ?? '', (refreshToken) =>
        fetch(entra, form({ ...asMicrosoft, grant_type: 'refresh_token', refresh_token: refreshToken })),
      ),
      ringCentral: new Token(clock, customer.ringCentral.refreshToken, (refreshToken) =>
        fetch(
          `${vendors.urls.ringCentral}/restapi/oauth/token`,
          form(
            { grant_type: 'refresh_token', refresh_token: refreshToken },
            { authorization: `Basic ${asRingCentral}` },
          ),
        ),
      ),
    };
  }

  /** Runs `task` after so many seconds of the clock. */
  later(seconds: number, task: () => Promise<void>): void {
    const { clock, work } = this.around;
    clock.schedule(clock.now() + seconds * 1000, () => void work.track(task));
  }

  /** A new token of the service user's, though the one before is still good. */
  async freshServiceUser(): Promise<void> {
    await this.#tokens.serviceUser.renew();
  }

  graph(method: string, path: string, body?: object, as: Grant = 'application'): Promise<unknown> {
    return this.#send(as, method, { url: `${this.around.vendors.urls.graph}/v1.0${path}`, body });
  }

  ringCentral(method: string, path: string, body?: object): Promise<unknown> {
    return this.#send('ringCentral', method, {
      url: `${this.around.vendors.urls.ringCentral}/restapi/v1.0${path}`,
      body,
    });
  }

  async write(side: Side, person: { userId: string; extensionId: string }, level: Level): Promise<void> {
    if (side === 'ringCentral') {
      await this.ringCentral(
        'PUT',
        `/account/~/extension/${person.extensionId}/presence`,
        onRingCentral[level],
      );
      return;
    }
    const sessionId = this.around.vendors.apps.microsoft.clientId;
    const path = `/users/${person.userId}/presence`;
    if (level === 'free') await this.graph('POST', `${path}/clearPresence`, { sessionId });
    else {
      const session = { sessionId, ...inTeams[level], expirationDuration: 'PT4H' };
      await this.graph('POST', `${path}/setPresence`, session);
    }
  }

  async #send(
    as: Grant,
    method: string,
    { url, body }: { url: string; body?: object | undefined },
  ): Promise<unknown> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${await this.#tokens[as].text()}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 429) throw new Throttled(Number(response.headers.get('retry-after') ?? 60));
    // There is nothing to clear: just as well.
    if (response.status === 404 && url.endsWith('/clearPresence')) return undefined;
    if (!response.ok) throw new Error(`${method} ${url}: HTTP ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

const onRingCentral: Record<Level, object> = {
  free: { userStatus: 'Available', dndStatus: 'TakeAllCalls' },
  busy: { userStatus: 'Busy', dndStatus: 'TakeAllCalls' },
  doNotDisturb: { dndStatus: 'DoNotAcceptAnyCalls' },
};
const inTeams: Record<Exclude<Level, 'free'>, object> = {
  busy: { availability: 'Busy', activity: 'InACall' },
  doNotDisturb: { availability: 'DoNotDisturb', activity: 'Presenting' },
};
