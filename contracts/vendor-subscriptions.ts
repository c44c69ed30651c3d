/** Keeping the vendors' webhook subscriptions alive. */
import { z } from 'zod';
import { activityContract, patientRetry } from './durable.ts';
import { shardSchema, tenantIdSchema } from './identities.ts';

export const keepGraphSubscribedName = 'keepGraphSubscribed';
export const keepGraphSubscribedSchema = z.object({
  tenantId: tenantIdSchema,
  shard: shardSchema,
});

export const keepRingCentralSubscribedName = 'keepRingCentralSubscribed';
export const keepRingCentralSubscribedSchema = z.object({ tenantId: tenantIdSchema });

/** Wakes a keeper early. Only a nudge: what there is to do stands in the store. */
export const attentionEvent = 'attention';

/** What looking after a subscription came to. */
const upkeepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('alive'), expiresAt: z.iso.datetime({ offset: true }) }),
  z.object({ kind: z.literal('reconnectRequired'), code: z.string() }),
  /** The tenant is not served any more: nothing stands at the vendor, or it ends there by itself. */
  z.object({ kind: z.literal('ended') }),
  z.object({ kind: z.literal('trouble'), code: z.string(), retryAfterSeconds: z.number().optional() }),
]);
export type Upkeep = z.infer<typeof upkeepSchema>;

export const ensureGraphSubscription = activityContract({
  name: 'ensureGraphSubscription',
  input: z.object({ tenantId: tenantIdSchema, shard: shardSchema }),
  output: upkeepSchema,
  retry: patientRetry,
});

export const ensureRingCentralSubscription = activityContract({
  name: 'ensureRingCentralSubscription',
  input: z.object({ tenantId: tenantIdSchema }),
  output: upkeepSchema,
  retry: patientRetry,
});
