/** What may be said to the entity `presenceOutbox`. */
import { z } from 'zod';
import { batchReportSchema, waitingWishSchema } from '../domain/outbox.ts';

const instant = z.iso.datetime({ offset: true });

/** The operations by name, each with what it takes; `next` is called by `deliverPresence` and answers a NextOrder. */
export const presenceOutboxOperationSchema = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('wish'), input: z.object({ wish: waitingWishSchema, at: instant }) }),
  z.object({
    operation: z.literal('next'),
    input: z.object({ epoch: z.int(), report: batchReportSchema.optional(), at: instant }),
  }),
  z.object({ operation: z.literal('resume'), input: z.object({ at: instant }) }),
  /** Its tenant is erased. */
  z.object({ operation: z.literal('forget'), input: z.unknown() }),
]);
export type PresenceOutboxOperation = z.infer<typeof presenceOutboxOperationSchema>;
