/** Keeps one shard's presence subscription at Microsoft Graph alive for as long as the tenant is served. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  ensureGraphSubscription,
  keepGraphSubscribedName,
  keepGraphSubscribedSchema,
} from '../contracts/vendor-subscriptions.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { graphRenewalTime } from '../domain/vendor-subscription.ts';
import { tryCall, type Dependencies, type Step } from './steps.ts';
import { tend } from './tend.ts';

export function registerKeepGraphSubscribed({ telemetry }: Dependencies): void {
  app.orchestration(keepGraphSubscribedName, (context) => keepGraphSubscribed(context, telemetry));
}

function* keepGraphSubscribed(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId, shard } = keepGraphSubscribedSchema.parse(context.df.getInput());
  const upkeep = yield* tryCall(context, ensureGraphSubscription, { input: { tenantId, shard }, telemetry });
  if (upkeep?.kind === 'ended') return;
  yield* tend(context, { tenantId, side: 'teams', upkeep, telemetry }, (expiresAt, now) =>
    graphRenewalTime(expiresAt, now, context.df.instanceId),
  );
  context.df.continueAsNew({ tenantId, shard });
}
