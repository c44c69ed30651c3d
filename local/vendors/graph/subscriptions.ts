/** The presence subscriptions, with their ends and the reminders before them (Microsoft Graph, "subscription resource type"). */
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import type { EncryptionCertificate } from './encryption.ts';

export interface Subscription {
  readonly id: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The signed-in user that made it. */
  readonly creatorId: string;
  readonly resource: string;
  readonly watchedIds: readonly string[];
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | undefined;
  readonly clientState: string | undefined;
  readonly latestSupportedTlsVersion: string;
  /** The application that validation tokens are for. */
  readonly audience: string;
  /** Absent: notifications carry no resource data. */
  readonly certificate: EncryptionCertificate | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the access token it rests on ends: until renewed or reauthorized, nothing is delivered after that. */
  readonly authorizedUntil: number;
  /** It stands and is renewed, and tells of no change (msteams-docs issue 11452). */
  readonly silent?: boolean;
}

/** Both the notice and the pause between two reminders (Microsoft Graph, "Lifecycle notifications"). */
const reminderMs = 15 * 60_000;
const earliestReminderMs = 5 * 60_000;

interface SubscriptionListener {
  /** 15 minutes before a subscription or its token ends, and every 15 minutes from then on. */
  remind(subscription: Subscription): void;
  ended(subscriptionId: string): void;
}

export class Subscriptions {
  readonly #clock: Clock;
  readonly #stored: Collection<Subscription>;
  /** The same in memory: each change of a presence looks here. */
  readonly #all = new Map<string, Subscription>();
  readonly #tell: SubscriptionListener;
  readonly #watching = new Map<string, Set<string>>();
  readonly #timers = new Map<string, { end: Scheduled; reminder?: Scheduled }>();

  constructor(clock: Clock, data: VendorData, tell: SubscriptionListener) {
    this.#clock = clock;
    this.#stored = data.collection<Subscription>('subscriptions');
    this.#tell = tell;
    for (const subscription of this.#stored.all()) this.#watch(subscription);
  }

  /** Stores a new subscription, or a changed one. */
  put(subscription: Subscription): void {
    this.#stored.put(subscription.id, subscription);
    this.#watch(subscription);
  }

  get(id: string): Subscription | undefined {
    return this.#all.get(id);
  }

  remove(id: string): void {
    const subscription = this.#all.get(id);
    if (subscription === undefined) return;
    this.#stored.delete(id);
    this.#all.delete(id);
    this.#cancel(id);
    for (const userId of subscription.watchedIds) this.#watching.get(userId)?.delete(id);
    this.#tell.ended(id);
  }

  list(matches: (subscription: Subscription) => boolean = () => true): Subscription[] {
    return [...this.#all.values()].filter(matches);
  }

  watching(userId: string): Subscription[] {
    const ids = [...(this.#watching.get(userId) ?? [])];
    return ids.map((id) => this.#all.get(id)).filter((each) => each !== undefined);
  }

  close(): void {
    for (const id of this.#timers.keys()) this.#cancel(id);
  }

  #watch(subscription: Subscription): void {
    const { id, expiresAt, authorizedUntil } = subscription;
    this.#all.set(id, subscription);
    for (const userId of subscription.watchedIds) {
      const ids = this.#watching.get(userId) ?? new Set<string>();
      this.#watching.set(userId, ids.add(id));
    }
    this.#cancel(id);
    this.#timers.set(id, { end: this.#clock.schedule(expiresAt, () => this.remove(id)) });
    const remindAt = Math.min(expiresAt, authorizedUntil) - reminderMs;
    this.#remindAt(subscription, Math.max(remindAt, this.#clock.now() + earliestReminderMs));
  }

  /** Reminds again and again, until the subscription is renewed or has ended. */
  #remindAt(subscription: Subscription, due: number): void {
    const timers = this.#timers.get(subscription.id);
    if (timers === undefined || due >= subscription.expiresAt) return;
    timers.reminder = this.#clock.schedule(due, () => {
      this.#tell.remind(subscription);
      this.#remindAt(subscription, due + reminderMs);
    });
  }

  #cancel(id: string): void {
    this.#timers.get(id)?.end.cancel();
    this.#timers.get(id)?.reminder?.cancel();
    this.#timers.delete(id);
  }
}
