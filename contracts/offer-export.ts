/** The company's copy, offered before what is stored is erased. */
import { z } from 'zod';
import { activityContract, patientRetry } from './durable.ts';
import { tenantIdSchema } from './identities.ts';

export const offerExport = activityContract({
  name: 'offerExport',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ written: z.boolean(), bytes: z.int() }),
  retry: patientRetry,
});
