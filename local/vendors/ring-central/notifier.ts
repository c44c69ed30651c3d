/** Sends events to webhook subscriptions, and gives up on addresses that stay broken. */
import { randomUUID } from 'node:crypto';
import type { Attempt, Delivery } from '../deliveries.ts';
import type { Simulation } from '../simulation.ts';
import { presenceInterest } from './event-filters.ts';
import { webhookHeaders, webhookLimitMs } from './handshake.ts';
import type { Account, Extension, Model, Subscription } from './model.ts';
import { presenceEventFields, type PresenceChange } from './presence.ts';
import { filtersOf, isActive, subscriptionKey } from './subscription-rules.ts';

/** An address that fails so long is blacklisted (RingCentral staff, developer forum); a fresh subscription mends it. */
const blacklistAfterMs = 10 * 60_000;
const policy = 'webhook';

export interface VendorEvent {
  readonly event: string;
  readonly body: Record<string, unknown>;
}

interface NotifierOptions {
  /** The guide's editions differ on the name of the header that carries `deliveryMode.verificationToken`. */
  readonly verificationHeader: string;
}

export class Notifier {
  readonly #simulation: Simulation;
  readonly #model: Model;
  readonly #options: NotifierOptions;
  #closed = false;

  constructor(simulation: Simulation, model: Model, options: NotifierOptions) {
    this.#simulation = simulation;
    this.#model = model;
    this.#options = options;
    // No retries: what fails once is lost, as far as anybody has published.
    simulation.deliveries.register('ringCentral', policy, {
      limitMs: () => webhookLimitMs,
      accepts: (status) => status === 200,
      settled: (delivery, attempt) => this.#settled(delivery, attempt),
    });
  }

  /** One event for each subscription of the account that asked for it and can see the difference. */
  presenceChanged(extension: Extension, change: PresenceChange): void {
    const account = this.#model.accounts.get(extension.accountId);
    if (account === undefined) return;
    for (const subscription of this.#activeOf(account)) {
      for (const event of presenceEvents(account, extension, subscription, change))
        this.send(subscription, event);
    }
  }

  /** An extension was made, changed or deleted: for those who subscribed to `account/~/extension` or one extension. */
  extensionChanged(
    extension: Extension,
    eventType: 'Create' | 'Update' | 'Delete',
    hints: readonly string[],
  ): void {
    const account = this.#model.accounts.get(extension.accountId);
    if (account === undefined) return;
    const { accountId, extensionId } = extension;
    for (const subscription of this.#activeOf(account)) {
      const interested = filtersOf(subscription).some(
        (filter) => filter.kind === 'extension' && (filter.extensionId ?? extensionId) === extensionId,
      );
      if (!interested) continue;
      const event = `/restapi/v1.0/account/${accountId}/extension`;
      const extensions = [{ extensionId, eventType, ...(hints.length > 0 ? { hints } : {}) }];
      this.send(subscription, { event, body: { accountId, extensions } });
    }
  }

  send(subscription: Subscription, { event, body }: VendorEvent): void {
    const { verificationToken } = subscription;
    this.#simulation.deliveries.send({
      vendor: 'ringCentral',
      policy,
      url: subscription.address,
      subject: subscriptionKey(subscription),
      headers: {
        ...webhookHeaders,
        ...(verificationToken === undefined ? {} : { [this.#options.verificationHeader]: verificationToken }),
      },
      body: JSON.stringify({
        uuid: randomUUID(),
        event,
        timestamp: new Date(this.#simulation.clock.now()).toISOString(),
        subscriptionId: subscription.id,
        ownerId: subscription.extensionId,
        body,
      }),
    });
  }

  /** Takes no more note of how deliveries went. */
  close(): void {
    this.#closed = true;
  }

  #activeOf(account: Account): Subscription[] {
    const now = this.#simulation.clock.now();
    const all = this.#model.subscriptions.all(`${account.accountId}/`);
    return all.filter((each) => isActive(each, now) && each.silent !== true);
  }

  #settled(delivery: Delivery, attempt: Attempt): void {
    if (this.#closed) return;
    const subscription = this.#model.subscriptions.get(delivery.subject);
    if (subscription === undefined || subscription.blacklisted !== undefined) return;
    const { failingSince, ...rest } = subscription;
    if (attempt.delivered) {
      if (failingSince !== undefined) this.#model.subscriptions.put(delivery.subject, rest);
      return;
    }
    const now = this.#simulation.clock.now();
    const reason = attempt.status === undefined ? 'No answer in time' : `HTTP status ${attempt.status}`;
    const broken = failingSince !== undefined && now - failingSince >= blacklistAfterMs;
    this.#model.subscriptions.put(delivery.subject, {
      ...rest,
      failingSince: failingSince ?? now,
      ...(broken ? { blacklisted: { at: now, reason } } : {}),
    });
  }
}

function presenceEvents(
  account: Account,
  extension: Extension,
  subscription: Subscription,
  change: PresenceChange,
): VendorEvent[] {
  const { accountId, extensionId, sequence } = extension;
  const interest = presenceInterest(filtersOf(subscription), extension);
  const viewpoint = {
    newCallHandling: account.newCallHandling,
    own: subscription.extensionId === extensionId,
  };
  const path = `/restapi/v1.0/account/${accountId}/extension/${extensionId}/presence`;
  const events: VendorEvent[] = [];
  const detailed = interest.presence === 'detailed';
  const fields = presenceEventFields(change, viewpoint, detailed);
  if (interest.presence !== undefined && fields !== undefined) {
    const { telephonyStatus, ...others } = fields;
    const body = {
      extensionId,
      ...(telephonyStatus === undefined ? {} : { telephonyStatus }),
      sequence,
      ...others,
    };
    events.push({ event: detailed ? `${path}?detailedTelephonyState=true` : path, body });
  }
  const { dndStatus } = change.after;
  if (interest.dnd && dndStatus !== change.before.dndStatus) {
    events.push({ event: `${path}/dnd`, body: { extensionId, sequence, dndStatus } });
  }
  return events;
}
