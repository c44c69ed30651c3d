/** Reading both directories, and having people mapped as they say. */
import { z } from 'zod';
import { activityContract, patientRetry } from './durable.ts';
import { directorySyncId, tenantIdSchema } from './identities.ts';
import type { Start } from './durable.ts';

const runSchema = z.int().positive();

export const syncDirectoryName = 'syncDirectory';
export const syncDirectorySchema = z.object({
  tenantId: tenantIdSchema,
  /** `onboarding` tells people and starts keepers by itself, and wants to read only what has not been read since the night, or not to its end. */
  occasion: z.enum(['onboarding', 'asked', 'night']),
});

/** The one sync of a tenant's that runs at a time besides onboarding's. */
export function directorySyncOf(tenantId: string, occasion: 'asked' | 'night'): Start {
  return {
    name: syncDirectoryName,
    instanceId: directorySyncId(tenantId),
    input: { tenantId, occasion },
  };
}

/**
 * Begins a run, if the tenant is served, and unless one was begun since the night where that will do; with `afterFailure` one that
 * has failed will not.
 */
export const beginDirectory = activityContract({
  name: 'beginDirectory',
  input: z.object({
    tenantId: tenantIdSchema,
    onlyIfDue: z.boolean(),
    afterFailure: z.boolean().default(false),
  }),
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('begun'), run: runSchema }),
    z.object({ kind: z.literal('notNeeded') }),
  ]),
  retry: patientRetry,
});

/** How a step of a run ended: `over` when the tenant is served no more, or a newer run has taken its place. */
const endings = [
  z.object({ kind: z.literal('wait'), seconds: z.number().nonnegative() }),
  z.object({ kind: z.literal('gaveUp'), code: z.string() }),
  z.object({ kind: z.literal('reconnectRequired'), code: z.string() }),
  z.object({ kind: z.literal('over') }),
] as const;

const step = z.object({ tenantId: tenantIdSchema, run: runSchema });

/** Reads some pages of changes of the Microsoft directory. */
export const readDirectoryUsers = activityContract({
  name: 'readDirectoryUsers',
  input: step,
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('read'), more: z.boolean() }),
    ...endings,
  ]),
  retry: patientRetry,
});
export type UsersRead = z.infer<typeof readDirectoryUsers.output>;

/** Where the list of extensions is: its page, from 1, and whether it is read for the second time. */
const listingSchema = z.object({ page: z.int().positive(), again: z.boolean() });

/** Reads a page of the list of RingCentral's extensions. */
export const readDirectoryExtensions = activityContract({
  name: 'readDirectoryExtensions',
  input: step.extend({ listing: listingSchema }),
  output: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('read'),
      next: listingSchema.optional(),
      /** Before the next page, so that enough is left of the limit for writing presence. */
      pauseSeconds: z.number().nonnegative().optional(),
    }),
    ...endings,
  ]),
  retry: patientRetry,
});
export type ExtensionsRead = z.infer<typeof readDirectoryExtensions.output>;

/**
 * Has people mapped, seated and grouped as the directories say; `changed` where anything is otherwise than before. `held`: nothing
 * was changed, because so many would have left.
 */
export const applyDirectory = activityContract({
  name: 'applyDirectory',
  input: step,
  output: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('applied'),
      changed: z.boolean(),
      seats: z.int().nonnegative(),
      version: z.int().positive(),
    }),
    z.object({ kind: z.literal('held'), leaving: z.int().nonnegative() }),
    z.object({ kind: z.literal('over') }),
  ]),
  retry: patientRetry,
});

/** Tells `userPresence` of those who are newly mapped, or have another extension or a seat now; `more` when there are more. */
export const enrolPlaced = activityContract({
  name: 'enrolPlaced',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ enrolled: z.int().nonnegative(), more: z.boolean() }),
  retry: patientRetry,
});

/** Notes how a run has ended; `again` when the customer has asked for another meanwhile. */
export const concludeDirectory = activityContract({
  name: 'concludeDirectory',
  input: step.extend({ outcome: z.enum(['done', 'failed']), code: z.string().optional() }),
  output: z.object({ again: z.boolean() }),
  retry: patientRetry,
});

/** Starts the nightly sync, if it is due and none runs. */
export const startDirectorySync = activityContract({
  name: 'startDirectorySync',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ started: z.boolean() }),
  retry: patientRetry,
});

export const letPeopleGoName = 'letPeopleGo';
export const letPeopleGoSchema = z.object({
  tenantId: tenantIdSchema,
  /** What a generation hands on to the next: how long to pause. */
  progress: z.object({ pauseSeconds: z.number().positive() }).optional(),
});

/** Somebody else has left. Only a nudge: who has is in the store. */
export const departuresEvent = 'departures';

/** Has what is held for people who have left taken back, and forgets those for whom nothing is waited for any more. */
export const letGo = activityContract({
  name: 'letGo',
  input: z.object({ tenantId: tenantIdSchema }),
  output: z.object({ left: z.int().nonnegative() }),
  retry: patientRetry,
});
