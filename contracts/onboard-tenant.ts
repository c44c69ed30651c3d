/** Taking on a tenant whose mappings and grants are in place; run again after a reconnect. */
import { z } from 'zod';
import { sideSchema } from '../domain/presence.ts';
import { activityContract, patientRetry } from './durable.ts';
import { pageSchema, tenantIdSchema } from './identities.ts';

export const onboardTenantName = 'onboardTenant';
export const onboardTenantSchema = z.object({ tenantId: tenantIdSchema });

/** Tells `userPresence` of one page of mapped people whom they are mapped to. */
export const enrolUsers = activityContract({
  name: 'enrolUsers',
  /** `run` is the instant that tells this onboarding from others of the tenant. */
  input: z.object({ tenantId: tenantIdSchema, page: pageSchema, run: z.iso.datetime({ offset: true }) }),
  output: z.object({ enrolled: z.int(), next: z.int().optional() }),
  retry: patientRetry,
});

/** Has RingCentral read for people who are mapped after its subscription was made; Graph's is made anew for them. */
export const readNewcomers = activityContract({
  name: 'readNewcomers',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ started: z.boolean() }),
  retry: patientRetry,
});

/** Starts the keepers of the tenant's vendor subscriptions on these sides, or wakes those that run. */
export const superviseSubscriptions = activityContract({
  name: 'superviseSubscriptions',
  input: z.object({ tenantId: tenantIdSchema, sides: z.array(sideSchema) }),
  output: z.object({ keepers: z.int() }),
  retry: patientRetry,
});
