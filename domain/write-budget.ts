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

/**
 * The number of writes to send now, or the instant (ms) to wait for when the budget is spent. The window slides at
 * the vendor, so a spent budget is waited out whole: a request too early would start a penalty.
 */
export function writesAllowed(
  side: Side,
  known: { budget: Budget; at: string } | undefined,
  at: string,
): { writes: number } | { waitUntil: string } {
  if (known === undefined) return { writes: firstBatch[side] };
  const renewedAt = Date.parse(known.at) + known.budget.windowSeconds * 1000;
  const left = Date.parse(at) >= renewedAt ? known.budget.limit : known.budget.remaining;
  const writes = Math.min(left - reserved, firstBatch[side]);
  if (writes > 0) return { writes };
  return { waitUntil: new Date(Math.max(renewedAt, Date.parse(at) + 1000)).toISOString() };
}
