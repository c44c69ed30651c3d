/**
 * Erases a category of a tenant's data at every place of the data map, in rounds: each ends what could write anew before it
 * erases what was written, and counts what is left. When twice nothing was left, some time apart, a receipt is issued. It never
 * gives up; what is late is said as an error each time.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import type { ActivityContract } from '../contracts/durable.ts';
import {
  beginErasure,
  concludeErasure,
  countLeft,
  endTenantWork,
  eraseFiles,
  erasePseudonymKey,
  eraseRows,
  eraseSecrets,
  eraseTenantDataName,
  eraseTenantDataSchema,
  forgetTenantState,
  issueReceipt,
  purgeTenantWork,
  type Counts,
  type ErasedPlaces,
} from '../contracts/erase-tenant-data.ts';
import type { ErasedCategory } from '../domain/data-map/words.ts';
import { isLate, quietSeconds, secondsBeforeRound } from '../domain/erasure-plan.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { live, secondsFromNow, tryCall, type Dependencies, type Step } from './steps.ts';

type Progress = NonNullable<z.infer<typeof eraseTenantDataSchema>['progress']>;
type Outcome = { kind: 'notDue' } | { kind: 'erased'; rounds: number };

/** A round of an erasure. */
interface Round {
  readonly tenantId: string;
  readonly category: ErasedCategory;
  /** The erasure's own instance. */
  readonly self: string;
  readonly telemetry: Telemetry;
}

export function registerEraseTenantData({ telemetry }: Dependencies): void {
  app.orchestration(eraseTenantDataName, (context) => eraseTenantData(context, telemetry));
}

function* eraseTenantData(context: OrchestrationContext, telemetry: Telemetry): Step<Outcome | undefined> {
  const { tenantId, category, progress } = eraseTenantDataSchema.parse(context.df.getInput());
  const round: Round = { tenantId, category, self: context.df.instanceId, telemetry };
  const startedAt = progress?.startedAt ?? context.df.currentUtcDateTime.toISOString();
  const rounds = (progress?.rounds ?? 0) + 1;
  const begun = yield* tryCall(context, beginErasure, { input: { tenantId, category }, telemetry });
  if (begun?.kind === 'notDue') return begun;
  const erased = { ...progress?.erased };
  if (begun !== undefined) {
    yield* eraseOnce(context, round, { erased, places: begun.places });
    const gone = yield* isGoneForGood(context, round);
    const done = gone && (yield* conclude(context, round, { ...begun, startedAt, erased }));
    const isOverdue = isLate(new Date(begun.dueAt), context.df.currentUtcDateTime);
    if (done) {
      if (isOverdue) sayLate(context, round, rounds);
      return { kind: 'erased', rounds };
    }
  }
  sayLate(context, round, rounds);
  yield* pause(context, secondsBeforeRound(rounds));
  const handedOn: Progress = { startedAt, rounds, erased };
  context.df.continueAsNew({ tenantId, category, progress: handedOn });
  return undefined;
}

/** A step that fails keeps none of the others. */
function* eraseOnce(
  context: OrchestrationContext,
  round: Round,
  { erased, places }: { erased: Counts; places: readonly ErasedPlaces[] },
): Step<void> {
  const has = (place: ErasedPlaces): boolean => places.includes(place);
  if (has('work')) yield* endWork(context, round);
  if (has('state')) {
    yield* eraseBy(context, forgetTenantState, { round, erased });
    yield* pause(context, settlingSeconds);
  }
  if (has('work') || has('state')) yield* eraseBy(context, purgeTenantWork, { round, erased });
  if (has('secrets')) yield* eraseBy(context, eraseSecrets, { round, erased });
  if (has('files')) yield* eraseBy(context, eraseFiles, { round, erased });
  yield* eraseBy(context, eraseRows, { round, erased });
  if (has('secrets')) yield* eraseBy(context, erasePseudonymKey, { round, erased });
}

/** Runs a step and adds what it has erased to what was erased before. */
function* eraseBy(
  context: OrchestrationContext,
  step: ActivityContract<z.ZodType, z.ZodType<Counts>>,
  { round, erased }: { round: Round; erased: Counts },
): Step<void> {
  const counts = yield* attempt(context, step, round);
  for (const [placeId, many] of Object.entries(counts ?? {})) {
    erased[placeId] = (erased[placeId] ?? 0) + many;
  }
}

/** How long what was told to end or to forget takes, as a rule; what takes longer is left to the next round. */
const settlingSeconds = 10;
const mostLooks = 6;

function* endWork(context: OrchestrationContext, round: Round): Step<void> {
  for (let look = 0; look < mostLooks; look += 1) {
    const work = yield* attempt<{ running: number }>(context, endTenantWork, round);
    if (work === undefined || work.running === 0) return;
    yield* pause(context, settlingSeconds);
  }
}

/** Looks twice: what was under way when its work was ended may have written something since. */
function* isGoneForGood(context: OrchestrationContext, round: Round): Step<boolean> {
  const first = yield* attempt<{ left: number }>(context, countLeft, round);
  if (first?.left !== 0) return false;
  yield* pause(context, quietSeconds);
  const again = yield* attempt<{ left: number }>(context, countLeft, round);
  return again?.left === 0;
}

function* conclude(
  context: OrchestrationContext,
  { tenantId, category, telemetry }: Round,
  said: Omit<z.infer<typeof issueReceipt.input>, 'tenantId' | 'category' | 'finishedAt'>,
): Step<boolean> {
  const { reason, dueAt, startedAt, erased } = said;
  const finishedAt = context.df.currentUtcDateTime.toISOString();
  const input = { tenantId, category, reason, dueAt, startedAt, finishedAt, erased };
  const receipt = yield* tryCall(context, issueReceipt, { input, telemetry });
  if (receipt === undefined) return false;
  const concluded = yield* tryCall(context, concludeErasure, {
    input: { tenantId, category, dueAt },
    telemetry,
  });
  return concluded !== undefined;
}

function* attempt<Answer>(
  context: OrchestrationContext,
  contract: ActivityContract<z.ZodType, z.ZodType<Answer>>,
  { tenantId, category, self, telemetry }: Round,
): Step<Answer | undefined> {
  return yield* tryCall(context, contract, { input: { tenantId, category, self }, telemetry });
}

function* pause(context: OrchestrationContext, seconds: number): Step<void> {
  yield context.df.createTimer(secondsFromNow(context, seconds));
}

function sayLate(
  context: OrchestrationContext,
  { tenantId, category, telemetry }: Round,
  rounds: number,
): void {
  live(context, telemetry).record('erasureLate', { category, rounds }, { tenantId });
}
