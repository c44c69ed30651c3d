/** Tells from what a side shows, and from the echoes still to come, which of what we hold there stands. */
import { isOver, type Echo, type Ledger } from './hold.ts';
import { partsOf, type Hold } from './presence.ts';

/**
 * Tells what we hold from the person's doing, where `like` is what is shown, were it ours. `standing`: it may be standing
 * because of us. `late`: it looks like an echo of what stood a moment ago; a read shows the present, and so is never late.
 */
export function attribute(
  ledger: Ledger,
  like: Hold | undefined,
  { at, isRead }: { at: string; isRead: boolean },
): 'standing' | 'late' | 'theirs' {
  if (like === undefined) return 'theirs';
  const { heldBack } = ledger;
  const isUnsent = heldBack !== undefined && at < heldBack.until && heldBack.untouched.includes(like);
  if (ledger.touched.includes(like) && !isUnsent) return 'standing';
  const isLate = (echo: Echo): boolean =>
    echo.hold === like && echo.again !== true && isDue(ledger, echo, at);
  const late = !isRead && ledger.echoes.some(isLate);
  return late ? 'late' : 'theirs';
}

/** The write it comes of may have been made by then, and not too long ago. */
function isDue(ledger: Ledger, echo: Echo, at: string): boolean {
  const { heldBack } = ledger;
  const isUnsent =
    heldBack !== undefined &&
    at < heldBack.until &&
    echo.revision > ledger.answered &&
    heldBack.untouched.includes(echo.hold);
  return !isUnsent && !isOver(ledger, echo, at);
}

/**
 * Follows the echoes of the holds that a notification tells `about`: the vendor may send an echo several times, but
 * once it was seen and something else is shown, the side has gone on and the same status is the person's. A write that
 * has not been answered may be made again, and so come back again.
 */
export function noteShown(ledger: Ledger, like: Hold | undefined, about: readonly Hold[]): Ledger {
  if (ledger.echoes.length === 0) return ledger;
  const matches = (echo: Echo): boolean => echo.hold === like;
  const isPast = (echo: Echo): boolean => echo.seen && about.includes(echo.hold) && !matches(echo);
  const begun = ledger.echoes.some((echo) => echo.seen && matches(echo));
  const first = begun ? -1 : ledger.echoes.findIndex(matches);
  return {
    ...ledger,
    echoes: ledger.echoes
      .filter((echo) => !isPast(echo) || echo.revision > ledger.answered)
      .map((echo) => (isPast(echo) ? { ...echo, seen: false } : echo))
      .map((echo) => (echo === ledger.echoes[first] ? { ...echo, seen: true } : echo)),
  };
}

/**
 * The person, or our own release, has taken `hold` away, so it is no longer ours to put back. While our write or its
 * echo is still on its way, what is shown may be older than the write, and the hold stays ours for now.
 */
export function letGo(
  ledger: Ledger,
  hold: Hold,
  { at, wasShown }: { at: string; wasShown: boolean },
): Ledger {
  if (!ledger.touched.includes(hold)) return ledger;
  const isUnderWay = (echo: Echo): boolean =>
    echo.hold === hold && (!echo.seen || echo.revision > ledger.answered) && !isOver(ledger, echo, at);
  const taken = ledger.taken.filter((part) => part !== hold);
  if (ledger.echoes.some(isUnderWay)) return wasShown ? { ...ledger, taken: [...taken, hold] } : ledger;
  return {
    ...ledger,
    confirmed: partsOf(ledger.confirmed).includes(hold) ? null : ledger.confirmed,
    touched: ledger.touched.filter((touched) => touched !== hold),
    taken,
  };
}

/** The ledger without what the person has taken away, where no write is under way any more that could be newer. */
export function withoutTaken(ledger: Ledger, at: string): Ledger {
  return ledger.taken.reduce((known, hold) => letGo(known, hold, { at, wasShown: true }), ledger);
}

/** What looks like `hold`, and may be ours, is shown: then it is not taken away, or there again. */
export function shownAgain(ledger: Ledger, hold: Hold | undefined): Ledger {
  const taken = ledger.taken.filter((part) => part !== hold);
  return taken.length === ledger.taken.length ? ledger : { ...ledger, taken };
}
