/** Having the rules of a company hold for its people, keeping its quiet hours, and trying rules. Nothing passes a rule on: the store has them. */
import { z } from 'zod';
import { activityContract, patientRetry, type Start } from './durable.ts';
import {
  afterSchema,
  exceptionRunId,
  nextAfterSchema,
  pageSchema,
  previewId,
  quietHoursId,
  rulesRunId,
  tenantIdSchema,
  userIdSchema,
} from './identities.ts';

const instant = z.iso.datetime({ offset: true });
/** The number of a change of the rules or of an exception. */
const numberSchema = z.int().positive();

export const applyRulesName = 'applyRules';
export const applyRulesSchema = z.object({
  tenantId: tenantIdSchema,
  number: numberSchema,
  /** Only for this person: the change is of an exception. */
  userId: userIdSchema.optional(),
  /** Where a generation goes on that the one before has begun. */
  after: afterSchema,
});

/** Has the rules hold for everybody, as of the change with this number. */
export function rulesRun(tenantId: string, number: number): Start {
  return { name: applyRulesName, instanceId: rulesRunId(tenantId, number), input: { tenantId, number } };
}

/** Has the rules hold for the one person whose exception was changed. */
export function exceptionRun(tenantId: string, number: number, userId: string): Start {
  const instanceId = exceptionRunId(tenantId, number);
  return { name: applyRulesName, instanceId, input: { tenantId, number, userId } };
}

const pageOutcome = z.object({
  /** False where the tenant is not served: its people are told when it is again. */
  served: z.boolean(),
  next: nextAfterSchema,
});

/** Tells a page of people with a seat, or the one named, the rules that hold for them now. */
export const tellRules = activityContract({
  name: 'tellRules',
  input: z.object({ tenantId: tenantIdSchema, after: afterSchema, userId: userIdSchema.optional() }),
  output: pageOutcome,
  retry: patientRetry,
});

/** Notes that all who are concerned have been told, and tells the customer. */
export const concludeRules = activityContract({
  name: 'concludeRules',
  input: z.object({ tenantId: tenantIdSchema, number: numberSchema, userId: userIdSchema.optional() }),
  output: z.object({}),
  retry: patientRetry,
});

/**
 * Starts the keeper of quiet hours where there are any, or wakes it, so that it sees what has changed. With `catchUp` it also has
 * rules hold that not all have been told: a change that was cut off.
 */
export const superviseRules = activityContract({
  name: 'superviseRules',
  input: z.object({ tenantId: tenantIdSchema, catchUp: z.boolean() }),
  output: z.object({ quiet: z.boolean(), caughtUp: z.boolean() }),
  retry: patientRetry,
});

export const keepQuietHoursName = 'keepQuietHours';
export const keepQuietHoursSchema = z.object({
  tenantId: tenantIdSchema,
  /** Everybody has been seen to up to this instant; without it, from now on. */
  after: instant.optional(),
});

/** The one keeper of a tenant's quiet hours. */
export function quietHoursKeeper(tenantId: string): Start {
  return { name: keepQuietHoursName, instanceId: quietHoursId(tenantId), input: { tenantId } };
}

/** Wakes the keeper of quiet hours. Only a nudge: the rules stand in the store. */
export const rulesChangedEvent = 'rulesChanged';

/** When quiet hours next begin or end after an instant; `ended` where they never do, or the tenant is not served. */
export const lookAtQuietHours = activityContract({
  name: 'lookAtQuietHours',
  input: z.object({ tenantId: tenantIdSchema, after: instant }),
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ended') }),
    z.object({ kind: z.literal('turns'), at: instant }),
  ]),
  retry: patientRetry,
});

/** Has a page of people decided about anew, at this instant at the earliest. */
export const reconsiderUsers = activityContract({
  name: 'reconsiderUsers',
  input: z.object({ tenantId: tenantIdSchema, after: afterSchema, at: instant }),
  output: pageOutcome,
  retry: patientRetry,
});

export const previewRulesName = 'previewRules';
export const previewRulesSchema = z.object({
  tenantId: tenantIdSchema,
  /** Tells one trial from others. */
  askedAt: instant,
  page: pageSchema.default(0),
});

/** What the rules of the trial that stands would do to everybody. */
export function previewRun(tenantId: string, askedAt: string): Start {
  return {
    name: previewRulesName,
    instanceId: previewId(tenantId, askedAt),
    input: { tenantId, askedAt },
  };
}

const trial = z.object({ tenantId: tenantIdSchema, askedAt: instant });

/** Keeps what the rules would do to a page of people. Not `current`: another trial has been begun since. */
export const previewUsers = activityContract({
  name: 'previewUsers',
  input: trial.extend({ page: pageSchema }),
  output: z.object({ current: z.boolean(), next: z.int().optional() }),
  retry: patientRetry,
});

export const forgetPreview = activityContract({
  name: 'forgetPreview',
  input: trial,
  output: z.object({}),
  retry: patientRetry,
});
