/** Microsoft Graph as Presence Hub uses it: presence subscriptions, reading and writing presence, and the directory. */
import type { VendorError } from '../../domain/vendor-error.ts';
import { parseAnswer } from '../http-answer.ts';
import type { GraphTenant, Tokens } from '../tokens.ts';
import { unlessGone } from '../unless-gone.ts';
import { nextPath, presencePage, subscriptionPage, term, type SubscriptionPage } from './graph-answers.ts';
import { makeGraphTransport, type SendToGraph } from './graph-transport.ts';
import { presenceResource } from './presence-filter.ts';
import { writePresences, type PresenceWrite } from './presence-writes.ts';
import { userCalls, type UserCalls } from './user-changes.ts';

interface GraphSubscription {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string;
  readonly clientState?: string;
}

interface NewPresenceSubscription {
  /** At most 650 (Microsoft Graph, "Change notifications for presence"). */
  readonly userIds: readonly string[];
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string;
  /** At most 128 characters; echoed in each notification. */
  readonly clientState: string;
  /** At most 60 minutes ahead. */
  readonly expiresAt: Date;
  /** With it, notifications carry the presence, encrypted for it; `derBase64` is the public part only. */
  readonly certificate?: { readonly id: string; readonly derBase64: string } | undefined;
}

/** What Graph made of it: it may change the expiry that was asked for. */
interface SubscriptionTerm {
  readonly id: string;
  readonly expiresAt: Date;
}

export interface GraphPresence {
  readonly userId: string;
  readonly availability: string;
  readonly activity: string;
  /** The automatic reply is on. */
  readonly isOutOfOffice?: true;
  /** Sorts as text: the greater is the newer. */
  readonly sequenceNumber?: string;
}

/** All calls reject with a `VendorError`. Those that take a shard act as its service user, the others in our own name. */
export interface GraphClient extends UserCalls {
  /** Calls the notification URLs before it answers. `conflict` when the service user has a presence subscription already. */
  createPresenceSubscription(
    tenant: GraphTenant,
    shard: number,
    subscription: NewPresenceSubscription,
  ): Promise<SubscriptionTerm>;
  /** `notFound` when it has ended: create anew. */
  renewSubscription(
    tenant: GraphTenant,
    shard: number,
    id: string,
    expiresAt: Date,
  ): Promise<SubscriptionTerm>;
  /** The service user's subscriptions. Limited to 25 calls in 20 s for a tenant: no health check. */
  listSubscriptions(tenant: GraphTenant, shard: number): Promise<GraphSubscription[]>;
  /** Also succeeds when it is gone already. */
  deleteSubscription(tenant: GraphTenant, shard: number, id: string): Promise<void>;
  /** Presence of at most 650 users, in any order; users Graph does not know may be missing. */
  readPresences(tenant: GraphTenant, userIds: readonly string[]): Promise<GraphPresence[]>;
  /**
   * Writes presence for at most 20 users. Answers for each, in their order, how it failed, or undefined where it was carried
   * out; rejects where the whole call failed, or the only write.
   */
  writePresences(tenant: GraphTenant, writes: readonly PresenceWrite[]): Promise<(VendorError | undefined)[]>;
}

export interface GraphClientOptions {
  /** Graph's origin, for example https://graph.microsoft.com. */
  readonly baseUrl: string;
  readonly tokens: Tokens;
  /** Our application (client) id, under which Graph keeps the presence we set. */
  readonly clientId: string;
  readonly clock: () => Date;
  readonly timeoutMs?: number | undefined;
}

export function makeGraphClient(options: GraphClientOptions): GraphClient {
  const send = makeGraphTransport(options);
  return {
    ...subscriptionCalls(options, send),
    ...presenceCalls(options, send),
    ...userCalls(options.baseUrl, options.tokens, send),
  };
}

type SubscriptionCalls = Omit<GraphClient, keyof PresenceCalls | keyof UserCalls>;

/**
 * Graph delivers only as long as the token lasts that last made or renewed the subscription (Microsoft Graph,
 * "Lifecycle notifications"), so these acts ask for one that lasts as long as the subscription.
 */
function subscriptionCalls(options: GraphClientOptions, send: SendToGraph): SubscriptionCalls {
  const { baseUrl, tokens } = options;
  const by = (tenant: GraphTenant, shard: number, until?: Date) => () =>
    tokens.graphDelegated(tenant, shard, until);
  const pathOf = (id: string) => `/subscriptions/${encodeURIComponent(id)}`;
  return {
    createPresenceSubscription: async (tenant, shard, asked) => {
      const request = { method: 'POST', path: '/subscriptions', body: creationBody(asked) } as const;
      return parseAnswer(term, await send(by(tenant, shard, asked.expiresAt), request));
    },
    renewSubscription: async (tenant, shard, id, expiresAt) => {
      const body = { expirationDateTime: expiresAt.toISOString() };
      const request = { method: 'PATCH', path: pathOf(id), body } as const;
      return parseAnswer(term, await send(by(tenant, shard, expiresAt), request));
    },
    listSubscriptions: async (tenant, shard) => {
      const all: GraphSubscription[] = [];
      for (let path: string | undefined = '/subscriptions'; path !== undefined;) {
        const answer = await send(by(tenant, shard), { method: 'GET', path });
        const page: SubscriptionPage = parseAnswer(subscriptionPage, answer);
        all.push(...page.value);
        path = nextPath(baseUrl, page['@odata.nextLink']);
      }
      return all;
    },
    deleteSubscription: async (tenant, shard, id) => {
      await unlessGone(() => send(by(tenant, shard), { method: 'DELETE', path: pathOf(id) }));
    },
  };
}

type PresenceCalls = Pick<GraphClient, 'readPresences' | 'writePresences'>;

function presenceCalls({ tokens, clientId, clock }: GraphClientOptions, send: SendToGraph): PresenceCalls {
  const us = (tenant: GraphTenant) => () => tokens.graphApplication(tenant.microsoftTenantId);
  return {
    readPresences: async (tenant, userIds) => {
      if (userIds.length === 0) return [];
      const request = {
        method: 'POST',
        path: '/communications/getPresencesByUserId',
        body: { ids: userIds },
      } as const;
      return parseAnswer(presencePage, await send(us(tenant), request)).value;
    },
    writePresences: (tenant, writes) =>
      writePresences({ getToken: us(tenant), send, clientId, clock }, writes),
  };
}

function creationBody(asked: NewPresenceSubscription): object {
  const { certificate } = asked;
  return {
    changeType: 'updated',
    resource: presenceResource(asked.userIds),
    notificationUrl: asked.notificationUrl,
    lifecycleNotificationUrl: asked.lifecycleNotificationUrl,
    expirationDateTime: asked.expiresAt.toISOString(),
    clientState: asked.clientState,
    ...(certificate === undefined
      ? {}
      : {
          includeResourceData: true,
          encryptionCertificate: certificate.derBase64,
          encryptionCertificateId: certificate.id,
        }),
  };
}
