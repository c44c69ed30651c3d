/** Leaving a tenant as if we had never been there: our presence taken back, our webhook subscriptions removed. */
import { z } from 'zod';
import { activityContract, patientRetry } from './durable.ts';
import { pageSchema, tenantIdSchema } from './identities.ts';

const versionSchema = z.int().positive();

export const leaveCleanlyName = 'leaveCleanly';
export const leaveCleanlySchema = z.object({
  tenantId: tenantIdSchema,
  /** The version of the subscription that ends the service; what is older does not begin it again. */
  version: versionSchema,
  /** Where a generation goes on that the one before has begun: people are told, then seen to have left. */
  progress: z
    .object({
      step: z.enum(['tell', 'check']),
      page: pageSchema,
      /** Until when the exit waits for vendors and people. */
      until: z.iso.datetime({ offset: true }),
    })
    .optional(),
});

/**
 * Tells each `userPresence` of one page of mapped people that the service has ended for them, unless they know it.
 * `untold` counts those who did not know it yet.
 */
export const leaveUsers = activityContract({
  name: 'leaveUsers',
  input: z.object({ tenantId: tenantIdSchema, version: versionSchema, page: pageSchema }),
  output: z.object({ untold: z.int(), next: z.int().optional() }),
  retry: patientRetry,
});

/**
 * Counts the keepers that still have to end, after it has woken them if asked to: each removes its subscription. Where one is
 * gone but its subscription is known, it is started for that. `ended` is false where there is nobody to leave: no such tenant,
 * or one that is served (again).
 */
export const dismissKeepers = activityContract({
  name: 'dismissKeepers',
  input: z.object({ tenantId: tenantIdSchema, wake: z.boolean() }),
  output: z.object({ ended: z.boolean(), running: z.int() }),
  retry: patientRetry,
});
