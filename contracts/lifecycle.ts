/** The ends of a subscription: suspension and cancellation. */
import { z } from 'zod';
import { tenantStates } from '../domain/lifecycle.ts';
import { activityContract, patientRetry } from './durable.ts';
import { erasedCategorySchema } from './erase-tenant-data.ts';
import { tenantIdSchema } from './identities.ts';

export const suspendTenantName = 'suspendTenant';
/** `entered` is the version of the subscription that brought the suspension. */
export const suspendTenantSchema = z.object({ tenantId: tenantIdSchema, entered: z.int().positive() });

export const cancelTenantName = 'cancelTenant';
export const cancelTenantSchema = z.object({ tenantId: tenantIdSchema });

/** Wakes a suspension early. Only a nudge: where the subscription stands is in the store. */
export const lifecycleChangedEvent = 'lifecycleChanged';

const instant = z.iso.datetime({ offset: true });

/** Where a subscription stands, and what is due when. */
export const readSubscription = activityContract({
  name: 'readSubscription',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({
    /** Undefined where nothing is kept of it. */
    state: z.enum(tenantStates).optional(),
    entered: z.int().optional(),
    due: z.array(z.object({ category: erasedCategorySchema, at: instant })),
  }),
  retry: patientRetry,
});

/** Gives the customer's consents back: revoked at RingCentral, and both sides' tokens removed for good. */
export const revokeConsents = activityContract({
  name: 'revokeConsents',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ removed: z.int() }),
  retry: patientRetry,
});

/** Starts the erasures that are due, unless they are under way. */
export const beginErasures = activityContract({
  name: 'beginErasures',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ begun: z.int() }),
  retry: patientRetry,
});
