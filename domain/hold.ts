/** The ledger of what we hold on one side of one person: asked, confirmed, and the echoes still to come. */
import { z } from 'zod';
import { outcomeSchema } from './journal.ts';
import { later } from './later.ts';
import { holdSchema, partsOf, type Hold } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

const heldBackSchema = z.object({
  until: instant,
  why: z.enum(['ringing', 'wrapUp', 'releaseRefused']),
  /** What was asked for before. */
  instead: holdSchema.nullable(),
  /** What nothing had been written of before: it cannot stand on the side because of us until then. */
  untouched: z.array(holdSchema),
});
type HeldBack = z.infer<typeof heldBackSchema>;
/** A wish that is not to be written before a time, because what asks for it may be over by then. */
export type HoldBack = Pick<HeldBack, 'until' | 'why'>;

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
  /** How often what was asked for has been made anew since all was answered, because the person's own values had changed. */
  restated: z.int().optional(),
  /** The parts of holds that may be standing on the side because of us, and have to be put back when we let go. */
  touched: z.array(holdSchema),
  /** What of it was shown, and then was not: taken away by the person, unless that is older than a write under way. */
  taken: z.array(holdSchema).default([]),
  /**
   * Our own writes that the vendor reports back to us; `seen` once it has begun to. `again`: it stood there already when the
   * vendor took it, so that no change may have come of it to be reported.
   */
  echoes: z.array(
    z.object({
      hold: holdSchema,
      revision: z.int(),
      until: instant,
      seen: z.boolean(),
      again: z.boolean().optional(),
    }),
  ),
  /** Why the vendor last refused a write, of what, and how often in a row it was that. */
  rejection: z
    .object({
      code: z.string(),
      at: instant,
      hold: holdSchema.nullable().optional(),
      times: z.int().default(1),
    })
    .optional(),
  /** What was last asked for is not to be written yet. */
  heldBack: heldBackSchema.optional(),
  /** What became of the newest wish that was answered, and when we were told. */
  answer: z.object({ outcome: outcomeSchema, at: instant }).optional(),
  /** When the side was first seen to show what was last asked for. */
  shownSince: instant.optional(),
});
export type Ledger = z.infer<typeof ledgerSchema>;
export type Echo = Ledger['echoes'][number];

export const emptyLedger: Ledger = {
  asked: null,
  confirmed: null,
  revision: 0,
  answered: 0,
  touched: [],
  taken: [],
  echoes: [],
};

/** Vendors promise a notification within a minute (Graph, change notification latency); twice that is safe. */
const echoWindowMs = 120_000;
const rememberedEchoes = 6;

/** True while the vendor has not answered what was last asked. */
export function isPending(ledger: Ledger): boolean {
  return ledger.answered < ledger.revision;
}

/** True when `confirmed` tells all that we have on the side: nothing is under way, or of unknown fate. */
export function isCertain(ledger: Ledger): boolean {
  return !isPending(ledger) && ledger.touched.every((part) => partsOf(ledger.confirmed).includes(part));
}

/** True when something may be standing because of us that nobody has asked for, and no release of it is under way. */
export function isLeftBehind(ledger: Ledger): boolean {
  return ledger.asked === null && ledger.touched.length > 0 && !isPending(ledger);
}

/** The parts of holds that stand, or may be about to: the vendor has taken them or not answered, and has not shown them gone. */
export function unreleased({ confirmed, touched, taken, echoes, answered }: Ledger): Hold[] {
  const isHeld = (part: Hold): boolean => partsOf(confirmed).includes(part);
  const isAsked = (part: Hold): boolean =>
    echoes.some((echo) => echo.hold === part && echo.revision > answered);
  return touched.filter((part) => !taken.includes(part) && (isHeld(part) || isAsked(part)));
}

/** Asks for `hold` at the instant `at`, to be written at once or not before `holdBack` says. */
export function ask(ledger: Ledger, hold: Hold | null, at: string, holdBack?: HoldBack): Ledger {
  const { heldBack: before, shownSince: _of, ...rest } = ledger;
  const revision = ledger.revision + 1;
  const parts = partsOf(hold);
  const until = later(at, echoWindowMs);
  const echoes = [
    ...ledger.echoes.filter((echo) => isOfUse(ledger, echo, at) && !isMadeAnew(ledger, echo, hold)),
    ...parts.map((part) => ({ hold: part, revision, until, seen: false })),
  ];
  return {
    ...rest,
    asked: hold,
    revision,
    touched: [...ledger.touched, ...parts.filter((part) => !ledger.touched.includes(part))],
    taken: ledger.taken.filter((part) => ledger.touched.includes(part)),
    echoes: echoes.slice(-rememberedEchoes),
    ...(holdBack && { heldBack: { ...holdBack, ...beneath(ledger, parts, before, at) } }),
  };
}

