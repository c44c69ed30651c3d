/** Seeing to a tenant each night and after a restart. */
import { z } from 'zod';
import { tenantIdSchema } from './identities.ts';

export const tendTenantName = 'tendTenant';
export const tendTenantSchema = z.object({ tenantId: tenantIdSchema });
