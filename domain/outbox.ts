/** The writes waiting for one side of one tenant: the newest per person, until a delivery takes them. */
import { z } from 'zod';
import { inStead } from './delivery-order.ts';
import { later } from './later.ts';
import { holdSchema, urgencySchema, type Side } from './presence.ts';
import { ringCentralWriteSchema } from './ring-central-presence.ts';
import { renewalsSchema } from './standing-holds.ts';
import { teamsWriteSchema } from './teams-presence.ts';
import type { Answer } from './user-presence.ts';
import { accountSchema, budgetSchema, isStorm, newAccount } from './write-budget.ts';

const instant = z.iso.datetime({ offset: true });

export const waitingWishSchema = z.object({
  userId: z.string(),
  /** Whom the write addresses at the vendor: the Entra object id, or the RingCentral extension id. */
  targetId: z.string(),
  revision: z.int(),
  hold: holdSchema.nullable(),
  /** What the side holds for us as long as this wish is not written. */
  baseline: holdSchema.nullable(),
  /** Every wish before this one, and before those it replaces, has been answered: `baseline` can be relied on. */
  certain: z.boolean(),
  urgency: urgencySchema.default('rest'),
  /** When we were told of what asks for the write; unknown for what has waited since before it was noted. */
  since: instant.optional(),
  /** Not to be written before: what asks for it may be over by then. */
  notBefore: instant.optional(),
  write: z.union([teamsWriteSchema, ringCentralWriteSchema]),
});
export type WaitingWish = z.infer<typeof waitingWishSchema>;

export const outboxSchema = z.object({
  version: z.literal(1),
  /** Counts the deliveries started; each has an orchestration of its own. */
  epoch: z.int(),
  /** A delivery of this epoch is under way. */
  open: z.boolean(),
  /** Until when a delivery that is under way cannot be taken for dead. */
  servedUntil: instant.optional(),
  /** What the delivery under way is waiting for; a wish that can be written sooner has it woken. */
  waitsUntil: instant.optional(),
  /** The vendor wants no request before, or takes none. */
  quietUntil: instant.optional(),
  /** The customer's grant is gone: wishes wait, nothing is sent, until they reconnect. */
  paused: z.boolean(),
  /** The newest version of the subscription that has shut the outbox, or opened it again. */
  service: z.object({ version: z.int(), ended: z.boolean() }).default({ version: 0, ended: false }),
  /** By whom they address: somebody mapped anew may have a wish for their old extension and one for the new. */
  waiting: z.record(z.string(), waitingWishSchema),
  inFlight: z.record(z.string(), waitingWishSchema),
  /** Unknown as long as nothing has been written. */
  account: accountSchema.optional(),
  failures: z.int(),
  /** What stands on the side because of us, and until when that is in Teams. */
  renewals: renewalsSchema.default({ standing: {}, alarms: 0 }),
});
export type Outbox = z.infer<typeof outboxSchema>;

export const emptyOutbox: Outbox = {
  version: 1,
  epoch: 0,
  open: false,
  paused: false,
  service: { version: 0, ended: false },
  waiting: {},
  inFlight: {},
  failures: 0,
  renewals: { standing: {}, alarms: 0 },
};

/** A wish by name: enough to find it, and nothing about anybody's presence. */
export const handedOutSchema = z.object({ targetId: z.string(), revision: z.int() });
export type HandedOut = z.infer<typeof handedOutSchema>;

/**
 * What a write came to. `retry` is to be tried again, and may have been carried out; `unsent` certainly was not. A refusal
 * carries the vendor's code.
 */
const writeResultSchema = z.object({
  ...handedOutSchema.shape,
  result: z.enum(['done', 'rejected', 'retry', 'unsent']),
  code: z.string().optional(),
  /** When the vendor had answered, or failed to; absent where it was not asked. */
  at: instant.optional(),
});
export type WriteResult = z.infer<typeof writeResultSchema>;

/** How a batch of writes ended: each person's result, and what the vendor said about going on. */
export const batchReportSchema = z.object({
  results: z.array(writeResultSchema),
  /** What the vendor said last of its rate limit, and when. */
  budget: budgetSchema.extend({ at: instant.optional() }).optional(),
  /** The vendor wants no request before this many seconds have passed. */
  retryAfterSeconds: z.number().nonnegative().optional(),
  /** The customer's grant is gone; the vendor's code. */
  consentRevoked: z.string().optional(),
});
export type BatchReport = z.infer<typeof batchReportSchema>;

export const nextOrderSchema = z.discriminatedUnion('kind', [
  /** `last`: nothing else waits, so that nobody has to be asked what comes next. */
  z.object({ kind: z.literal('write'), wishes: z.array(handedOutSchema), last: z.boolean().optional() }),
  z.object({ kind: z.literal('wait'), until: instant }),
  z.object({ kind: z.literal('closed') }),
]);
/** What the delivery is to do next. */
export type NextOrder = z.infer<typeof nextOrderSchema>;

export interface Settlement {
  userId: string;
  answer: Answer;
}

/** A delivery that has not asked for this long is taken for dead, and the next wish starts another. */
export const deadAfterMs = 10 * 60_000;

/**
 * Takes in a wish. A newer wish replaces the one waiting; if that leaves nothing to write, both are dropped.
 * `start` says that a delivery for `outbox.epoch` must be started.
 */
