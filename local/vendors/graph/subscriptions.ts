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
}

const reminderMs = 15 * 60_000;

export class Subscriptions {
  readonly #clock: Clock;
  readonly #stored: Collection<Subscription>;
  /** The same in memory: each change of a presence looks here. */
  readonly #all = new Map<string, Subscription>();
  readonly #remind: (subscription: Subscription) => void;
  readonly #watching = new Map<string, Set<string>>();
  readonly #timers = new Map<string, Scheduled[]>();

  /** `remind` is called 15 minutes before a subscription or its token ends. */
  constructor(clock: Clock, data: VendorData, remind: (subscription: Subscription) => void) {
    this.#clock = clock;
    this.#stored = data.collection<Subscription>('subscriptions');
    this.#remind = remind;
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
    const timers = [this.#clock.schedule(expiresAt, () => this.remove(id))];
    const remindAt = Math.min(expiresAt, authorizedUntil) - reminderMs;
    // A token that ends sooner is reminded of in a minute.
    const due = Math.max(remindAt, this.#clock.now() + 60_000);
    if (due < expiresAt) timers.push(this.#clock.schedule(due, () => this.#remind(subscription)));
    this.#timers.set(id, timers);
  }

  #cancel(id: string): void {
    for (const timer of this.#timers.get(id) ?? []) timer.cancel();
    this.#timers.delete(id);
  }
}
