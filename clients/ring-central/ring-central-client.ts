/** RingCentral as Presence Hub uses it: webhook subscriptions, reading and writing presence, and the extensions. */
import { z } from 'zod';
import { parseAnswer, type HttpAnswer } from '../http-answer.ts';
import { unlessGone } from '../unless-gone.ts';
import { withoutUndefined } from '../lenient.ts';
import {
  budgetHeaders,
  extensionPage,
  presencePage,
  subscription,
  subscriptionList,
  isOfPerson,
  nextPageOf,
  personTypes,
  toExtension,
  toPage,
  toSubscription,
  type RingCentralExtension,
} from './ring-central-answers.ts';
import { presenceOf, type RingCentralPresence } from './ring-central-presence.ts';
import {
  makeRingCentralTransport,
  type RingCentralTransportOptions,
  type SendToRingCentral,
} from './ring-central-transport.ts';

interface NewRingCentralSubscription {
  readonly address: string;
  /** Comes back with each notification. */
  readonly verificationToken: string;
  /** At most ten years; RingCentral's own default would be seven days. */
  readonly expiresInSeconds: number;
  readonly eventFilters: readonly string[];
}

export interface RingCentralSubscription {
  readonly id: string;
  /** `Active`, `Blacklisted` or something newer. */
  readonly status: string;
  readonly expiresAt: Date;
  readonly address: string;
  /** With `~` replaced by the ids of whoever granted access. */
  readonly eventFilters: readonly string[];
  /** Filters RingCentral took but does not serve: to be checked even after success. */
  readonly disabledFilters: readonly DisabledFilter[];
}

interface DisabledFilter {
  readonly filter: string;
  readonly reason?: string;
}

interface RingCentralPresencePage {
  readonly records: readonly RingCentralPresence[];
  readonly nextPage?: number;
}

interface RingCentralExtensionPage {
  readonly records: readonly RingCentralExtension[];
  readonly nextPage?: number;
  readonly budget?: RingCentralBudget;
}

interface RingCentralPresenceChange {
  readonly userStatus?: string | undefined;
  readonly dndStatus?: string | undefined;
  readonly dndStatusPersonal?: string | undefined;
  readonly acceptCallQueueCalls?: boolean | undefined;
}

/** What is left of a rate limit, which all calls of the same group in a tenant share. */
interface RingCentralBudget {
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
}

/** All calls reject with a `VendorError`; `throttled` closes the whole rate limit group of the tenant until the wait is over. */
export interface RingCentralClient {
  /** Calls the address before it answers. */
  createSubscription(tenantId: string, asked: NewRingCentralSubscription): Promise<RingCentralSubscription>;
  getSubscription(tenantId: string, id: string): Promise<RingCentralSubscription | undefined>;
  listSubscriptions(tenantId: string): Promise<RingCentralSubscription[]>;
  /** Starts its term anew. `notFound` when it has ended: create anew. */
  renewSubscription(tenantId: string, id: string): Promise<RingCentralSubscription>;
  /** Also succeeds when it is gone already. */
  deleteSubscription(tenantId: string, id: string): Promise<void>;
  /** A page of up to 1000 extensions of every type; the first page is 1. Ten calls a minute. */
  readAccountPresence(tenantId: string, page: number): Promise<RingCentralPresencePage>;
  readPresence(tenantId: string, extensionId: string): Promise<RingCentralPresence>;
  /** A page of up to 1000 enabled extensions of people; the first page is 1. Counts among the forty calls of `writePresence`. */
  listExtensions(tenantId: string, page: number): Promise<RingCentralExtensionPage>;
  /** Changes only the fields given. Forty calls a minute for the whole tenant, whatever `budget` says otherwise. */
  writePresence(
    tenantId: string,
    extensionId: string,
    change: RingCentralPresenceChange,
  ): Promise<{ budget?: RingCentralBudget }>;
}

export type RingCentralClientOptions = RingCentralTransportOptions;

