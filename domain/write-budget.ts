/**
 * How many writes a side may take now. We keep the times of our own requests, because the vendors' windows slide, and believe
 * the rate-limit headers where they know of more, or of fewer.
 */
import { z } from 'zod';
import type { Side } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

export const budgetSchema = z.object({
  limit: z.int().nonnegative(),
  remaining: z.int().nonnegative(),
  windowSeconds: z.int().positive(),
});
/** The vendor's own account of a rate limit: how many requests per window, and how many are left of it. */
export type Budget = z.infer<typeof budgetSchema>;

export const accountSchema = z.object({
  limit: z.int().nonnegative(),
  windowSeconds: z.int().positive(),
  /** When the requests of this window were made, the oldest first. */
  uses: z.array(z.object({ at: instant, count: z.int().positive() })),
});
/** Our account of a rate limit. Whoever used it, and however exactly we know when: a use ends a window after its time. */
export type Account = z.infer<typeof accountSchema>;

/**
 * The limits unless a vendor says otherwise: RingCentral's group Medium (developer guide, "Rate limits"), and Graph's presence
 * for an app and tenant (presence: setPresence, where it is stricter than in "Throttling limits").
 */
const documented: Record<Side, { limit: number; windowSeconds: number }> = {
  teams: { limit: 1500, windowSeconds: 30 },
  ringCentral: { limit: 40, windowSeconds: 60 },
};

/** Of so many requests one is always left to whoever else shares the limit: subscriptions, directories. */
const onePerOthers = 40;
/** The part of each window that urgent writes can count on, and how long one of them may have to wait for it. */
const urgentShare = 0.5;
const urgentPatienceMs = 5_000;
/** Uses closer together than this part of the window count as one, at the later time. */
const finestPart = 240;

export function newAccount(side: Side): Account {
  return { ...documented[side], uses: [] };
}

/** Notes requests at these instants. */
export function spend(account: Account, instants: readonly string[]): Account {
  const grainMs = (account.windowSeconds * 1000) / finestPart;
  const counts = new Map(account.uses.map(({ at, count }) => [Date.parse(at), count]));
  for (const each of instants) {
    const ms = Math.ceil(Date.parse(each) / grainMs) * grainMs;
    counts.set(ms, (counts.get(ms) ?? 0) + 1);
  }
  return { ...account, uses: usesOf([...counts].toSorted(([one], [other]) => one - other)) };
}

/**
 * Believes what the vendor said at the instant `at`. What it counts beyond ours was used by others, at the latest just then;
 * what it does not count any more is the oldest that we know of.
 */
export function heed(account: Account, said: Budget, at: string): Account {
  const heeded = current({ ...account, limit: said.limit, windowSeconds: said.windowSeconds }, at);
  const unknown = said.limit - said.remaining - used(heeded);
  if (unknown >= 0)
    return spend(
      heeded,
      Array.from({ length: unknown }, () => at),
    );
  let surplus = -unknown;
  const uses: Account['uses'] = [];
  for (const use of heeded.uses) {
    const dropped = Math.min(surplus, use.count);
    surplus -= dropped;
    if (use.count > dropped) uses.push({ ...use, count: use.count - dropped });
  }
  return { ...heeded, uses };
}

/** The account without what has left the window by `at`. */
export function current(account: Account, at: string): Account {
  const uses = account.uses.filter((use) => endOf(account, use) > Date.parse(at));
  return uses.length === account.uses.length ? account : { ...account, uses };
}

/**
 * How many writes may go out at once: `all`, of which at most `ordinary` that are not urgent. Those never take what urgent
 * ones would need: were these to come at the rate of their share from now on, each would find a free place in time. So an
 * ordinary write takes the last places only where others become free soon, and a storm spreads by itself.
 */
export function writesAllowed(account: Account, at: string): { all: number; ordinary: number } {
  const now = Date.parse(at);
  const { uses } = current(account, at);
  const capacity = capacityOf(account);
  const all = Math.max(capacity - used({ ...account, uses }), 0);
  // What is written now is free again after a window.
  let ordinary = Math.min(all, capacity - neededUntil(account, now, now + account.windowSeconds * 1000));
  let free = all;
  for (const use of uses) {
    const end = endOf(account, use);
    ordinary = Math.min(ordinary, free - neededUntil(account, now, end));
    free += use.count;
  }
  return { all, ordinary: Math.max(ordinary, 0) };
}

/** From when on one write is allowed, if nothing else is written meanwhile; `at` when it is now. */
export function allowedFrom(account: Account, kind: 'urgent' | 'ordinary', at: string): string {
  const { uses } = current(account, at);
  const ends = uses.map((use) => ({ end: endOf(account, use), count: use.count }));
  let from = Date.parse(at);
  let free = capacityOf(account) - used({ ...account, uses });
  for (const [index, { end, count }] of ends.entries()) {
    const start = kind === 'urgent' ? from : Math.max(from, spareFrom(account, free, ends.slice(index)));
    if (free >= 1 && start < end) return new Date(start).toISOString();
    from = end;
    free += count;
  }
  return new Date(from).toISOString();
}

/** The instant after which urgent writes need no more than becomes free in time, one place less. */
function spareFrom(account: Account, free: number, ends: readonly { end: number; count: number }[]): number {
  let places = free;
  let from = 0;
  for (const { end, count } of ends) {
    from = Math.max(from, Math.floor(end - urgentPatienceMs - places / urgentRate(account)) + 1);
    places += count;
  }
  return from;
}

/** How many urgent writes may have come by `end` that cannot wait beyond it. */
function neededUntil(account: Account, now: number, end: number): number {
  return Math.floor(urgentRate(account) * Math.max(end - now - urgentPatienceMs, 0));
}

/** Urgent writes per millisecond. */
function urgentRate(account: Account): number {
  return (urgentShare * capacityOf(account)) / (account.windowSeconds * 1000);
}

/** However small the limit, a window takes one write. */
function capacityOf({ limit }: Account): number {
  return Math.max(limit - Math.ceil(limit / onePerOthers), 1);
}

function used({ uses }: Account): number {
  return uses.reduce((sum, { count }) => sum + count, 0);
}

function endOf(account: Account, { at }: { at: string }): number {
  return Date.parse(at) + account.windowSeconds * 1000;
}

function usesOf(counts: readonly (readonly [number, number])[]): Account['uses'] {
  return counts.map(([ms, count]) => ({ at: new Date(ms).toISOString(), count }));
}
