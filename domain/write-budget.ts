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

/**
 * Of so many requests one is left to whoever else shares the limit, subscriptions and directories, unless more writes wait than
 * the limit takes in a window: a storm needs every place, and nobody else needs one just then.
 */
const onePerOthers = 40;
/** At most this part of a window is kept free for urgent writes, and so long one of them may have to wait for a place. */
const mostKept = 0.6;
const urgentPatienceMs = 5_000;
/** Uses closer together than this part of the window count as one, at the later time. */
const finestPart = 240;

export function newAccount(side: Side): Account {
  return { ...documented[side], uses: [] };
}

/** What is asked of a side at the moment. */
export interface Demand {
  /** How many writes wait. */
  waiting: number;
  /** How many people have had something of ours for a window: so many urgent writes, which let go of it, may come. */
  held: number;
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
 * ones would need: were these to come as fast as the limit takes them from now on, each would find a free place in time. So an
 * ordinary write takes the last places only where others become free soon, and a storm spreads by itself.
 */
export function writesAllowed(
  account: Account,
  demand: Demand,
  at: string,
): { all: number; ordinary: number } {
  const now = Date.parse(at);
  const { uses } = current(account, at);
  const limit = limitsOf(account, demand);
  const all = Math.max(limit.capacity - used({ ...account, uses }), 0);
  // What is written now is free again after a window.
  let ordinary = Math.min(all, limit.capacity - neededIn(limit, account.windowSeconds * 1000));
  let free = all;
  for (const use of uses) {
    ordinary = Math.min(ordinary, free - neededIn(limit, endOf(account, use) - now));
    free += use.count;
  }
  return { all, ordinary: Math.max(ordinary, 0) };
}

/** From when on one write is allowed, if nothing else is written meanwhile; `at` when it is now. */
export function allowedFrom(
  account: Account,
  kind: 'urgent' | 'ordinary',
  demand: Demand,
  at: string,
): string {
  const { uses } = current(account, at);
  const limit = limitsOf(account, demand);
  const ends = uses.map((use) => ({ end: endOf(account, use), count: use.count }));
  let from = Date.parse(at);
  let free = limit.capacity - used({ ...account, uses });
  for (const [index, { end, count }] of ends.entries()) {
    const start = kind === 'urgent' ? from : Math.max(from, spareFrom(limit, free, ends.slice(index)));
    if (free >= 1 && start < end) return new Date(start).toISOString();
    from = end;
    free += count;
  }
  return new Date(from).toISOString();
}

/** The instant after which urgent writes need no more than becomes free in time, one place less. */
function spareFrom(limit: Limits, free: number, ends: readonly { end: number; count: number }[]): number {
  let places = free;
  let from = 0;
  for (const { end, count } of ends) {
    if (places <= limit.kept) {
      from = Math.max(from, Math.floor(end - urgentPatienceMs - places / limit.perMs) + 1);
    }
    places += count;
  }
  return from;
}

/** More writes wait than a window takes: whoever shares the limit and can wait should. */
export function isStorm({ limit }: Account, waiting: number): boolean {
  return waiting > limit;
}

interface Limits {
  /** How many writes a window takes. */
  capacity: number;
  /** How many of them at most are kept free for urgent ones. */
  kept: number;
  perMs: number;
}

/** However small the limit, a window takes one write. */
function limitsOf(account: Account, { waiting, held }: Demand): Limits {
  const { limit, windowSeconds } = account;
  const forOthers = isStorm(account, waiting) ? 0 : Math.ceil(limit / onePerOthers);
  const capacity = Math.max(limit - forOthers, 1);
  const kept = Math.min(Math.floor(mostKept * capacity), held);
  return { capacity, kept, perMs: capacity / (windowSeconds * 1000) };
}

/** How many urgent writes may come that cannot wait for longer than so many milliseconds. */
function neededIn({ kept, perMs }: Limits, ms: number): number {
  return Math.min(Math.floor(perMs * Math.max(ms - urgentPatienceMs, 0)), kept);
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