export function addWish(
  outbox: Outbox,
  wish: WaitingWish,
  at: string,
): { outbox: Outbox; start: boolean; settled: Settlement[] } {
  if (outbox.service.ended) return { outbox, start: false, settled: [settlement(wish, 'abandoned')] };
  const { [wish.targetId]: before, ...others } = outbox.waiting;
  const isFlying = wish.targetId in outbox.inFlight;
  // An extension that has just changed hands may have to be let go of for whom it belonged to before.
  const isAnothers = before !== undefined && before.userId !== wish.userId;
  const replaced = isAnothers ? undefined : before;
  // What stands there may have been taken away in part since: then the older one's word for it is outdated.
  const isAsCertain = replaced?.certain === true && replaced.baseline === wish.baseline;
  const isUndone = isAsCertain && wish.hold === wish.baseline;
  if (!isFlying && (isUndone || isEmpty(wish))) {
    return { outbox: { ...outbox, waiting: others }, start: false, settled: [settlement(wish, 'dropped')] };
  }
  const certain = !isFlying && !isAnothers && (replaced === undefined ? wish.certain : isAsCertain);
  const ranked = replaced === undefined ? wish : inStead(wish, replaced);
  const waiting = { ...outbox.waiting, [wish.targetId]: { ...ranked, certain } };
  return { ...open({ ...outbox, waiting }, at), settled: [] };
}

/**
 * Shuts the outbox, because the service has ended with this version: what waits is given up, nothing more is taken in. A
 * delivery under way still reports what it has in flight, unless there is no more waiting for that (`atOnce`), and ends.
 */
export function shut(
  outbox: Outbox,
  { version, atOnce }: { version: number; atOnce?: boolean | undefined },
): { outbox: Outbox; settled: Settlement[] } {
  if (version < outbox.service.version) return { outbox, settled: [] };
  const renewals = { ...outbox.renewals, standing: {} };
  const ended = { ...outbox, service: { version, ended: true }, waiting: {}, renewals };
  if (atOnce !== true) return { outbox: ended, settled: abandoned(outbox.waiting) };
  const settled = abandoned({ ...outbox.inFlight, ...outbox.waiting });
  return { outbox: { ...ended, open: false, inFlight: {} }, settled };
}

/**
 * Opens the outbox, if an older version of the subscription has shut it, and keeps an older one from shutting it. What a delivery that died had in flight is
 * outdated by now.
 */
export function reopen(outbox: Outbox, version: number): { outbox: Outbox; settled: Settlement[] } {
  if (version <= outbox.service.version) return { outbox, settled: [] };
  const service = { version, ended: false };
  if (!outbox.service.ended) return { outbox: { ...outbox, service }, settled: [] };
  const settled = abandoned(outbox.inFlight);
  return { outbox: { ...outbox, service, open: false, inFlight: {}, failures: 0 }, settled };
}

/** How many writes are not answered yet, and whether none will be before the customer reconnects. */
export function backlogOf({ waiting, inFlight, paused }: Outbox): { wishes: number; paused: boolean } {
  return { wishes: Object.keys({ ...waiting, ...inFlight }).length, paused };
}

/** More waits than the vendor takes in a window, and it is being written: whoever shares the limit and can wait should. */
export function isInStorm({ waiting, paused, failures, account }: Outbox, side: Side): boolean {
  return !paused && failures === 0 && isStorm(account ?? newAccount(side), Object.keys(waiting).length);
}

/**
 * The vendor wants, or takes, no request before `until`, as a delivery has found, or somebody else who shares the limit of writes. The
 * longest of several such pauses counts: a request in a penalty begins it anew (RingCentral, "Rate limits").
 */
export function hush(outbox: Outbox, until: string): Outbox {
  const { quietUntil } = outbox;
  return quietUntil !== undefined && quietUntil >= until ? outbox : { ...outbox, quietUntil: until };
}

/** Lets a paused outbox go on after the customer has reconnected. */
export function resume(outbox: Outbox, at: string): { outbox: Outbox; start: boolean } {
  return open({ ...outbox, paused: false }, at);
}

export function isEmpty({ write }: WaitingWish): boolean {
  return Object.keys(write).length === 0;
}

/** The delivery under way has ended, or cannot be reached: where something is left to do, another takes its place. */
export function replaceDelivery(outbox: Outbox, at: string): { outbox: Outbox; start: boolean } {
  return open({ ...outbox, open: false }, at);
}

function open(outbox: Outbox, at: string): { outbox: Outbox; start: boolean } {
  if (outbox.service.ended) return { outbox, start: false };
  const underWay = outbox.open && (outbox.servedUntil === undefined || outbox.servedUntil > at);
  // What a dead delivery had in flight is waiting, too: the next delivery finds it without a result.
  const isEmptied = Object.keys({ ...outbox.waiting, ...outbox.inFlight }).length === 0;
  if (underWay || outbox.paused || isEmptied) return { outbox, start: false };
  const opened = { ...outbox, open: true, epoch: outbox.epoch + 1, servedUntil: later(at, deadAfterMs) };
  return { outbox: opened, start: true };
}

export function abandoned(wishes: Outbox['waiting']): Settlement[] {
  return Object.values(wishes).map((wish) => settlement(wish, 'abandoned'));
}

export function settlement(
  wish: WaitingWish,
  outcome: 'done' | 'dropped' | 'rejected' | 'abandoned',
  code = 'unknown',
): Settlement {
  const answer = { revision: wish.revision, hold: wish.hold };
  return {
    userId: wish.userId,
    answer: outcome === 'rejected' ? { ...answer, outcome, code } : { ...answer, outcome },
  };
}
