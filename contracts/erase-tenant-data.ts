/** Erasing a category of a tenant's data when it is due. */
import { z } from 'zod';
import { endReasons } from '../domain/data-map/retention.ts';
import { erasedCategories, type ErasedCategory } from '../domain/data-map/words.ts';
import type { ActivityName } from '../domain/telemetry-words.ts';
import { activityContract, type RetryPolicy, type Start } from './durable.ts';
import { erasureId, tenantIdSchema } from './identities.ts';

export const erasedCategorySchema = z.enum(erasedCategories);

const reasonSchema = z.enum(endReasons);
const instant = z.iso.datetime({ offset: true });
/** How much, by places of the data map. */
const countsSchema = z.record(z.string(), z.int().nonnegative());
export type Counts = z.infer<typeof countsSchema>;

/** Whose erasure it is: what each step is told. */
const target = z.object({ tenantId: tenantIdSchema, category: erasedCategorySchema });

export const eraseTenantDataName = 'eraseTenantData';
export const eraseTenantDataSchema = target.extend({
  /** What an erasure hands on to its own next round; none when it is started. */
  progress: z.object({ startedAt: instant, rounds: z.int().nonnegative(), erased: countsSchema }).optional(),
});

/** The one erasure of a category of a tenant's. */
export function erasureOf(tenantId: string, category: ErasedCategory): Start {
  const instanceId = erasureId(tenantId, category);
  return { name: eraseTenantDataName, instanceId, input: { tenantId, category } };
}

/** With the erasure's own instance, which must go on. */
const sparing = target.extend({ self: z.string() });

/** Short, because each round tries again, and waits longer each time: what is away must not keep the other steps. */
const shortRetry: RetryPolicy = {
  firstIntervalSeconds: 2,
  backoffCoefficient: 2,
  longestIntervalSeconds: 30,
  attempts: 3,
};

/** A step that erases at some of the places, and answers how much there was. */
const erasingStep = (name: ActivityName) =>
  activityContract({ name, input: target, output: countsSchema, retry: shortRetry });

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
      reason: reasonSchema,
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
export const forgetTenantState = erasingStep('forgetTenantState');

/** Purges ended instances with their histories, and what is left of entities; how many instances there were. */
export const purgeTenantWork = activityContract({
  name: 'purgeTenantWork',
  input: sparing,
  output: countsSchema,
  retry: shortRetry,
});

/** Deletes and purges secrets; not the key that the tenant's pseudonyms are made with. */
export const eraseSecrets = erasingStep('eraseSecrets');

export const eraseFiles = erasingStep('eraseFiles');

export const eraseRows = erasingStep('eraseRows');

/** Purges the key of the tenant's pseudonyms, once no row makes anybody think that the tenant is served. */
export const erasePseudonymKey = erasingStep('erasePseudonymKey');

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
    reason: reasonSchema,
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
