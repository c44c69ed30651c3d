/** Taking on a tenant whose mappings and grants are in place; run again after a reconnect. */
import { z } from 'zod';
import { activityContract, patientRetry } from './durable.ts';
import { shardSchema, tenantIdSchema } from './identities.ts';

export const onboardTenantName = 'onboardTenant';
export const onboardTenantSchema = z.object({ tenantId: tenantIdSchema });

/** Tells `userPresence` of one page of mapped people whom they are mapped to. */
export const enrolUsers = activityContract({
  name: 'enrolUsers',
  input: z.object({ tenantId: tenantIdSchema, page: shardSchema }),
  output: z.object({ enrolled: z.int(), next: z.int().optional() }),
  retry: patientRetry,
});

/** Starts the keepers of all vendor subscriptions of the tenant, or wakes those that run. */
export const superviseSubscriptions = activityContract({
  name: 'superviseSubscriptions',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ keepers: z.int() }),
  retry: patientRetry,
});
