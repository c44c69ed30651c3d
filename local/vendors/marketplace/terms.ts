/** The terms that plans are sold for: whole months and years from midnight UTC. */
import type { Subscription } from './model.ts';

type Term = NonNullable<Subscription['term']>;

const dayMs = 24 * 3_600_000;

/** The term that begins on the day of `at`. A free trial lasts for a month. */
export function firstTerm({ termUnit, isFreeTrial }: Subscription, at: number): Term {
  return termFrom(midnight(at), isFreeTrial ? 1 : monthsOf(termUnit));
}

/** The term right after `term`. */
export function nextTerm({ termUnit }: Subscription, term: Term): Term {
  return termFrom(term.endsAt + dayMs, monthsOf(termUnit));
}

/** When what is paid for has run out: the end of the term's last day. */
export function overAt({ endsAt }: Term): number {
  return endsAt + dayMs;
}

/** P1M, P1Y and so on; what has no length of its own, such as PAY, is billed by the month. */
function monthsOf(termUnit: string): number {
  const [, count = '1', unit = 'M'] = /^P(\d+)([MY])$/.exec(termUnit) ?? [];
  return Number(count) * (unit === 'Y' ? 12 : 1);
}

function termFrom(startsAt: number, months: number): Term {
  const start = new Date(startsAt);
  const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
  end.setUTCDate(Math.min(start.getUTCDate(), lastDay));
  return { startsAt, endsAt: end.getTime() - dayMs };
}

function midnight(at: number): number {
  return Math.floor(at / dayMs) * dayMs;
}
