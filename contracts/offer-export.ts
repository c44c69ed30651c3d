/** The company's copy of all that is kept about it: made when it cancels, and whenever it asks. */
import { z } from 'zod';
import { activityContract, patientRetry } from './durable.ts';
import { tenantIdSchema } from './identities.ts';

/** Makes a copy because the customer has asked for one. */
export const exportCopyName = 'exportCopy';
export const exportCopySchema = z.object({ tenantId: tenantIdSchema });

/** Writes the copy as a file, in place of an earlier one. */
export const offerExport = activityContract({
  name: 'offerExport',
  /** `asked` is the instant that tells one wish from others; without it, it is the copy offered at the cancellation. */
  input: z.object({ tenantId: tenantIdSchema, asked: z.iso.datetime({ offset: true }).optional() }),
  /** Not written: what was to be copied is erased already. */
  output: z.object({ written: z.boolean(), bytes: z.int().nonnegative() }),
  retry: patientRetry,
});
