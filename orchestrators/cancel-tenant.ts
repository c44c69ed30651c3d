/**
 * A subscription has ended for good: we leave as if we had never been there, give the consents back, offer a copy of what is
 * stored, and forget, each category of data in its time. An erasure that is missed here the hourly sweep makes up for.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import { exitId } from '../contracts/identities.ts';
import { leaveCleanlyName } from '../contracts/leave-cleanly.ts';
import {
  beginErasures,
  cancelTenantName,
  cancelTenantSchema,
  readSubscription,
  revokeConsents,
} from '../contracts/lifecycle.ts';
import { offerExport } from '../contracts/offer-export.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, secondsFromNow, tryCall, type Dependencies, type Step } from './steps.ts';

const consentPauseSeconds = 1800;

export function registerCancelTenant({ telemetry }: Dependencies): void {
  app.orchestration(cancelTenantName, (context) => cancelTenant(context, telemetry));
}

function* cancelTenant(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId } = cancelTenantSchema.parse(context.df.getInput());
  const { state, entered, due } = yield* insist(context, readSubscription, { tenantId }, telemetry);
  if (state !== 'cancelled' || entered === undefined) return;
  yield context.df.callSubOrchestrator(
    leaveCleanlyName,
    { tenantId, version: entered },
    exitId(tenantId, entered),
  );
  // Neither may keep the erasures from their time.
  yield* tryCall(context, offerExport, { input: { tenantId }, telemetry });
  yield* giveConsentsBack(context, { tenantId, until: due[0]?.at, telemetry });
  for (const { at } of due) {
    yield context.df.createTimer(new Date(at));
    yield* insist(context, beginErasures, { tenantId }, telemetry);
  }
}

/** RingCentral may be away; the erasure of service data tries once more. */
function* giveConsentsBack(
  context: OrchestrationContext,
  { tenantId, until, telemetry }: { tenantId: string; until: string | undefined; telemetry: Telemetry },
): Step<void> {
  while ((yield* tryCall(context, revokeConsents, { input: { tenantId }, telemetry })) === undefined) {
    const next = secondsFromNow(context, consentPauseSeconds);
    if (until === undefined || next >= new Date(until)) return;
    yield context.df.createTimer(next);
  }
}
