/** What has lately happened to one person's presence, in codes: the last entries, oldest first, kept in their entity's state. */
import { z } from 'zod';
import { holdSchema, sideSchema, statusSchema } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

/**
 * Why a side is to hold what it holds, in the order in which the rules have acted:
 * - `mapping`: the status on the other side, by the table, holds this, or releases
 * - `keeps`: by the table that status changes nothing
 * - `ringing`: a ringing phone counts as a call, after a while
 * - `wrapUp`: a call has just ended, and what it led to is held a while longer
 * - `dndShowsOnly`, `dndQueueCalls`: what do-not-disturb does to calls in RingCentral, by the policy or an exception
 * - `queueRefused`: RingCentral does not let this person's queue calls be turned off, so that Busy has to do
 * - `invisible`: the person has made themselves invisible, which stands
 * - `manualStands`: the person has chosen something that a call does not outrank
 * - `shownAlready`: the person shows as much by themselves
 * - `notRestorable`: what stands there could not be put back exactly
 * - `direction`, `quietHours`, `notServed`: nothing is held at all
 * - `nothingKnown`: one of the sides has told nothing yet
 * - `ranOut`: what we held had run out at the vendor, and is held anew
 * - `refusedBefore`: the vendor has refused it, and it is not asked for again until something else was wanted
 * - `releaseRefused`: the vendor has refused the release, which is repeated ever more rarely
 */
export const reasonSchema = z.enum([
  'mapping',
  'keeps',
  'ringing',
  'wrapUp',
  'dndShowsOnly',
  'dndQueueCalls',
  'queueRefused',
  'invisible',
  'manualStands',
  'shownAlready',
  'notRestorable',
  'direction',
  'quietHours',
  'notServed',
  'nothingKnown',
  'ranOut',
  'refusedBefore',
  'releaseRefused',
]);
export type Reason = z.infer<typeof reasonSchema>;

export const outcomeSchema = z.enum(['done', 'dropped', 'rejected', 'abandoned']);

const journalEntrySchema = z.discriminatedUnion('kind', [
  /** A side has told of the person; what looks like ours is not told again and again. */
  z.object({
    kind: z.literal('seen'),
    at: instant,
    side: sideSchema,
    by: z.enum(['notification', 'read']),
    status: statusSchema,
    whose: z.enum(['person', 'us']),
  }),
  /** A side is to hold something, or nothing any more, because of `from` on the other. */
  z.object({
    kind: z.literal('asked'),
    at: instant,
    side: sideSchema,
    revision: z.int(),
    hold: holdSchema.nullable(),
    from: statusSchema,
    reasons: z.array(reasonSchema),
    notBefore: instant.optional(),
  }),
  /** What became of it; `dropped`: overtaken by something newer, or the side holds it already. */
  z.object({
    kind: z.literal('answered'),
    at: instant,
    side: sideSchema,
    revision: z.int(),
    outcome: outcomeSchema,
    code: z.string().optional(),
  }),
  z.object({ kind: z.literal('rules'), at: instant, version: z.int() }),
  z.object({ kind: z.literal('service'), at: instant, served: z.boolean() }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;

export const journalSchema = z.array(journalEntrySchema);
export type Journal = z.infer<typeof journalSchema>;

const remembered = 20;

/** The journal with an entry more; what is seen again just as it was is not entered again. */
export function entered(journal: Journal, entry: JournalEntry): Journal {
  if (entry.kind === 'seen') {
    const last = journal.findLast((known) => known.kind === 'seen' && known.side === entry.side);
    if (last?.kind === 'seen' && last.status === entry.status && last.whose === entry.whose) return journal;
  }
  return [...journal.slice(1 - remembered), entry];
}
