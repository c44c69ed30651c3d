/** The alarm that goes off when a hold in Teams is about to run out. */
import { z } from 'zod';
import { tenantIdSchema } from './identities.ts';

export const renewHoldsName = 'renewHolds';
export const renewHoldsSchema = z.object({
  tenantId: tenantIdSchema,
  /** Its number: only the newest counts. */
  alarm: z.int(),
  until: z.iso.datetime({ offset: true }),
});
