/** When directories are read, what of RingCentral's limit is left to others meanwhile, and when what was read is not believed. */

/** Days change then, UTC: a little before the nightly look at all tenants, which may come a moment early. */
const nightBeginsMs = 2.5 * 60 * 60 * 1000;

/**
 * Whether the directories are to be read at the instant `now`, having been read last from `lastBegan` on: once in a day that
 * begins with the night, so that no restart of the app asks the vendors again.
 */
export function directoryIsDue(lastBegan: Date | undefined, now: Date): boolean {
  return lastBegan === undefined || dayOf(lastBegan) !== dayOf(now);
}

function dayOf(at: Date): string {
  return new Date(at.getTime() - nightBeginsMs).toISOString().slice(0, '2026-03-02'.length);
}

/** Of fewer people all may leave at once without anybody wondering. */
const aFew = 20;

/**
 * Whether so many of the people who are mapped would leave at once that a mistake in a directory, or in reading it, is likelier.
 * Then nobody is let go of before the customer says so, or the next reading does.
 */
export function isMassDeparture({ mapped, leaving }: { mapped: number; leaving: number }): boolean {
  return mapped >= aFew && leaving > mapped / 2;
}

/** Our own word for a run in which nothing was changed, because so many would have left. */
export const manyWouldLeave = 'ManyWouldLeave';

/** Calls of the same limit that are left to writing presence. */
const reserve = 15;

/**
 * How long to wait before the next call for the directory, in seconds, by what RingCentral says is left of the limit that
 * writing presence shares.
 */
export function directoryPause(
  budget: { remaining: number; windowSeconds: number } | undefined,
): number | undefined {
  return budget === undefined || budget.remaining > reserve ? undefined : budget.windowSeconds;
}
