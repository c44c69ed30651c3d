/** What a customer may read of what happened for it. Neither a token nor a presence value nor a vendor's text has a place here. */
import { z } from 'zod';
import { sideSchema } from './presence.ts';

/** A vendor's or our own code for what went wrong: a plain word. */
const code = z.string().regex(/^[\w.-]{1,80}$/);
const count = z.int().nonnegative();
const seconds = z.int().nonnegative();

/** What may have happened, each with the particulars it is told with. */
const happenings = [
  z.object({ kind: z.literal('connected'), side: sideSchema }),
  z.object({ kind: z.literal('consentRevoked'), side: sideSchema, code }),
  z.object({ kind: z.literal('subscriptionCreated'), side: sideSchema, shard: count.optional() }),
  z.object({ kind: z.literal('subscriptionRenewed'), side: sideSchema, shard: count.optional() }),
  z.object({ kind: z.literal('subscriptionTrouble'), side: sideSchema, code, shard: count.optional() }),
  z.object({ kind: z.literal('presenceWritten'), side: sideSchema, people: count }),
  z.object({ kind: z.literal('presenceRefused'), side: sideSchema, userId: z.string(), code }),
  z.object({ kind: z.literal('presenceRead'), side: sideSchema, people: count }),
  z.object({ kind: z.literal('throttled'), side: sideSchema, seconds }),
  z.object({ kind: z.literal('vendorUnavailable'), side: sideSchema, code: code.optional() }),
  z.object({ kind: z.literal('peopleEnrolled'), people: count }),
  z.object({ kind: z.literal('dataExported'), userId: z.string().optional() }),
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
  presenceWritten: 'info',
  presenceRefused: 'warning',
  presenceRead: 'info',
  throttled: 'warning',
  vendorUnavailable: 'warning',
  peopleEnrolled: 'info',
  dataExported: 'info',
};

/** How much a happening asks for the customer's attention: an error needs an act of theirs. */
export function severityOf(kind: Kind): Severity {
  return severities[kind];
}

/** Entries kept for a tenant; the oldest go when there are more. */
export const mostLogEntries = 10_000;
