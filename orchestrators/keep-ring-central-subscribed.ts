/** Keeps a tenant's presence subscription at RingCentral alive, and notices when RingCentral has silenced it. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  ensureRingCentralSubscription,
  keepRingCentralSubscribedName,
  keepRingCentralSubscribedSchema,
} from '../contracts/vendor-subscriptions.ts';
import { ringCentralLookTime } from '../domain/vendor-subscription.ts';
import { tryCall, type Step } from './steps.ts';
import { tend } from './tend.ts';

export function registerKeepRingCentralSubscribed(): void {
  app.orchestration(keepRingCentralSubscribedName, keepRingCentralSubscribed);
}

function* keepRingCentralSubscribed(context: OrchestrationContext): Step<void> {
  const { tenantId } = keepRingCentralSubscribedSchema.parse(context.df.getInput());
  const upkeep = yield* tryCall(context, ensureRingCentralSubscription, { tenantId });
  yield* tend(context, { tenantId, side: 'ringCentral', upkeep }, (_expiresAt, now) =>
    ringCentralLookTime(now, context.df.instanceId),
  );
  context.df.continueAsNew({ tenantId });
}
