/** Seeing to a tenant each night and after a restart. */
import { z } from 'zod';
import { tenantIdSchema } from './identities.ts';

export const tendTenantName = 'tendTenant';
export const tendTenantSchema = z.object({
  tenantId: tenantIdSchema,
  /** Whether the directories are seen to, too; not where one is in flight from before they could be. */
  directory: z.boolean().default(false),
});
