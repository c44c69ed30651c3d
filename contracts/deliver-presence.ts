/** The delivery of waiting presence writes to one side of one tenant. */
import { z } from 'zod';
import { batchReportSchema, handedOutSchema, nextOrderSchema } from '../domain/outbox.ts';
import { sideSchema } from '../domain/presence.ts';
import { activityContract, patientRetry } from './durable.ts';
import { tenantIdSchema } from './identities.ts';

export const deliverPresenceName = 'deliverPresence';
export const deliverPresenceSchema = z.object({
  tenantId: tenantIdSchema,
  side: sideSchema,
  epoch: z.int(),
  /** What it is to do first; without it, it asks. */
  order: nextOrderSchema.optional(),
  /** How the last batch of the generation before ended. */
  report: batchReportSchema.optional(),
});
/** Tells a delivery that waits that it need not wait any longer. */
export const wakeEvent = 'due';

/** Writes what the outbox has handed out under these names; the wishes themselves never enter a history. */
export const writePresence = activityContract({
  name: 'writePresence',
  input: z.object({ tenantId: tenantIdSchema, side: sideSchema, wishes: z.array(handedOutSchema) }),
  output: batchReportSchema,
  retry: patientRetry,
});
