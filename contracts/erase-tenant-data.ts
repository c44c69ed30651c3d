/** Erasing a category of a tenant's data when it is due. */
import { z } from 'zod';
import type { ErasedCategory } from '../domain/data-map/words.ts';
import { activityContract, type RetryPolicy, type Start } from './durable.ts';
import { erasureId, tenantIdSchema } from './identities.ts';

export const erasedCategorySchema = z.enum(['service', 'licence', 'billing']);

const instant = z.iso.datetime({ offset: true });
/** How much, by places of the data map. */
const countsSchema = z.record(z.string(), z.int().nonnegative());
export type Counts = z.infer<typeof countsSchema>;

export const eraseTenantDataName = 'eraseTenantData';
export const eraseTenantDataSchema = z.object({
  tenantId: tenantIdSchema,
  category: erasedCategorySchema,
  /** What an erasure hands on to its own next round; none when it is started. */
  progress: z.object({ startedAt: instant, rounds: z.int().nonnegative(), erased: countsSchema }).optional(),
});

/** The one erasure of a category of a tenant's. */
export function erasureOf(tenantId: string, category: ErasedCategory): Start {
  const instanceId = erasureId(tenantId, category);
  return { name: eraseTenantDataName, instanceId, input: { tenantId, category } };
}

/** What each step is told. */
const target = z.object({ tenantId: tenantIdSchema, category: erasedCategorySchema });
/** With the instances that must go on: the erasure itself, and what waits for it. */
const sparing = target.extend({ spared: z.array(z.string()) });

/** Short, because each round tries again, and waits longer each time: what is away must not keep the other steps. */
const shortRetry: RetryPolicy = {
  firstIntervalSeconds: 2,
  backoffCoefficient: 2,
  longestIntervalSeconds: 30,
  attempts: 3,
};

/**
 * What a category's erasure has to do besides erasing rows: nothing is scheduled for places that the category does not have.
 * `work` is orchestrations, `state` entities.
 */
const erasedPlacesSchema = z.enum(['work', 'state', 'secrets', 'files']);
export type ErasedPlaces = z.infer<typeof erasedPlacesSchema>;

/** Looks whether the erasure is due, and where it has to look; a suspended tenant lapses with it. */
export const beginErasure = activityContract({
  name: 'beginErasure',
  input: target,
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('notDue') }),
    z.object({
      kind: z.literal('due'),
      reason: z.enum(['cancelled', 'suspended']),
      dueAt: instant,
      places: z.array(erasedPlacesSchema),
    }),
  ]),
  retry: shortRetry,
});

/** Terminates what still runs for the tenant; how much has not ended yet. */
export const endTenantWork = activityContract({
  name: 'endTenantWork',
  input: sparing,
  output: z.object({ running: z.int() }),
  retry: shortRetry,
});

/** Has the tenant's entities destroy what they hold; how many there are. */
export const forgetTenantState = activityContract({
  name: 'forgetTenantState',
  input: target,
  output: countsSchema,
  retry: shortRetry,
});

/** Purges ended instances with their histories, and what is left of entities; how many instances there were. */
export const purgeTenantWork = activityContract({
  name: 'purgeTenantWork',
  input: sparing,
  output: countsSchema,
  retry: shortRetry,
});

/** Deletes and purges secrets; not the key that the tenant's pseudonyms are made with. */
export const eraseSecrets = activityContract({
  name: 'eraseSecrets',
  input: target,
  output: countsSchema,
  retry: shortRetry,
});

export const eraseFiles = activityContract({
  name: 'eraseFiles',
  input: target,
  output: countsSchema,
  retry: shortRetry,
});

export const eraseRows = activityContract({
  name: 'eraseRows',
  input: target,
  output: countsSchema,
  retry: shortRetry,
});

/** Purges the key of the tenant's pseudonyms, once no row makes anybody think that the tenant is served. */
export const erasePseudonymKey = activityContract({
  name: 'erasePseudonymKey',
  input: target,
  output: countsSchema,
  retry: shortRetry,
});

/** Looks for the tenant at all places of the category. */
export const countLeft = activityContract({
  name: 'countLeft',
  input: sparing,
  output: z.object({ left: z.int() }),
  retry: shortRetry,
});

/** Adds the receipt to the chain, once however often it is run. */
export const issueReceipt = activityContract({
  name: 'issueReceipt',
  input: target.extend({
    reason: z.enum(['cancelled', 'suspended']),
    dueAt: instant,
    startedAt: instant,
    finishedAt: instant,
    erased: countsSchema,
  }),
  output: z.object({ sequence: z.int() }),
  retry: shortRetry,
});

/** Forgets that anything was due, and leaves nothing of it on the disk. The last step of all. */
export const concludeErasure = activityContract({
  name: 'concludeErasure',
  input: target.extend({ dueAt: instant }),
  output: z.object({}),
  retry: shortRetry,
});
