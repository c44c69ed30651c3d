/** The delivery of what waits in an outbox: small batches, the most urgent first, at the pace the vendor allows. */
import { mostUrgentFirst } from './delivery-order.ts';
import { later } from './later.ts';
import {
  abandoned,
  deadAfterMs,
  hush,
  isEmpty,
  replaceDelivery,
  settlement,
  type BatchReport,
  type NextOrder,
  type Outbox,
  type Settlement,
  type WaitingWish,
  type WriteResult,
} from './outbox.ts';
import type { Side } from './presence.ts';
import { heldFor, standing } from './standing-holds.ts';
import {
  allowedFrom,
  current,
  heed,
  newAccount,
  spend,
  writesAllowed,
  type Account,
} from './write-budget.ts';

const firstRetrySeconds = 2;
const longestRetrySeconds = 60;
/** RingCentral is written one by one, and nobody urgent is to wait for many; of Graph's, five batches of 20 go together. */
const largestBatch: Record<Side, number> = { teams: 100, ringCentral: 8 };

/** What a delivery tells when it asks what to do next, or ends. */
interface Ask {
  epoch: number;
  report?: BatchReport | undefined;
}

/**
 * Takes in how the last batch of the delivery `epoch` ended, and says what it is to do next. Taking the last wish
 * closes the epoch in the same step, so that no wish is stranded between two deliveries.
 */
export function nextBatch(
  outbox: Outbox,
  side: Side,
  ask: Ask,
  at: string,
): { outbox: Outbox; order: NextOrder; settled: Settlement[] } {
  if (!isOf(outbox, ask)) return { outbox, order: { kind: 'closed' }, settled: [] };
  const { outbox: rested, settled } = landed(outbox, side, ask.report, at);
  if (rested.paused || Object.keys(rested.waiting).length === 0) {
    return { outbox: { ...rested, open: false }, order: { kind: 'closed' }, settled };
  }
  return { ...orderNow(rested, side, at), settled };
}

/**
 * Takes in how the delivery `epoch` ended, which was told that nothing else waits. `start` says that something does after
 * all, and another delivery, for `outbox.epoch`, must be started.
 */
export function endDelivery(
  outbox: Outbox,
  side: Side,
  ask: Ask,
  at: string,
): { outbox: Outbox; start: boolean; settled: Settlement[] } {
  if (!isOf(outbox, ask)) return { outbox, start: false, settled: [] };
  const { outbox: rested, settled } = landed(outbox, side, ask.report, at);
  return { ...replaceDelivery(rested, at), settled };
}

/** Whether the delivery under way waits for longer than it has to; then it is to be woken, once. */
export function rouse(outbox: Outbox, side: Side, at: string): { outbox: Outbox; wake: boolean } {
  const { waitsUntil, ...roused } = outbox;
  if (!outbox.open || waitsUntil === undefined || waitsUntil <= at) return { outbox, wake: false };
  const { order } = orderNow(outbox, side, at);
  const isSooner = order.kind === 'write' || (order.kind === 'wait' && order.until < waitsUntil);
  return isSooner ? { outbox: roused, wake: true } : { outbox, wake: false };
}

function isOf(outbox: Outbox, { epoch }: Ask): boolean {
  return outbox.open && epoch === outbox.epoch;
}

function landed(
  outbox: Outbox,
  side: Side,
  report: BatchReport | undefined,
  at: string,
): { outbox: Outbox; settled: Settlement[] } {
  const { waitsUntil: _over, ...awake } = outbox;
  const taken = takeReport(awake, side, report, at);
  return outbox.service.ended ? giveUp(taken) : taken;
}

/** Once the outbox is shut, what has come back from the delivery is not tried again. */
function giveUp({ outbox, settled }: { outbox: Outbox; settled: Settlement[] }): {
  outbox: Outbox;
  settled: Settlement[];
} {
  return { outbox: { ...outbox, waiting: {} }, settled: [...settled, ...abandoned(outbox.waiting)] };
}

/** What can be written now, or the instant until which nothing can. */
function orderNow(outbox: Outbox, side: Side, at: string): { outbox: Outbox; order: NextOrder } {
  if (outbox.quietUntil !== undefined && outbox.quietUntil > at) return wait(outbox, outbox.quietUntil);
  const account = current(outbox.account ?? newAccount(side), at);
  const wishes = Object.values(outbox.waiting);
  const demand = { waiting: wishes.length, held: heldFor(outbox.renewals, account.windowSeconds * 1000, at) };
  const { all, ordinary } = writesAllowed(account, demand, at);
  const due = mostUrgentFirst(
    wishes.filter(({ notBefore }) => notBefore === undefined || notBefore <= at),
    at,
  );
  const batch: WaitingWish[] = [];
  for (const wish of due) {
    if (batch.length === largestBatch[side]) break;
    if (batch.length < (isUrgent(wish) ? all : ordinary)) batch.push(wish);
  }
  if (batch.length > 0) return handOut({ ...outbox, account }, batch, at);
  const moments = wishes.flatMap(({ notBefore }) =>
    notBefore !== undefined && notBefore > at ? [notBefore] : [],
  );
  if (due.length > 0) {
    moments.push(allowedFrom(account, due.some(isUrgent) ? 'urgent' : 'ordinary', demand, at));
  }
  return wait({ ...outbox, account }, moments.toSorted()[0] ?? at);
}

