/** The ledger of what we hold on one side of one person: asked, confirmed, and the echoes still to come. */
import { z } from 'zod';
import { holdSchema, type Hold, type Status } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

export const ledgerSchema = z.object({
  /** What the side should be holding for us now. */
  asked: holdSchema.nullable(),
  /** What the vendor holds for us, as far as it has answered. */
  confirmed: holdSchema.nullable(),
  /** When the vendor last took a hold. */
  heldSince: instant.optional(),
  /** Counts what was asked, so that an answer is matched with its question. */
  revision: z.int(),
  /** The newest revision that has been answered. */
  answered: z.int(),
  /** What may be standing on the side because of us, and has to be put back when we let go. */
  touched: z.array(holdSchema),
  /** Our own writes that the vendor reports back to us; `seen` once it has begun to. */
  echoes: z.array(z.object({ hold: holdSchema, revision: z.int(), until: instant, seen: z.boolean() })),
  /** Why the vendor last refused a write. */
  rejection: z.object({ code: z.string(), at: instant }).optional(),
});
export type Ledger = z.infer<typeof ledgerSchema>;
type Echo = Ledger['echoes'][number];

export const emptyLedger: Ledger = {
  asked: null,
  confirmed: null,
  revision: 0,
  answered: 0,
  touched: [],
  echoes: [],
};

/** Vendors promise a notification within a minute (Graph, change notification latency); twice that is safe. */
const echoWindowMs = 120_000;
const rememberedEchoes = 4;

/** True while the vendor has not answered what was last asked. */
export function isPending(ledger: Ledger): boolean {
  return ledger.answered < ledger.revision;
}

/** True when `confirmed` tells all that we have on the side: nothing is under way, or of unknown fate. */
export function isCertain(ledger: Ledger): boolean {
  return !isPending(ledger) && ledger.touched.every((hold) => hold === ledger.confirmed);
}

/** True when something may be standing because of us that nobody has asked for, and no release of it is under way. */
export function isLeftBehind(ledger: Ledger): boolean {
  return ledger.asked === null && ledger.touched.length > 0 && !isPending(ledger);
}

/** Asks for `hold` at the instant `at`. */
export function ask(ledger: Ledger, hold: Hold | null, at: string): Ledger {
  const revision = ledger.revision + 1;
  const echoes = ledger.echoes.filter((echo) => !isOver(ledger, echo, at));
  const repeats = ledger.asked === hold && echoes.some((echo) => echo.revision > ledger.answered);
  if (hold !== null && !repeats) {
    echoes.push({ hold, revision, until: later(at, echoWindowMs), seen: false });
  }
  return {
    ...ledger,
    asked: hold,
    revision,
    touched: hold === null || ledger.touched.includes(hold) ? ledger.touched : [...ledger.touched, hold],
    echoes: echoes.slice(-rememberedEchoes),
  };
}

/**
 * Notes that the vendor took `hold` at the instant `at`, the answer to `revision`. Its echo is due from now on;
 * what was asked between this and the answer before was overtaken unsent, and has no echo.
 */
export function confirm(
  ledger: Ledger,
  { hold, revision }: { hold: Hold | null; revision: number },
  at: string,
): Ledger {
  const isOvertaken = (echo: Echo): boolean => echo.revision > ledger.answered && echo.revision < revision;
  // What has been seen of an overtaken one was the echo of this.
  const begun = ledger.echoes.some((echo) => isOvertaken(echo) && echo.hold === hold && echo.seen);
  const echoes = ledger.echoes
    .filter((echo) => !isOvertaken(echo))
    .map((echo) =>
      echo.hold === hold ? { ...echo, until: later(at, echoWindowMs), seen: echo.seen || begun } : echo,
    );
  return standing({ ...ledger, echoes, ...(hold !== null && { heldSince: at }) }, hold, revision);
}

/** Notes that a wish was given up unsent, because the side holds what it asks for; no echo will come of it. */
export function drop(ledger: Ledger, { hold, revision }: { hold: Hold | null; revision: number }): Ledger {
  return standing({ ...ledger, echoes: withoutUnsent(ledger, revision) }, hold, revision);
}

