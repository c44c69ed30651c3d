/** What the marketplace says, in answers and webhooks, read leniently: its samples and the wild differ in many small ways. */
import { z } from 'zod';
import {
  marketplaceActions,
  operationStatuses,
  subscriptionStatuses,
} from '../../domain/marketplace-words.ts';
import { openNumber, readableItems, withoutUndefined } from '../lenient.ts';

/** The fulfilment API as Entra ID knows it: the resource of our tokens, and the sender of the webhooks' ones. */
export const marketplaceResource = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/** Ids become keys of ours, so each has one spelling. */
const id = z
  .string()
  .trim()
  .pipe(z.guid())
  .transform((text) => text.toLowerCase());

const trimmed = z.string().trim().min(1);
const openTrimmed = trimmed.optional().catch(undefined);

/** One of the known words in their spelling, however padded or cased, else the text as it is: lists of words grow. */
function openWord<const Word extends string>(known: readonly Word[], synonyms: Record<string, Word> = {}) {
  const words = new Map<string, Word>([
    ...known.map((word) => [word.toLowerCase(), word] as const),
    ...Object.entries(synonyms),
  ]);
  // The intersection keeps the known words in sight of editors, which `Word | string` would not.
  return trimmed.transform((text): Word | (string & {}) => words.get(text.toLowerCase()) ?? text);
}

const subscriptionStatus = openWord(subscriptionStatuses);
const operationStatus = openWord(operationStatuses);

/** The life-cycle guide calls Suspend "Suspended". */
const action = openWord(marketplaceActions, { suspended: 'Suspend' });

/** Seats: a number, a text, an empty text or nothing; flat plans have none. */
const quantity = z
  .preprocess((value) => (typeof value === 'string' ? value.trim() : value), openNumber)
  .transform((seats) => (Number.isSafeInteger(seats) && (seats ?? -1) >= 0 ? seats : undefined));

/** A moment or a day; without a zone it is UTC's. The year 1 is .NET's word for never. */
const moment = z
  .string()
  .trim()
  .regex(/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/)
  .transform((text) => new Date(/T[\d:.]+$/.test(text) ? `${text}Z` : text))
  .refine((date) => date.getUTCFullYear() > 1)
  .optional()
  .catch(undefined);

const openFlag = z.boolean().optional().catch(undefined);

/** An account at Microsoft that bought, or that uses what was bought. */
const party = z
  .object({ emailId: openTrimmed, objectId: openTrimmed, tenantId: openTrimmed })
  .transform(withoutUndefined)
  .catch({});

interface Term {
  /** `P1M`, `P1Y`, … or something newer, such as `PAY`. */
  readonly unit?: string;
  /** Midnight of the first and of the last day. */
  readonly startsAt?: Date;
  readonly endsAt?: Date;
}

const term = z
  .object({ termUnit: openTrimmed, startDate: moment, endDate: moment })
  .transform(({ termUnit, startDate, endDate }): Term =>
    withoutUndefined({ unit: termUnit, startsAt: startDate, endsAt: endDate }),
  )
  .catch({});

export const subscription = z
  .object({
    id,
    name: openTrimmed,
    offerId: openTrimmed,
    planId: openTrimmed,
    quantity,
    saasSubscriptionStatus: subscriptionStatus,
    beneficiary: party,
    purchaser: party,
    term,
    autoRenew: openFlag,
    isFreeTrial: openFlag,
    isTest: openFlag,
    allowedCustomerOperations: readableItems(trimmed).catch([]),
  })
  .transform(({ saasSubscriptionStatus: status, isFreeTrial, isTest, ...said }) => ({
    ...withoutUndefined(said),
    status,
    isFreeTrial: isFreeTrial ?? false,
    isTest: isTest ?? false,
  }));

/** A resolved purchase wraps the subscription. */
export const resolvedPurchase = z
  .object({ planId: openTrimmed, quantity, subscription })
  .transform((resolved) => ({
    ...withoutUndefined({ planId: resolved.planId, quantity: resolved.quantity }),
    ...resolved.subscription,
  }));

/** One unreadable subscription must not hide the others. */
export const subscriptionPage = z.object({
  subscriptions: readableItems(subscription).catch([]),
  '@nextLink': openTrimmed,
});

const plan = z
  .object({
    planId: trimmed,
    displayName: openTrimmed,
    description: openTrimmed,
    isPricePerSeat: openFlag,
    isStopSell: openFlag,
    isPrivate: openFlag,
    minQuantity: quantity,
    maxQuantity: quantity,
  })
  .transform(withoutUndefined);
export const planList = z.object({ plans: readableItems(plan).catch([]) });

const operationShape = z.object({
  id,
  subscriptionId: id,
  planId: openTrimmed,
  quantity,
  action,
  status: operationStatus.optional().catch(undefined),
  timeStamp: moment,
});

export const operation = operationShape.transform(({ timeStamp, ...said }) =>
  withoutUndefined({ ...said, at: timeStamp }),
);
export const operationList = z.object({ operations: readableItems(operation).catch([]) });

/**
 * The body of a webhook: what it says happens, which has to be confirmed by asking. What it tells of the purchaser is
 * left out.
 */
export const webhookBody = operationShape.transform(({ id: operationId, timeStamp, ...said }) =>
  withoutUndefined({ operationId, ...said, at: timeStamp }),
);