export function makeRingCentralClient(options: RingCentralClientOptions): RingCentralClient {
  const send = makeRingCentralTransport(options);
  return { ...subscriptionCalls(send, options.clock), ...presenceCalls(send), ...directoryCalls(send) };
}

type PresenceCalls = Pick<RingCentralClient, 'readAccountPresence' | 'readPresence' | 'writePresence'>;
type DirectoryCalls = Pick<RingCentralClient, 'listExtensions'>;
type SubscriptionCalls = Omit<RingCentralClient, keyof PresenceCalls | keyof DirectoryCalls>;

const subscriptionsPath = '/restapi/v1.0/subscription';

function subscriptionCalls(send: SendToRingCentral, clock: () => Date): SubscriptionCalls {
  const pathOf = (id: string) => `${subscriptionsPath}/${encodeURIComponent(id)}`;
  const read = (answer: HttpAnswer) => toSubscription(parseAnswer(subscription, answer), clock());
  return {
    createSubscription: async (tenantId, { address, verificationToken, expiresInSeconds, eventFilters }) => {
      const deliveryMode = { transportType: 'WebHook', address, verificationToken };
      const body = { eventFilters, expiresIn: expiresInSeconds, deliveryMode };
      return read(await send(tenantId, { method: 'POST', path: subscriptionsPath, body }));
    },
    getSubscription: (tenantId, id) =>
      unlessGone(async () => read(await send(tenantId, { method: 'GET', path: pathOf(id) }))),
    listSubscriptions: async (tenantId) => {
      const answer = await send(tenantId, { method: 'GET', path: subscriptionsPath });
      return parseAnswer(subscriptionList, answer).records.map((record) => toSubscription(record, clock()));
    },
    renewSubscription: async (tenantId, id) =>
      read(await send(tenantId, { method: 'POST', path: `${pathOf(id)}/renew` })),
    deleteSubscription: async (tenantId, id) => {
      await unlessGone(() => send(tenantId, { method: 'DELETE', path: pathOf(id) }));
    },
  };
}

function presenceCalls(send: SendToRingCentral): PresenceCalls {
  const pathOf = (extensionId: string) =>
    `/restapi/v1.0/account/~/extension/${encodeURIComponent(extensionId)}/presence`;
  return {
    readAccountPresence: async (tenantId, page) => {
      const path = '/restapi/v1.0/account/~/presence';
      return toPage(
        parseAnswer(
          presencePage,
          await send(tenantId, { method: 'GET', path, query: { page, perPage: 1000 } }),
        ),
        page,
      );
    },
    readPresence: async (tenantId, extensionId) => {
      const answer = await send(tenantId, { method: 'GET', path: pathOf(extensionId) });
      return presenceOf(extensionId, parseAnswer(z.looseObject({}), answer));
    },
    writePresence: async (tenantId, extensionId, change) => {
      const body = withoutUndefined(change);
      return budgetOf(await send(tenantId, { method: 'PUT', path: pathOf(extensionId), body }));
    },
  };
}

function directoryCalls(send: SendToRingCentral): DirectoryCalls {
  return {
    listExtensions: async (tenantId, page) => {
      const types = personTypes.map((type) => `type=${type}`).join('&');
      const path = `/restapi/v1.0/account/~/extension?status=Enabled&${types}&page=${page}&perPage=1000`;
      const answer = await send(tenantId, { method: 'GET', path });
      const said = parseAnswer(extensionPage, answer);
      const nextPage = nextPageOf(said, page);
      return {
        records: said.records.filter(isOfPerson).map(toExtension),
        ...(nextPage !== undefined && { nextPage }),
        ...budgetOf(answer),
      };
    },
  };
}

function budgetOf({ headers }: HttpAnswer): { budget?: RingCentralBudget } {
  const { data: budget } = budgetHeaders.safeParse(Object.fromEntries(headers));
  return budget === undefined ? {} : { budget };
}
