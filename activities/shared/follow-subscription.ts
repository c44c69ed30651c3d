/** How what the marketplace says of a subscription becomes our own: stored, told, and what follows from it begun. */
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type {
  MarketplaceOperation,
  MarketplaceSubscription,
} from '../../clients/marketplace/marketplace-client.ts';
import { suspensionId } from '../../contracts/identities.ts';
import { lifecycleChangedEvent } from '../../contracts/lifecycle.ts';
import { eventOfStatus, type LifecycleEvent } from '../../domain/lifecycle.ts';
import type { Change, Plan, Seen } from '../../domain/subscription.ts';
import { StoreError } from '../../domain/store-error.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import { errorKind } from '../../domain/telemetry-words.ts';
import type { Store } from '../../store/store.ts';
import type { SubscriptionRow } from '../../store/subscriptions.ts';
import { beginWork } from './begin-work.ts';
import { tellCustomer } from './customer-log.ts';

export interface Following {
  store: Store;
  clock: () => Date;
  durable: DurableClient;
  telemetry: Telemetry;
}

/** What brings the news: an operation of the marketplace, or something of our own. */
export type Occasion = { eventId: string; event?: LifecycleEvent } | MarketplaceOperation;

const mostReads = 5;

/**
 * Brings our subscription in line with what the marketplace says when it is asked by `read`; answers how it stands and
 * changed. Undefined where the marketplace knows none. What was read before others have changed ours counts for nothing, and
 * is read again. Rejects with `StoreError` (`conflict`) where that goes on and on. Safe to run twice.
 */
export async function followSubscription(
  following: Following,
  tenantId: string,
  read: () => Promise<MarketplaceSubscription | undefined>,
  occasion: Occasion,
): Promise<Followed | undefined> {
  for (let reads = 0; reads < mostReads; reads += 1) {
    const held = await following.store.subscriptions.find(tenantId);
    const seen = await read();
    if (seen === undefined) return undefined;
    const followed = await follow(following, held, { tenantId, seen, occasion });
    if (followed !== undefined) return { ...followed, seen };
  }
  throw new StoreError('conflict', 'subscriptions.version');
}

interface Followed {
  seen: MarketplaceSubscription;
  after: SubscriptionRow | undefined;
  change: Change | undefined;
}

async function follow(
  following: Following,
  held: SubscriptionRow | undefined,
  { tenantId, seen, occasion }: { tenantId: string; seen: MarketplaceSubscription; occasion: Occasion },
): Promise<Omit<Followed, 'seen'> | undefined> {
  const { store, clock, telemetry } = following;
  const event = ('event' in occasion ? occasion.event : undefined) ?? eventOfStatus(seen.status);
  const learnedAt = clock();
  const at = sinceWhen(occasion, event, { now: learnedAt, notBefore: held?.changedAt });
  const noted = notedOf(seen, 'eventId' in occasion ? occasion.eventId : occasion.id);
  const changed = await store.subscriptions.change(
    tenantId,
    { event, plan: planOf(seen), at, learnedAt },
    { ...noted, version: held?.version ?? 0 },
  );
  if (changed === undefined) return undefined;
  const { before, after, change } = changed;
  if (change?.kind !== undefined) {
    telemetry.record('subscriptionChanged', { change: change.kind }, { tenantId });
    await tellOfChange(following, tenantId, change, noted.eventId);
  }
  if (before?.state === 'suspended' && before.state !== after?.state) {
    await wakeSuspension(following, tenantId, before.entered);
  }
  await beginWork(following, tenantId);
  return { after, change };
}

/** How the marketplace's plan is written with us; flat plans have no quantity, and some answers leave it out. */
export function planOf({ planId, quantity }: MarketplaceSubscription): Seen['plan'] {
  // A quantity beyond what the database takes would be a defect of the marketplace's.
  const most = 2 ** 31 - 1;
  return planId === undefined
    ? undefined
    : { planId, quantity: quantity === undefined ? undefined : Math.min(quantity, most) };
}

const ending = { ended: 'Unsubscribe', unpaid: 'Suspend' } as const;

/**
 * Deletions count from when it happened at the marketplace, as far as that can be: the webhook of an earlier suspension
 * says nothing of this one.
 */
function sinceWhen(
  occasion: Occasion,
  event: LifecycleEvent | undefined,
  { now, notBefore }: { now: Date; notBefore: Date | undefined },
): Date {
  if (!('action' in occasion) || occasion.at === undefined) return now;
  const isOfThis = (event === 'ended' || event === 'unpaid') && occasion.action === ending[event];
  const isPlausible = occasion.at <= now && (notBefore === undefined || occasion.at >= notBefore);
  return isOfThis && isPlausible ? occasion.at : now;
}

const mail = z.string().max(320).nullable().catch(null);
const objectId = z.guid().toLowerCase().nullable().catch(null);
const termUnit = z
  .string()
  .regex(/^\w{1,16}$/)
  .nullable()
  .catch(null);

function notedOf({ purchaser, term }: MarketplaceSubscription, eventId: string) {
  return {
    eventId,
    termUnit: termUnit.parse(term.unit ?? null),
    purchaser: {
      mail: mail.parse(purchaser.emailId ?? null),
      objectId: objectId.parse(purchaser.objectId ?? null),
    },
  };
}

function tellOfChange(
  following: Following,
  tenantId: string,
  { kind, after }: Change,
  occasion: string,
): Promise<void> {
  if (kind === undefined) return Promise.resolve();
  const seats = after.quantity === null ? {} : { seats: after.quantity };
  const happening = { kind: 'subscriptionChanged', change: kind, ...seats } as const;
  return tellCustomer(following, following, tenantId, {
    told: [{ happening, once: `${occasion}:${after.version}` }],
  });
}

/** It would find out by itself when its time is up; woken, it ends now. */
async function wakeSuspension(
  { durable, telemetry }: Following,
  tenantId: string,
  entered: number,
): Promise<void> {
  try {
    await durable.raiseEvent(suspensionId(tenantId, entered), lifecycleChangedEvent, {});
  } catch (error) {
    telemetry.record('keeperNotNudged', { kind: errorKind(error) }, { tenantId });
  }
}

/** Billing hears of each new term. */
export function noteRenewal(
  { store, clock }: Following,
  tenantId: string,
  { seen, operation, plan }: { seen: MarketplaceSubscription; operation: MarketplaceOperation; plan: Plan },
): Promise<void> {
  const { planId, quantity } = plan;
  const happenedAt = operation.at ?? clock();
  const noted = notedOf(seen, operation.id);
  return store.billingEvents.add(tenantId, { ...noted, planId, quantity, kind: 'renewed', happenedAt });
}
