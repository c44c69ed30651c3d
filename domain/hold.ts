/** The ledger of what we hold on one side of one person: asked, confirmed, and the echoes still to come. */
import { z } from 'zod';
import { holdSchema, strengthOf, strengthOfHold, type Hold, type Status } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

export const ledgerSchema = z.object({
  /** What the side should be holding for us now. */
  asked: holdSchema.nullable(),
  askedAt: instant.optional(),
  /** What the vendor has last accepted. */
  confirmed: holdSchema.nullable(),
  /** Counts what was asked, so that an answer is matched with its question. */
  revision: z.int(),
  /** What may be standing on the side because of us, and has to be put back when we let go. */
  touched: z.array(holdSchema),
  /** The person has chosen something else while we held; their choice stands. */
  overridden: z.boolean(),
  /** Our own writes that the vendor will report back to us. */
  echoes: z.array(z.object({ hold: holdSchema, until: instant })),
  /** Why the vendor last refused a write. */
  rejection: z.object({ code: z.string(), at: instant }).optional(),
});
export type Ledger = z.infer<typeof ledgerSchema>;

export const emptyLedger: Ledger = {
  asked: null,
  confirmed: null,
  revision: 0,
  touched: [],
  overridden: false,
  echoes: [],
};

/** Vendors promise a notification within a minute (Graph, change notification latency); twice that is safe. */
const echoWindowMs = 120_000;
const rememberedEchoes = 4;

/** Asks for `hold` at the instant `at`. */
export function ask(ledger: Ledger, hold: Hold | null, at: string): Ledger {
  const echoes = ledger.echoes.filter((echo) => echo.until > at);
  if (hold !== null) echoes.push({ hold, until: later(at, echoWindowMs) });
  return {
    ...ledger,
    asked: hold,
    askedAt: at,
    revision: ledger.revision + 1,
    touched: hold === null || ledger.touched.includes(hold) ? ledger.touched : [...ledger.touched, hold],
    overridden: false,
    echoes: echoes.slice(-rememberedEchoes),
  };
}

/** Notes that the vendor took `hold`; what was touched shrinks to it once nothing newer is under way. */
export function confirm(ledger: Ledger, hold: Hold | null, revision: number): Ledger {
  const { rejection: _settled, ...rest } = ledger;
  if (revision !== ledger.revision) return { ...rest, confirmed: hold };
  return { ...rest, confirmed: hold, touched: hold === null ? [] : [hold] };
}

/** Notes that the vendor refused: the wish is given up, not repeated, until the person's presence asks anew. */
export function reject(ledger: Ledger, revision: number, code: string, at: string): Ledger {
  const rejection = { code, at };
  if (revision !== ledger.revision) return { ...ledger, rejection };
  const touched = ledger.confirmed === null ? [] : [ledger.confirmed];
  return { ...ledger, rejection, asked: ledger.confirmed, touched, echoes: [] };
}

/**
 * Tells our own echo from the person's doing: a status that looks like what we hold, or held until a moment ago,
 * is ours. The vendor may change an echo's shape (Busy/InACall comes back as Busy/Busy), a meeting never is one.
 */
export function isEcho(ledger: Ledger, status: Status, at: string): boolean {
  const looksLike = (hold: Hold | null): boolean => hold !== null && resembles(hold, status);
  if (looksLike(ledger.asked) || looksLike(ledger.confirmed)) return true;
  return ledger.echoes.some((echo) => echo.until > at && looksLike(echo.hold));
}

/** The ledger after an echo of ours was seen, which is expected no more. */
export function withoutEcho(ledger: Ledger, status: Status): Ledger {
  const seen = ledger.echoes.findIndex((echo) => resembles(echo.hold, status));
  if (seen === -1) return ledger;
  return { ...ledger, echoes: ledger.echoes.filter((_, index) => index !== seen) };
}

/** True when the side shows something weaker than what the vendor says it holds for us. */
export function showsLess(ledger: Ledger, shown: Status): boolean {
  return ledger.confirmed !== null && strengthOf(shown) < strengthOfHold(ledger.confirmed);
}

function resembles(hold: Hold, status: Status): boolean {
  return hold === 'busy' ? status === 'busy' || status === 'inCall' : status === 'doNotDisturb';
}

function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
