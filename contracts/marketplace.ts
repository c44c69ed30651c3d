/** What the marketplace says and what comes of it: webhooks, activations, the daily comparison. */
import { z } from 'zod';
import { tenantStates } from '../domain/lifecycle.ts';
import { refusalSchema } from '../domain/plan-refusal.ts';
import { activityContract, patientRetry, type Start } from './durable.ts';
import { activationId, tenantIdSchema } from './identities.ts';

const operationIdSchema = z.guid().toLowerCase();
const operation = z.object({ tenantId: tenantIdSchema, operationId: operationIdSchema });

export const handleMarketplaceOperationName = 'handleMarketplaceOperation';
/** `round` counts how often all was tried in vain. */
export const handleMarketplaceOperationSchema = operation.extend({ round: z.int().nonnegative().default(0) });

export const activateSubscriptionName = 'activateSubscription';
export const activateSubscriptionSchema = z.object({ tenantId: tenantIdSchema });

/** Seeing to one subscription until it is active, or until all is begun that follows from where it stands. */
export function activationOf(tenantId: string): Start {
  return { name: activateSubscriptionName, instanceId: activationId(tenantId), input: { tenantId } };
}

export const reconcileSubscriptionsName = 'reconcileSubscriptions';
/** Where a generation goes on that the one before has begun. */
export const reconcileSubscriptionsSchema = z.object({ continuationToken: z.string().optional() });

/** Whether the operation waits for our answer, and which it should be. */
export const weighOperation = activityContract({
  name: 'weighOperation',
  input: operation,
  output: z.object({ answer: z.enum(['Success', 'Failure']).optional(), reason: refusalSchema.optional() }),
  retry: patientRetry,
});

/** Answers it; `taken` is false where the marketplace went on without our answer. */
export const acknowledgeOperation = activityContract({
  name: 'acknowledgeOperation',
  input: operation.extend({ answer: z.enum(['Success', 'Failure']) }),
  output: z.object({ taken: z.boolean() }),
  retry: patientRetry,
});

/** Begins what follows from where our subscription stands, where that has not been begun; needs no marketplace. */
export const beginSubscriptionWork = activityContract({
  name: 'beginSubscriptionWork',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({}),
  retry: patientRetry,
});

/** Begins the customer's billing where it has not begun. */
export const activatePurchase = activityContract({
  name: 'activatePurchase',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ asked: z.boolean() }),
  retry: patientRetry,
});

/**
 * Reads the subscription anew, changes ours accordingly, and begins what follows from it. `settled` is false while the
 * marketplace is still busy with the operation, or with the activation.
 */
export const applySubscription = activityContract({
  name: 'applySubscription',
  input: z.object({ tenantId: tenantIdSchema, operationId: operationIdSchema.optional() }),
  output: z.object({ state: z.enum(tenantStates).optional(), settled: z.boolean() }),
  retry: patientRetry,
});

/** Compares a page of the marketplace's list with ours, and mends what differs. */
export const reconcilePage = activityContract({
  name: 'reconcilePage',
  input: z.object({ continuationToken: z.string().optional() }),
  output: z.object({ compared: z.int(), repaired: z.int(), next: z.string().optional() }),
  retry: patientRetry,
});