/** What stands is remembered as shown, however long ago it was. */
function isOfUse(ledger: Ledger, echo: Echo, at: string): boolean {
  return !isOver(ledger, echo, at) || (echo.seen && ledger.touched.includes(echo.hold));
}

/** Of what is asked for over and over, unanswered, the first may be under way, and the newest takes the others' place. */
function isMadeAnew(
  { asked, answered, echoes }: Ledger,
  { hold, revision }: Echo,
  anew: Hold | null,
): boolean {
  const isOlder = (echo: Echo): boolean =>
    echo.hold === hold && echo.revision > answered && echo.revision < revision;
  return asked === anew && partsOf(anew).includes(hold) && echoes.some(isOlder);
}

function beneath(
  ledger: Ledger,
  parts: readonly Hold[],
  before: HeldBack | undefined,
  at: string,
): Pick<HeldBack, 'instead' | 'untouched'> {
  const unsent = before !== undefined && at < before.until ? before : undefined;
  return {
    instead: unsent === undefined ? ledger.asked : unsent.instead,
    untouched: parts.filter((part) => !ledger.touched.includes(part) || unsent?.untouched.includes(part)),
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
  const begun = ledger.echoes.filter((echo) => isOvertaken(echo) && echo.seen).map((echo) => echo.hold);
  const stood = partsOf(ledger.confirmed);
  const echoes = ledger.echoes
    .filter((echo) => !isOvertaken(echo))
    .map((echo) =>
      partsOf(hold).includes(echo.hold)
        ? {
            ...echo,
            until: later(at, echoWindowMs),
            seen: echo.seen || begun.includes(echo.hold),
            ...(echo.revision === revision && stood.includes(echo.hold) && { again: true }),
          }
        : echo,
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
  const parts = partsOf(hold);
  const after = {
    ...answeredTo(rest, revision),
    confirmed: hold !== null && parts.every((part) => ledger.touched.includes(part)) ? hold : null,
  };
  if (revision !== ledger.revision) return after;
  return { ...after, touched: ledger.touched.filter((touched) => parts.includes(touched)) };
}

function answeredTo(ledger: Ledger, revision: number): Ledger {
  const { heldBack, restated, ...rest } = ledger;
  const answered = Math.max(ledger.answered, revision);
  if (revision >= ledger.revision) return { ...rest, answered };
  return { ...rest, answered, ...(heldBack && { heldBack }), ...(restated !== undefined && { restated }) };
}

/**
 * Notes that the vendor refused. A hold that was refused is not asked for again before something else was wanted; a
 * release that was refused leaves something behind.
 */
export function reject(
  ledger: Ledger,
  { hold, revision, code }: { hold: Hold | null; revision: number; code: string },
  at: string,
): Ledger {
  const inARow = ledger.rejection?.hold === hold ? ledger.rejection.times : 0;
  const refused = {
    ...answeredTo(ledger, revision),
    echoes: withoutUnsent(ledger, revision),
    rejection: { code, at, hold, times: inARow + 1 },
  };
  if (revision !== ledger.revision) return refused;
  const parts = partsOf(hold);
  const confirmed = partsOf(ledger.confirmed);
  return {
    ...refused,
    touched: ledger.touched.filter((touched) => !parts.includes(touched) || confirmed.includes(touched)),
  };
}

/** Whoever refuses to let go is asked ever more rarely, and after the last of these with the next report. */
const repeatMinutes = [1, 5, 30];
const rarelyMinutes = 120;

/** Until when a release is held back that was refused before; undefined when the last refusal was none of a release. */
export function releaseHeldBack({ rejection }: Ledger): HoldBack | undefined {
  if (rejection?.hold !== null) return undefined;
  const minutes = repeatMinutes[rejection.times - 1] ?? rarelyMinutes;
  return { until: later(rejection.at, minutes * 60_000), why: 'releaseRefused' };
}

/** True when a refused release has been repeated often enough without a new report. */
export function isWorn({ rejection }: Ledger): boolean {
  return rejection?.hold === null && rejection.times > repeatMinutes.length;
}

/** Notes that nobody tries any longer what was asked: it may have been carried out or not, so all that was touched stays so. */
export function abandon(ledger: Ledger, revision: number): Ledger {
  return { ...answeredTo(ledger, revision), asked: revision === ledger.revision ? null : ledger.asked };
}

/** An echo is waited for as long as its write is unanswered, and a while after. */
export function isOver(ledger: Ledger, echo: Echo, at: string): boolean {
  return echo.until <= at && echo.revision <= ledger.answered;
}
