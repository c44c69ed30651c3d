/**
 * When and whom to ask whether a subscription that stands still tells us of changes. Vendors renew subscriptions that have
 * gone silent (docs/decisions/0018-probing-for-silent-subscriptions.md).
 */
import type { Side } from './presence.ts';

/** How many people a look is about. */
export const probeSampleSize = 50;

const firstPauseMinutes = 20;
const longestPauseMinutes = 120;
const mostQuietLooks = 3;

/**
 * In how many seconds a vendor tells of a change at the latest: Graph promises a minute for presence (change notification
 * latency), RingCentral speaks of seconds. What still is untold half as long again after that was not told.
 */
export const notifiedWithinSeconds: Record<Side, number> = { teams: 90, ringCentral: 60 };

/** What a look at a subscription may come to. */
export type LookResult =
  /** The vendor has told us of somebody since the look before. */
  | 'told'
  /** Nothing was told, and the vendor shows nothing that should have been. */
  | 'quiet'
  /** The vendor could not be asked. */
  | 'unread'
  /** It shows what it has not told us. */
  | 'silent';

/**
 * How many looks in a row have found nothing, after this one: each makes the next one rarer. After a repair there is time: should
 * it not have helped, it is not done again and again.
 */
export function quietAfter(quiet: number, result: LookResult): number {
  if (result === 'told') return 0;
  return result === 'silent' ? mostQuietLooks : Math.min(quiet + 1, mostQuietLooks);
}

/** In how many minutes to look again. */
export function probePauseMinutes(quiet: number): number {
  return Math.min(firstPauseMinutes * 2 ** quiet, longestPauseMinutes);
}

/** The people of one look; looks that follow each other go through all of them, the last with the first again. */
export function sampleOf<T>(people: readonly T[], turn: number, size = probeSampleSize): T[] {
  if (people.length <= size) return [...people];
  const first = (turn * size) % people.length;
  return [...people, ...people].slice(first, first + size);
}