/** The echoes but those of `revision` and what it overtook, none of which was carried out. */
function withoutUnsent(ledger: Ledger, revision: number): Echo[] {
  return ledger.echoes.filter((echo) => echo.revision <= ledger.answered || echo.revision > revision);
}

/** What was touched shrinks to what stands, once nothing newer is under way; what was let go stays so. */
function standing(ledger: Ledger, hold: Hold | null, revision: number): Ledger {
  const { rejection: _settled, ...rest } = ledger;
  const after = {
    ...rest,
    confirmed: hold !== null && ledger.touched.includes(hold) ? hold : null,
    answered: Math.max(ledger.answered, revision),
  };
  if (revision !== ledger.revision) return after;
  return { ...after, touched: ledger.touched.filter((touched) => touched === hold) };
}

/**
 * Notes that the vendor refused. A hold that was refused is not asked for again before something else was wanted; a
 * release that was refused is asked for again with the next report, because nobody may be left stuck.
 */
export function reject(
  ledger: Ledger,
  { hold, revision, code }: { hold: Hold | null; revision: number; code: string },
  at: string,
): Ledger {
  const refused = {
    ...ledger,
    echoes: withoutUnsent(ledger, revision),
    rejection: { code, at },
    answered: Math.max(ledger.answered, revision),
  };
  if (revision !== ledger.revision) return refused;
  return {
    ...refused,
    asked: ledger.asked ?? ledger.confirmed,
    touched: ledger.touched.filter((touched) => touched !== hold || touched === ledger.confirmed),
  };
}

/** Notes that nobody tries any longer what was asked: it may have been carried out or not, so all that was touched stays so. */
export function abandon(ledger: Ledger, revision: number): Ledger {
  return {
    ...ledger,
    asked: revision === ledger.revision ? null : ledger.asked,
    answered: Math.max(ledger.answered, revision),
  };
}

/**
 * Tells what we hold from the person's doing. `standing`: it looks like what may be standing because of us. `late`: it
 * looks like an echo of what stood a moment ago. The vendor may change an echo's shape (Busy/InACall comes back as
 * Busy/Busy); a meeting never is one. `at` is absent for a read, which shows the present and so is never late.
 */
export function attribute(
  ledger: Ledger,
  status: Status,
  at: string | undefined,
): 'standing' | 'late' | 'theirs' {
  if (ledger.touched.some((hold) => resembles(hold, status))) return 'standing';
  if (at === undefined) return 'theirs';
  const late = ledger.echoes.some((echo) => !isOver(ledger, echo, at) && resembles(echo.hold, status));
  return late ? 'late' : 'theirs';
}

/**
 * Follows the echoes of the holds that a notification tells `about`: the vendor may send an echo several times, but
 * once it was seen and something else is shown, the side has gone on and the same status is the person's. A write that
 * has not been answered may be made again, and so come back again.
 */
export function noteShown(ledger: Ledger, status: Status, about: readonly Hold[]): Ledger {
  if (ledger.echoes.length === 0) return ledger;
  const matches = (echo: Echo): boolean => about.includes(echo.hold) && resembles(echo.hold, status);
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
 * echo is still on its way, what is shown may be older than the write, and the hold stays ours.
 */
export function letGo(ledger: Ledger, hold: Hold, at: string): Ledger {
  const isUnderWay = (echo: Echo): boolean =>
    echo.hold === hold && (!echo.seen || echo.revision > ledger.answered) && !isOver(ledger, echo, at);
  if (!ledger.touched.includes(hold) || ledger.echoes.some(isUnderWay)) return ledger;
  return {
    ...ledger,
    confirmed: ledger.confirmed === hold ? null : ledger.confirmed,
    touched: ledger.touched.filter((touched) => touched !== hold),
  };
}

/** An echo is waited for as long as its write is unanswered, and a while after. */
function isOver(ledger: Ledger, echo: Echo, at: string): boolean {
  return echo.until <= at && echo.revision <= ledger.answered;
}

function resembles(hold: Hold, status: Status): boolean {
  return hold === 'busy' ? status === 'busy' || status === 'inCall' : status === 'doNotDisturb';
}

function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
