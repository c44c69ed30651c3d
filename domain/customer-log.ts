/** What a customer may read of what happened for it. Neither a token nor a presence value nor a vendor's text has a place here. */
import { z } from 'zod';
import { refusalSchema } from './plan-refusal.ts';
import { sideSchema } from './presence.ts';
import { billingKinds } from './subscription.ts';

const codeForm = /^[\w.-]{1,80}$/;
/** A vendor's or our own code for what went wrong: a plain word. */
const code = z.string().regex(codeForm);
const count = z.int().nonnegative();
const seconds = z.int().nonnegative();
/** The Entra object id: names and addresses stay in the directory. */
const userId = z.guid();
const side = sideSchema;
/** Which group of people a Graph subscription is for, from 0; RingCentral's is for all. */
const shard = count.optional();

/** What may have happened, each with the particulars it is told with. */
const happenings = [
  z.object({ kind: z.literal('connected'), side }),
  z.object({ kind: z.literal('consentRevoked'), side, code }),
  z.object({ kind: z.literal('subscriptionCreated'), side, shard }),
  z.object({ kind: z.literal('subscriptionRenewed'), side, shard }),
  z.object({ kind: z.literal('subscriptionTrouble'), side, code, shard }),
  z.object({ kind: z.literal('notificationsMissed'), side, shard }),
  /** Whom it was written for is told where it was one person. */
  z.object({ kind: z.literal('presenceWritten'), side, people: count, userId: userId.optional() }),
  z.object({ kind: z.literal('presenceRefused'), side, userId, code }),
  /** So many people wait longer than promised for a change to show. */
  z.object({ kind: z.literal('notConverged'), side, people: count }),
  /** The vendor's subscription stood and told nothing; it is made anew. */
  z.object({ kind: z.literal('notificationsSilent'), side, shard }),
  z.object({ kind: z.literal('presenceRead'), side, people: count }),
  z.object({ kind: z.literal('presenceUnread'), side, code }),
  z.object({ kind: z.literal('throttled'), side, seconds: seconds.optional() }),
  z.object({ kind: z.literal('vendorUnavailable'), side, code: code.optional() }),
  z.object({ kind: z.literal('peopleEnrolled'), people: count }),
  /** `people` is how many there are in all. */
  z.object({ kind: z.literal('seatsExceeded'), people: count, seats: count }),
  z.object({ kind: z.literal('seatsRestored'), people: count }),
  /** What the directories say otherwise than before: how many came, went, or have another extension. */
  z.object({ kind: z.literal('directoryChanged'), joined: count, left: count, moved: count }),
  z.object({ kind: z.literal('directoryUnread'), side, code }),
  /** So many of `people` would leave at once that nobody is let go of before it is said again. */
  z.object({ kind: z.literal('departuresHeld'), leaving: count, people: count }),
  /** More people than the accounts that read presence have places; who they are is told by the directory's page. */
  z.object({ kind: z.literal('peopleUnplaced'), people: count, places: count }),
  /** People who share a mail address, so that none of them is matched by it. */
  z.object({ kind: z.literal('peopleUnclear'), people: count }),
  z.object({ kind: z.literal('dataExported'), userId: userId.optional() }),
  /** `restored` is the version that was brought back. */
  z.object({ kind: z.literal('rulesChanged'), version: count, restored: count.optional() }),
  z.object({ kind: z.literal('exceptionChanged'), userId, removed: z.boolean() }),
  z.object({ kind: z.literal('subscriptionChanged'), change: z.enum(billingKinds), seats: count.optional() }),
  /** A change of plan or seats that was asked for and could not be carried out. */
  z.object({ kind: z.literal('changeRefused'), reason: refusalSchema }),
] as const;
export const happeningSchema = z.discriminatedUnion('kind', happenings);
export type Happening = z.infer<typeof happeningSchema>;
type Kind = Happening['kind'];

export type Severity = 'info' | 'warning' | 'error';

const severities: Record<Kind, Severity> = {
  connected: 'info',
  consentRevoked: 'error',
  subscriptionCreated: 'info',
  subscriptionRenewed: 'info',
  subscriptionTrouble: 'warning',
  notificationsMissed: 'warning',
  presenceWritten: 'info',
  presenceRefused: 'warning',
  notConverged: 'warning',
  notificationsSilent: 'warning',
  presenceRead: 'info',
  presenceUnread: 'warning',
  throttled: 'warning',
  vendorUnavailable: 'warning',
  peopleEnrolled: 'info',
  seatsExceeded: 'warning',
  seatsRestored: 'info',
  directoryChanged: 'info',
  directoryUnread: 'warning',
  departuresHeld: 'warning',
  peopleUnplaced: 'warning',
  peopleUnclear: 'warning',
  dataExported: 'info',
  rulesChanged: 'info',
  exceptionChanged: 'info',
  subscriptionChanged: 'info',
  changeRefused: 'warning',
};

/** How much a happening asks for the customer's attention: an error needs an act of theirs. */
export function severityOf(kind: Kind): Severity {
  return severities[kind];
}

/** What a row tells; undefined where a newer version has written it and this one does not know what it means. */
export function readHappening(told: unknown): Happening | undefined {
  return happeningSchema.safeParse(told).data;
}

/** A code fit for the log: what is no plain word might be a vendor's text about somebody. */
export function plainCode(given: string): string {
  return codeForm.test(given) ? given : 'unnamed';
}

/** Entries kept for a tenant; the oldest go when there are more. */
export const mostLogEntries = 10_000;