/** For whose sake a part of the budget is kept free: people who are wrongly shown as busy miss calls. */
function isUrgent({ urgency }: WaitingWish): boolean {
  return urgency === 'callEnd';
}

function wait(outbox: Outbox, until: string): { outbox: Outbox; order: NextOrder } {
  const waiting = { ...outbox, servedUntil: later(until, deadAfterMs), waitsUntil: until };
  return { outbox: waiting, order: { kind: 'wait', until } };
}

function handOut(
  outbox: Outbox,
  batch: readonly WaitingWish[],
  at: string,
): { outbox: Outbox; order: NextOrder } {
  const waiting = { ...outbox.waiting };
  for (const { targetId } of batch) delete waiting[targetId];
  const inFlight = Object.fromEntries(batch.map((wish) => [wish.targetId, wish]));
  const wishes = batch.map(({ targetId, revision }) => ({ targetId, revision }));
  const last = Object.keys(waiting).length === 0;
  return {
    outbox: { ...outbox, servedUntil: later(at, deadAfterMs), waiting, inFlight },
    order: { kind: 'write', wishes, ...(last && { last }) },
  };
}

/** Settles what was in flight. Only a vendor that takes nothing at all is given time; one person's trouble delays no one. */
function takeReport(
  outbox: Outbox,
  side: Side,
  report: BatchReport | undefined,
  at: string,
): { outbox: Outbox; settled: Settlement[] } {
  const { waiting, settled, done } = settleFlight(outbox, report?.results ?? []);
  const account = accountAfter(outbox, side, report, at);
  const renewals = standing(outbox.renewals, side, done, at);
  const home = { ...outbox, waiting, inFlight: {}, renewals, ...(account && { account }) };
  // A delivery that asks after a wait has nothing to report, and its failures are not forgotten.
  if (report === undefined) return { outbox: home, settled };
  const reached = report.results.some((each) => each.result === 'done' || each.result === 'rejected');
  const failed = report.results.length > 0 && !reached && report.consentRevoked === undefined;
  const failures = failed ? outbox.failures + 1 : 0;
  const pausedUntil = waitAfter(report, failures, at);
  // A pause that others were told of meanwhile is not over because this batch went well.
  const { quietUntil, ...rested } = pausedUntil === undefined ? home : hush(home, pausedUntil);
  return {
    outbox: {
      ...rested,
      failures,
      paused: report.consentRevoked !== undefined,
      ...(quietUntil !== undefined && quietUntil > at && { quietUntil }),
    },
    settled,
  };
}

/** What is in flight without a result has been sent, for all we know, until now. */
function accountAfter(
  outbox: Outbox,
  side: Side,
  report: BatchReport | undefined,
  at: string,
): Account | undefined {
  const results = new Map(report?.results.map((each) => [each.targetId, each]));
  const sent = Object.keys(outbox.inFlight).flatMap((targetId) => {
    const result = results.get(targetId);
    return result?.result === 'unsent' && result.at === undefined ? [] : [result?.at ?? at];
  });
  if (sent.length === 0 && report?.budget === undefined) return outbox.account;
  const account = spend(outbox.account ?? newAccount(side), sent);
  return report?.budget === undefined ? account : heed(account, report.budget, report.budget.at ?? at);
}

/**
 * Whatever was in flight without a result goes back to waiting, before all others, unless a newer wish has taken its
 * place; a newer wish for just what has been written, or for nothing, is dropped.
 */
function settleFlight(
  { inFlight, waiting }: Outbox,
  results: readonly WriteResult[],
): { waiting: Outbox['waiting']; settled: Settlement[]; done: WaitingWish[] } {
  const resultOf = new Map(results.map((result) => [`${result.targetId} ${result.revision}`, result]));
  const settled: Settlement[] = [];
  const done: WaitingWish[] = [];
  const again: Outbox['waiting'] = {};
  const newer = { ...waiting };
  for (const [targetId, wish] of Object.entries(inFlight)) {
    const { result = 'retry', code } = resultOf.get(`${targetId} ${wish.revision}`) ?? {};
    if (result === 'unsent') again[targetId] = wish;
    else if (result === 'retry') again[targetId] = { ...wish, certain: false };
    else settled.push(settlement(wish, result, code));
    if (result === 'done') done.push(wish);
    const next = newer[targetId];
    if (next === undefined || !(isEmpty(next) || (result === 'done' && isSameWrite(next, wish)))) continue;
    settled.push(settlement(next, 'dropped'));
    delete newer[targetId];
    delete again[targetId];
  }
  return { waiting: { ...again, ...newer }, settled, done };
}

function isSameWrite(one: WaitingWish, other: WaitingWish): boolean {
  return JSON.stringify(one.write) === JSON.stringify(other.write);
}

function waitAfter(report: BatchReport, failures: number, at: string): string | undefined {
  if (report.retryAfterSeconds !== undefined) return later(at, report.retryAfterSeconds * 1000);
  if (failures === 0) return undefined;
  return later(at, Math.min(firstRetrySeconds * 2 ** (failures - 1), longestRetrySeconds) * 1000);
}
