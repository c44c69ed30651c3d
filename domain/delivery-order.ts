/** Which of the waiting writes goes first: the most urgent, and among equals the one that has waited longest. */
import { urgencySchema, type Hold, type Urgency } from './presence.ts';

interface Ranked {
  hold: Hold | null;
  urgency: Urgency;
  since?: string | undefined;
}

/** Who has waited this long goes before all others, so that nobody starves behind the more urgent. */
const longestWaitMs = 15 * 60_000;

const ranks: Record<Urgency, number> = { callEnd: 1, doNotDisturb: 2, callStart: 3, rest: 4 };

/** What has no time of its own has waited since before times were noted. */
export function mostUrgentFirst<Wish extends Ranked>(wishes: readonly Wish[], at: string): Wish[] {
  const overdue = new Date(Date.parse(at) - longestWaitMs).toISOString();
  const rankOf = ({ urgency, since = '' }: Wish): number =>
    since <= overdue && since !== '' ? 0 : ranks[urgency];
  return wishes.toSorted(
    (one, other) => rankOf(one) - rankOf(other) || compare(one.since ?? '', other.since ?? ''),
  );
}

/**
 * The newer of two wishes for the same place, waiting in the older one's stead. The side has been wrong since the older
 * came; what is asked for once more is no less urgent than before.
 */
export function inStead<Wish extends Ranked>(newer: Wish, older: Wish): Wish {
  const since = [newer.since, older.since].filter((each) => each !== undefined).toSorted()[0];
  const urgency = newer.hold === older.hold ? moreUrgent(newer.urgency, older.urgency) : newer.urgency;
  return { ...newer, urgency, ...(since !== undefined && { since }) };
}

function moreUrgent(one: Urgency, other: Urgency): Urgency {
  return urgencySchema.options.find((urgency) => urgency === one || urgency === other) ?? one;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
