/**
 * Leaves a tenant as if we had never been there: what we hold for its people is put back on both sides, and the vendors'
 * webhook subscriptions are removed. Once it has ended, nothing is written to a vendor before the tenant is onboarded again.
 * Nobody waits for ever: after an hour, what a vendor or a revoked consent has kept from being put back is left behind.
 */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import {
  dismissKeepers,
  leaveCleanlyName,
  leaveCleanlySchema,
  leaveUsers,
} from '../contracts/leave-cleanly.ts';
import { superviseSubscriptions } from '../contracts/onboard-tenant.ts';
import { backlogSchema, type Backlog } from '../contracts/presence-outbox.ts';
import { sideSchema, type Side } from '../domain/presence.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, live, secondsFromNow, type Dependencies, type Step } from './steps.ts';

const patienceSeconds = 3600;
/** A write that a delivery has begun ends in this time, or its worker is dead. */
const lastWritesSeconds = 600;
const pagesPerGeneration = 20;
const firstPauseSeconds = 2;
const longestPauseSeconds = 300;
const troubleSeconds = 60;

export function registerLeaveCleanly({ telemetry }: Dependencies): void {
  app.orchestration(leaveCleanlyName, (context) => leaveCleanly(context, telemetry));
}

interface Exit {
  tenantId: string;
  version: number;
  until: Date;
  telemetry: Telemetry;
}

function* leaveCleanly(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const input = leaveCleanlySchema.parse(context.df.getInput());
  const { tenantId, version, progress } = input;
  const until = progress === undefined ? secondsFromNow(context, patienceSeconds) : new Date(progress.until);
  const exit: Exit = { tenantId, version, until, telemetry };
  if (progress === undefined && !(yield* begin(context, exit))) return;
  const more = yield* tellPeople(context, exit, progress ?? { step: 'tell', page: 0 });
  if (more !== undefined) {
    context.df.continueAsNew({ tenantId, version, progress: { ...more, until: until.toISOString() } });
    return;
  }
  const isOvertaken = yield* waitUntilReleased(context, exit);
  yield* shutOutboxes(context, exit);
  // Where the customer has come back meanwhile, a keeper that was just about to end may have missed that.
  if (isOvertaken) yield context.df.createTimer(secondsFromNow(context, troubleSeconds));
  yield* insist(context, superviseSubscriptions, { tenantId, sides: sideSchema.options }, telemetry);
}

/** False where there is nobody to leave, or no more. What an earlier exit had to leave behind can be tried again. */
function* begin(context: OrchestrationContext, { tenantId, version, telemetry }: Exit): Step<boolean> {
  const { ended } = yield* insist(context, dismissKeepers, { tenantId, wake: true }, telemetry);
  if (!ended) return false;
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'stop', { version });
  const at = context.df.currentUtcDateTime.toISOString();
  for (const side of sideSchema.options) {
    context.df.signalEntity(outboxOf(tenantId, side), 'reopen', { version, at });
  }
  return true;
}

type Progress = Omit<NonNullable<z.infer<typeof leaveCleanlySchema>['progress']>, 'until'>;

/** Tells all people, and then sees that each has heard it. Answers where to go on when that takes another generation. */
function* tellPeople(
  context: OrchestrationContext,
  { tenantId, version, until, telemetry }: Exit,
  { step, page }: Progress,
): Step<Progress | undefined> {
  for (let turn = 0; turn < pagesPerGeneration; turn++) {
    const { untold, next } = yield* insist(context, leaveUsers, { tenantId, version, page }, telemetry);
    if (step === 'check' && untold > 0 && context.df.currentUtcDateTime < until) {
      yield context.df.createTimer(secondsFromNow(context, firstPauseSeconds));
    } else if (next !== undefined) page = next;
    else if (step === 'check') return undefined;
    else [step, page] = ['check', 0];
  }
  return { step, page };
}

/**
 * Waits until the vendors have taken everything back, as far as there is hope, and all keepers have ended. True when the
 * customer has come back before that.
 */
function* waitUntilReleased(context: OrchestrationContext, exit: Exit): Step<boolean> {
  const { tenantId, until, telemetry } = exit;
  for (let pause = firstPauseSeconds; ; pause = Math.min(2 * pause, longestPauseSeconds)) {
    const isLate = context.df.currentUtcDateTime >= until;
    const backlogs = yield* readBacklogs(context, tenantId);
    const { ended, running } = yield* insist(context, dismissKeepers, { tenantId, wake: isLate }, telemetry);
    if (!ended) return true;
    const isHopeful = backlogs.some(({ wishes, paused }) => wishes > 0 && !paused);
    if (isLate || !(isHopeful || running > 0)) {
      tellLeftBehind(context, exit, backlogs);
      return false;
    }
    yield context.df.createTimer(earlier(secondsFromNow(context, pause), until));
  }
}

/** Nothing more is taken in; what a delivery has begun to write, it ends. */
function* shutOutboxes(context: OrchestrationContext, { tenantId, version }: Exit): Step<void> {
  const until = secondsFromNow(context, lastWritesSeconds);
  yield* shut(context, tenantId, { version });
  for (let pause = firstPauseSeconds; context.df.currentUtcDateTime < until; pause *= 2) {
    const backlogs = yield* readBacklogs(context, tenantId);
    if (backlogs.every(({ wishes }) => wishes === 0)) return;
    yield context.df.createTimer(earlier(secondsFromNow(context, pause), until));
  }
  yield* shut(context, tenantId, { version, atOnce: true });
}

function* shut(
  context: OrchestrationContext,
  tenantId: string,
  how: { version: number; atOnce?: boolean },
): Step<void> {
  const at = context.df.currentUtcDateTime.toISOString();
  for (const side of sideSchema.options) {
    yield context.df.callEntity(outboxOf(tenantId, side), 'shut', { ...how, at });
  }
}

function* readBacklogs(context: OrchestrationContext, tenantId: string): Step<(Backlog & { side: Side })[]> {
  const at = context.df.currentUtcDateTime.toISOString();
  const backlogs: (Backlog & { side: Side })[] = [];
  for (const side of sideSchema.options) {
    const answer = yield context.df.callEntity(outboxOf(tenantId, side), 'backlog', { at });
    backlogs.push({ side, ...backlogSchema.parse(answer) });
  }
  return backlogs;
}

function tellLeftBehind(
  context: OrchestrationContext,
  { tenantId, telemetry }: Exit,
  backlogs: readonly (Backlog & { side: Side })[],
): void {
  for (const { side, wishes, paused } of backlogs) {
    if (wishes === 0) continue;
    const reason = paused ? 'consentRevoked' : 'unavailable';
    live(context, telemetry).record('leftBehind', { side, reason, count: wishes }, { tenantId });
  }
}

function outboxOf(tenantId: string, side: Side): EntityId {
  return new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}
