/** The life of webhook subscriptions: created after a handshake, changed, renewed, reminded of, blacklisted, expired. */
import { randomUUID } from 'node:crypto';
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { Directory } from './directory.ts';
import { refused, resourceNotFound } from './errors.ts';
import type { Caller } from './gate.ts';
import { shakeHands } from './handshake.ts';
import type { Model, Subscription } from './model.ts';
import type { Notifier } from './notifier.ts';
import {
  filtersOf,
  isActive,
  judgeFilters,
  subscriptionKey,
  type SubscriptionRequest,
  type SubscriptionUpdate,
} from './subscription-rules.ts';

/** Of one user with one app; source: RingCentral API reference, POST subscription. */
const mostSubscriptions = 30;

interface SubscriptionParts {
  readonly model: Model;
  readonly directory: Directory;
  readonly notifier: Notifier;
  readonly clock: Clock;
}

export class Subscriptions {
  readonly #parts: SubscriptionParts;
  readonly #reminders = new Map<string, Scheduled>();
  #closed = false;

  /** Takes up the reminders of subscriptions from before a restart. */
  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    for (const subscription of this.list()) this.#scheduleReminder(subscription);
  }

  /** @throws 403 SUB-505, the refusals of filters and of the handshake */
  async create(caller: Caller, request: SubscriptionRequest): Promise<Subscription> {
    const filters = judgeFilters(request.eventFilters, caller, this.#parts.directory);
    if (this.ownedBy(caller).length >= mostSubscriptions) {
      throw refused(403, 'SUB-505', 'Subscriptions limit exceeded');
    }
    const { address, verificationToken } = request.deliveryMode;
    await shakeHands(this.#parts.clock, address);
    if (this.#closed) throw refused(503, 'CMN-201', 'Service Temporary Unavailable');
    const now = this.#parts.clock.now();
    const { accountId, extensionId } = caller.extension;
    return this.#save({
      id: randomUUID(),
      accountId,
      extensionId,
      clientId: caller.session.clientId,
      ...filters,
      createdAt: now,
      expiresIn: request.expiresIn,
      expiresAt: now + request.expiresIn * 1000,
      address,
      ...(verificationToken === undefined ? {} : { verificationToken }),
    });
  }

  /** Changes filters or lifetime, and renews. @throws 404, and the refusals of filters */
  update(caller: Caller, id: string, update: SubscriptionUpdate): Subscription {
    const subscription = this.get(caller, id);
    const filters =
      update.eventFilters === undefined
        ? {}
        : judgeFilters(update.eventFilters, caller, this.#parts.directory);
    const expiresIn = update.expiresIn ?? subscription.expiresIn;
    const expiresAt = this.#parts.clock.now() + expiresIn * 1000;
    return this.#save({ ...subscription, ...filters, expiresIn, expiresAt });
  }

  /** Those of the caller with this app that have not expired. */
  ownedBy(caller: Caller): Subscription[] {
    return this.list(caller.account.accountId).filter((each) => isOwn(each, caller));
  }

  /** @throws 404 CMN-102 when unknown, SUB-507 when expired */
  get(caller: Caller, id: string): Subscription {
    const key = subscriptionKey({ accountId: caller.account.accountId, id });
    const subscription = this.#parts.model.subscriptions.get(key);
    if (subscription === undefined || !isOwn(subscription, caller)) throw resourceNotFound('subscriptionId');
    if (this.#parts.clock.now() < subscription.expiresAt) return subscription;
    throw refused(404, 'SUB-507', `Subscription with key [${id}] and assigned session was expired`);
  }

  delete(caller: Caller, id: string): void {
    this.#remove(this.get(caller, id));
  }

  /** All that have not expired, of one account or of all. */
  list(accountId?: string): Subscription[] {
    const now = this.#parts.clock.now();
    const all = this.#parts.model.subscriptions.all(accountId === undefined ? '' : `${accountId}/`);
    return all.filter((each) => now < each.expiresAt);
  }

  /** Removes all of an account, or of one of its users, without a word to anybody. */
  removeAll(accountId: string, extensionId?: string): void {
    for (const subscription of this.#parts.model.subscriptions.all(`${accountId}/`)) {
      if ((extensionId ?? subscription.extensionId) === subscription.extensionId) this.#remove(subscription);
    }
  }

  /** Removes one, without a word to anybody. @throws 404 CMN-102 */
  removeById(id: string): void {
    this.#remove(this.#byId(id));
  }

  /** @throws 404 CMN-102 */
  blacklist(id: string, reason: string): void {
    this.#save({ ...this.#byId(id), blacklisted: { at: this.#parts.clock.now(), reason } });
  }

  /** From now on it tells of no change, without a word of it. @throws 404 CMN-102 */
  silence(id: string): void {
    this.#save({ ...this.#byId(id), silent: true });
  }

  /** Sends no more reminders; what waits for a handshake comes to nothing. */
  close(): void {
    this.#closed = true;
    for (const scheduled of this.#reminders.values()) scheduled.cancel();
    this.#reminders.clear();
  }

  #byId(id: string): Subscription {
    const subscription = this.#parts.model.subscriptions.find((each) => each.id === id);
    if (subscription === undefined) throw resourceNotFound('subscriptionId');
    return subscription;
  }

  #save(subscription: Subscription): Subscription {
    this.#parts.model.subscriptions.put(subscriptionKey(subscription), subscription);
    this.#scheduleReminder(subscription);
    return subscription;
  }

  #remove(subscription: Subscription): void {
    this.#reminders.get(subscription.id)?.cancel();
    this.#reminders.delete(subscription.id);
    this.#parts.model.subscriptions.delete(subscriptionKey(subscription));
  }

  /** From `threshold` seconds before the end on, every `interval` seconds. */
  #scheduleReminder(subscription: Subscription): void {
    const { id, expiresAt } = subscription;
    this.#reminders.get(id)?.cancel();
    this.#reminders.delete(id);
    const wanted = filtersOf(subscription).find((filter) => filter.reminder !== undefined);
    const now = this.#parts.clock.now();
    if (wanted?.reminder === undefined || !isActive(subscription, now)) return;
    const { threshold, interval } = wanted.reminder;
    const beginsAt = expiresAt - threshold * 1000;
    const at = now < beginsAt ? beginsAt : now + interval * 1000;
    if (at >= expiresAt) return;
    const remind = (): void => this.#remind(subscriptionKey(subscription), wanted.text);
    this.#reminders.set(id, this.#parts.clock.schedule(at, remind));
  }

  #remind(key: string, event: string): void {
    const subscription = this.#parts.model.subscriptions.get(key);
    const now = this.#parts.clock.now();
    if (subscription === undefined || !isActive(subscription, now)) return;
    const expiresIn = Math.floor((subscription.expiresAt - now) / 1000);
    this.#parts.notifier.send(subscription, { event, body: { expiresIn } });
    this.#scheduleReminder(subscription);
  }
}

function isOwn(subscription: Subscription, caller: Caller): boolean {
  const { extensionId, clientId } = caller.session;
  return subscription.extensionId === extensionId && subscription.clientId === clientId;
}
