/** How many writes a side may take now, by what the vendor's rate-limit headers last said. */
import { z } from 'zod';
import type { Side } from './presence.ts';

export const budgetSchema = z.object({
  limit: z.int().nonnegative(),
  remaining: z.int().nonnegative(),
  windowSeconds: z.int().positive(),
});
/** The vendor's own account of a rate limit: how many requests per window, and how many are left of it. */
export type Budget = z.infer<typeof budgetSchema>;

/** What a vendor allows at once before it has told us anything, and how many requests we leave to others. */
const firstBatch: Record<Side, number> = { teams: 100, ringCentral: 20 };
const reserved = 4;

/** What the vendor said, and when. */
export interface KnownBudget {
  budget: Budget;
  at: string;
}

/**
 * The number of writes to send now, or the instant to wait for when the budget is spent. The window slides at
 * the vendor, so a spent budget is waited out whole: a request too early would start a penalty. However small the
 * limit, a fresh window always takes one write.
 */
export function writesAllowed(
  side: Side,
  known: KnownBudget | undefined,
  at: string,
): { writes: number } | { waitUntil: string } {
  if (known === undefined) return { writes: firstBatch[side] };
  const { left, isFresh } = leftOf(known, at);
  const writes = Math.min(Math.max(left - reserved, isFresh ? 1 : 0), firstBatch[side]);
  return writes > 0 ? { writes } : { waitUntil: new Date(renewalMs(known)).toISOString() };
}

/** The budget once `writes` more are handed out, until the vendor says better. */
export function budgetAfter(known: KnownBudget, writes: number, at: string): KnownBudget {
  const { left, isFresh } = leftOf(known, at);
  return {
    budget: { ...known.budget, remaining: Math.max(left - writes, 0) },
    at: isFresh ? at : known.at,
  };
}

function leftOf(known: KnownBudget, at: string): { left: number; isFresh: boolean } {
  const isFresh = Date.parse(at) >= renewalMs(known);
  return { left: isFresh ? known.budget.limit : known.budget.remaining, isFresh };
}

function renewalMs({ budget, at }: KnownBudget): number {
  return Date.parse(at) + budget.windowSeconds * 1000;
}
