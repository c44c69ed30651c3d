/** Taking on a tenant whose grants are in place; run again after a reconnect, and when it comes back. */
import { z } from 'zod';
import { sideSchema } from '../domain/presence.ts';
import { activityContract, patientRetry } from './durable.ts';
import { afterSchema, nextAfterSchema, tenantIdSchema } from './identities.ts';

export const onboardTenantName = 'onboardTenant';
const versionSchema = z.int().positive();
/**
 * `version` is the version of the subscription that begins the service; without it, the one that stands. With `directory` both
 * directories are read first, unless they have been since the night: not before they could be, nor for an onboarding in flight.
 */
export const onboardTenantSchema = z.object({
  tenantId: tenantIdSchema,
  version: versionSchema.optional(),
  directory: z.boolean().default(false),
});

/** Tells `userPresence` of one page of people with a seat whom they are mapped to, as long as the tenant is served. */
export const enrolUsers = activityContract({
  name: 'enrolUsers',
  /**
   * `run` is the instant that tells this onboarding from others of the tenant; `before` is how many people the pages before
   * this one had.
   */
  input: z.object({
    tenantId: tenantIdSchema,
    after: afterSchema,
    before: z.int().nonnegative().default(0),
    run: z.iso.datetime({ offset: true }),
    version: versionSchema.optional(),
  }),
  /** `version` is the one that people were told; onboardings in flight may have answers without the newer fields. */
  output: z.object({
    enrolled: z.int(),
    next: nextAfterSchema,
    served: z.boolean().default(true),
    version: versionSchema.default(1),
  }),
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
