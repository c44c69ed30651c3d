/** Erasing a category of a tenant's data when it is due. */
import { z } from 'zod';
import { tenantIdSchema } from './identities.ts';

export const erasedCategorySchema = z.enum(['service', 'licence', 'billing']);

export const eraseTenantDataName = 'eraseTenantData';
export const eraseTenantDataSchema = z.object({ tenantId: tenantIdSchema, category: erasedCategorySchema });
