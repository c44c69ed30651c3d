/** Sends change and lifecycle notifications (Microsoft Graph, "Receive change notifications through webhooks"). */
import { setImmediate } from 'node:timers';
import type { Signer } from '../entra/signer.ts';
import type { Simulation } from '../simulation.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { encryptFor } from './encryption.ts';
import { sequenceNumber } from './presence-routes.ts';
import type { ShownPresence } from './presences.ts';
import type { Subscription } from './subscriptions.ts';

export type LifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved' | 'missed';

interface Item {
  readonly subscription: Subscription;
  readonly item: object;
  readonly isRich: boolean;
}

/** A change that waits for its subscription to be authorised again. */
interface Paused {
  readonly subscriptionId: string;
  readonly presence: ShownPresence;
  readonly at: number;
}

/** Microsoft's own application that publishes change notifications. */
const publisherId = '0bf30f3b-4a52-48df-9a82-234910c4a086';
const batchSize = 100;
const giveUpMs = 4 * 3_600_000;

export class Notifier {
  readonly #simulation: Simulation;
  readonly #signer: Signer;
  readonly #sequenceNumbers: boolean;
  readonly #paused: Collection<Paused>;
  readonly #tokens = new Map<string, { minute: number; token: Promise<string> }>();
  #queued: { url: string; item: Item }[] = [];
  #pausedCount: number;

  constructor(simulation: Simulation, parts: { signer: Signer; data: VendorData; sequenceNumbers: boolean }) {
    this.#simulation = simulation;
    this.#signer = parts.signer;
    this.#sequenceNumbers = parts.sequenceNumbers;
    this.#paused = parts.data.collection<Paused>('paused');
    this.#pausedCount = Number(this.#paused.lastKey()?.split('/')[1] ?? 0);
    simulation.deliveries.register('graph', 'notifications', {
      limitMs: (attempt) => (attempt === 1 ? 3000 : 10_000),
      retryAfterMs: (attempt, sinceFirstMs) => {
        const wait = Math.min(10_000 * 2 ** (attempt - 1), 30 * 60_000);
        return sinceFirstMs + wait > giveUpMs ? undefined : wait;
      },
    });
  }

  /** Tells a subscriber of a change; held back while the token behind the subscription has ended, lost once it is silent. */
  changed(subscription: Subscription, presence: ShownPresence): void {
    if (subscription.silent === true) return;
    const now = this.#simulation.clock.now();
    if (subscription.authorizedUntil > now) return this.#enqueueChange(subscription, presence);
    const key = `${subscription.id}/${String((this.#pausedCount += 1)).padStart(12, '0')}`;
    this.#paused.put(key, { subscriptionId: subscription.id, presence, at: now });
  }

  /** The subscription is authorised again: what was held back for up to four hours goes out. */
  resume(subscription: Subscription): void {
    const now = this.#simulation.clock.now();
    const held = this.#paused.all(`${subscription.id}/`);
    this.forget(subscription.id);
    for (const { at, presence } of held) {
      if (now - at <= giveUpMs) this.#enqueueChange(subscription, presence);
    }
  }

  /** Drops what is held back for a subscription that is gone. */
  forget(subscriptionId: string): void {
    for (const key of this.#paused.keys(`${subscriptionId}/`)) this.#paused.delete(key);
  }

  lifecycle(subscription: Subscription, lifecycleEvent: LifecycleEvent): void {
    const url = subscription.lifecycleNotificationUrl;
    if (url === undefined) return;
    const { id, tenantId, clientState, expiresAt } = subscription;
    const item = {
      lifecycleEvent,
      subscriptionId: id,
      subscriptionExpirationDateTime: new Date(expiresAt).toISOString(),
      tenantId,
      organizationId: tenantId,
      clientState: clientState ?? null,
    };
    this.#enqueue(url, { subscription, item, isRich: false });
  }

  #enqueueChange(subscription: Subscription, presence: ShownPresence): void {
    const { id, tenantId, clientState, expiresAt, certificate } = subscription;
    const resourceData = {
      '@odata.type': '#microsoft.graph.presence',
      '@odata.id': `users/${presence.userId}/presence`,
      id: presence.userId,
    };
    const { availability, activity } = presence;
    const numbered = this.#sequenceNumbers ? { sequenceNumber: sequenceNumber(presence.sequence) } : {};
    const content = { ...resourceData, availability, activity, ...numbered };
    const item = {
      subscriptionId: id,
      clientState: clientState ?? null,
      changeType: 'updated',
      tenantId,
      organizationId: tenantId,
      subscriptionExpirationDateTime: new Date(expiresAt).toISOString(),
      resource: `communications/presences/${presence.userId}`,
      resourceData,
      ...(certificate === undefined ? {} : { encryptedContent: encryptFor(certificate, content) }),
    };
    this.#enqueue(subscription.notificationUrl, { subscription, item, isRich: certificate !== undefined });
  }

  /** What happens at one moment travels together. */
  #enqueue(url: string, item: Item): void {
    this.#queued.push({ url, item });
    if (this.#queued.length > 1) return;
    const end = this.#simulation.work.begin();
    setImmediate(() => {
      const queued = this.#queued;
      this.#queued = [];
      void this.#sendAll(queued).finally(end);
    });
  }

  async #sendAll(queued: readonly { url: string; item: Item }[]): Promise<void> {
    for (const [url, items] of Map.groupBy(queued, ({ url }) => url)) {
      for (let from = 0; from < items.length; from += batchSize) {
        await this.#send(
          url,
          items.slice(from, from + batchSize).map(({ item }) => item),
        );
      }
    }
  }

  async #send(url: string, items: readonly Item[]): Promise<void> {
    const rich = items.filter(({ isRich }) => isRich).map(({ subscription }) => subscription);
    const validationTokens =
      rich.length === 0 ? {} : { validationTokens: await this.#validationTokens(rich) };
    this.#simulation.deliveries.send({
      vendor: 'graph',
      policy: 'notifications',
      url,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ value: items.map(({ item }) => item), ...validationTokens }),
      subject: items[0]?.subscription.id ?? '',
    });
  }

  /** One for each pair of application and tenant. */
  #validationTokens(subscriptions: readonly Subscription[]): Promise<string[]> {
    const pairs = new Map(subscriptions.map((each) => [`${each.audience}/${each.tenantId}`, each]));
    return Promise.all(
      [...pairs].map(([pair, { audience, tenantId }]) => this.#token(pair, audience, tenantId)),
    );
  }

  /** The same for a minute: signing costs more than all the rest of a notification. */
  #token(pair: string, audience: string, tenantId: string): Promise<string> {
    const minute = Math.floor(this.#simulation.clock.now() / 60_000);
    const before = this.#tokens.get(pair);
    if (before?.minute === minute) return before.token;
    const claims = {
      aud: audience,
      iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      tid: tenantId,
      azp: publisherId,
      azpacr: '2',
      sub: publisherId,
      oid: publisherId,
      ver: '2.0',
    };
    const token = this.#signer.sign(claims, 24 * 3600);
    this.#tokens.set(pair, { minute, token });
    return token;
  }
}
