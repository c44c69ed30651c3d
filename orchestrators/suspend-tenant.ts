/**
 * A subscription is not paid for: we leave as if we had never been there, and keep what is stored for some days. Paid again
 * in time, all resumes (`onboardTenant`); cancelled meanwhile, the cancellation takes over; else what is stored is erased.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import { exitId } from '../contracts/identities.ts';
import { leaveCleanlyName } from '../contracts/leave-cleanly.ts';
import {
  beginErasures,
  lifecycleChangedEvent,
  readSubscription,
  suspendTenantName,
  suspendTenantSchema,
} from '../contracts/lifecycle.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, waitUntilOr, type Dependencies, type Step } from './steps.ts';

export function registerSuspendTenant({ telemetry }: Dependencies): void {
  app.orchestration(suspendTenantName, (context) => suspendTenant(context, telemetry));
}

function* suspendTenant(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId, entered } = suspendTenantSchema.parse(context.df.getInput());
  if ((yield* eraseServiceAt(context, { tenantId, entered, telemetry })) === undefined) return;
  yield context.df.callSubOrchestrator(
    leaveCleanlyName,
    { tenantId, version: entered },
    exitId(tenantId, entered),
  );
  for (;;) {
    const until = yield* eraseServiceAt(context, { tenantId, entered, telemetry });
    if (until === undefined) return;
    if (Date.parse(until) <= context.df.currentUtcDateTime.getTime()) break;
    yield* waitUntilOr(context, until, lifecycleChangedEvent);
  }
  yield* insist(context, beginErasures, { tenantId }, telemetry);
}

/** When service data is to be erased because of this very suspension; undefined once it is over. */
function* eraseServiceAt(
  context: OrchestrationContext,
  { tenantId, entered, telemetry }: { tenantId: string; entered: number; telemetry: Telemetry },
): Step<string | undefined> {
  const standing = yield* insist(context, readSubscription, { tenantId }, telemetry);
  if (standing.state !== 'suspended' || standing.entered !== entered) return undefined;
  return standing.due.find(({ category }) => category === 'service')?.at;
}
