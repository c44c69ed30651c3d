/** What may be said to the entity `presenceOutbox`. */
import { z } from 'zod';
import { batchReportSchema, waitingWishSchema } from '../domain/outbox.ts';

const instant = z.iso.datetime({ offset: true });
const serviceChange = z.object({ version: z.int().positive(), at: instant });

/**
 * The operations by name, each with what it takes; `next` is called by `deliverPresence` and answers a NextOrder, `backlog`
 * by `leaveCleanly` and answers a Backlog. `renew` is signalled by `renewHolds`.
 */
export const presenceOutboxOperationSchema = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('wish'), input: z.object({ wish: waitingWishSchema, at: instant }) }),
  z.object({
    operation: z.literal('next'),
    input: z.object({ epoch: z.int(), report: batchReportSchema.optional(), at: instant }),
  }),
  /** A delivery has ended, having been told that nothing else waits. */
  z.object({
    operation: z.literal('ended'),
    input: z.object({ epoch: z.int(), report: batchReportSchema.optional(), at: instant }),
  }),
  z.object({ operation: z.literal('renew'), input: z.object({ alarm: z.int(), at: instant }) }),
  z.object({ operation: z.literal('resume'), input: z.object({ at: instant }) }),
  /** Somebody else who shares the limit of writes was told that the vendor wants no request before `until`. */
  z.object({ operation: z.literal('hush'), input: z.object({ until: instant, at: instant }) }),
  z.object({ operation: z.literal('backlog'), input: z.object({ at: instant }) }),
  z.object({ operation: z.literal('reopen'), input: serviceChange }),
  z.object({ operation: z.literal('shut'), input: serviceChange.extend({ atOnce: z.boolean().optional() }) }),
  /** Its tenant is erased. */
  z.object({ operation: z.literal('forget'), input: z.unknown() }),
]);
export type PresenceOutboxOperation = z.infer<typeof presenceOutboxOperationSchema>;

/** How many writes are not answered yet; `paused` says that none will be before the customer reconnects. */
export const backlogSchema = z.object({ wishes: z.int(), paused: z.boolean() });
export type Backlog = z.infer<typeof backlogSchema>;
