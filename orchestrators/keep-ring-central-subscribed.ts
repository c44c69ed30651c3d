/** Keeps a tenant's presence subscription at RingCentral alive, and notices when RingCentral has silenced it. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  ensureRingCentralSubscription,
  keepRingCentralSubscribedName,
  keepRingCentralSubscribedSchema,
} from '../contracts/vendor-subscriptions.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { ringCentralLookTime } from '../domain/vendor-subscription.ts';
import { tryCall, type Dependencies, type Step } from './steps.ts';
import { tend } from './tend.ts';

export function registerKeepRingCentralSubscribed({ telemetry }: Dependencies): void {
  app.orchestration(keepRingCentralSubscribedName, (context) =>
    keepRingCentralSubscribed(context, telemetry),
  );
}

function* keepRingCentralSubscribed(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId } = keepRingCentralSubscribedSchema.parse(context.df.getInput());
  const upkeep = yield* tryCall(context, ensureRingCentralSubscription, { input: { tenantId }, telemetry });
  if (upkeep?.kind === 'ended') return;
  yield* tend(context, { tenantId, side: 'ringCentral', upkeep, telemetry }, (_expiresAt, now) =>
    ringCentralLookTime(now, context.df.instanceId),
  );
  context.df.continueAsNew({ tenantId });
}
