/** Leaving a tenant as if we had never been there: our presence taken back, our webhook subscriptions removed. */
import { z } from 'zod';
import { tenantIdSchema } from './identities.ts';

export const leaveCleanlyName = 'leaveCleanly';
/** `version` is the version of the subscription that ends the service; what is older does not begin it again. */
export const leaveCleanlySchema = z.object({ tenantId: tenantIdSchema, version: z.int().positive() });
