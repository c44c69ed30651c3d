/** Keeps one shard's presence subscription at Microsoft Graph alive for as long as the tenant is served. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  ensureGraphSubscription,
  keepGraphSubscribedName,
  keepGraphSubscribedSchema,
} from '../contracts/vendor-subscriptions.ts';
import { graphRenewalTime } from '../domain/vendor-subscription.ts';
import { tryCall, type Step } from './steps.ts';
import { tend } from './tend.ts';

export function registerKeepGraphSubscribed(): void {
  app.orchestration(keepGraphSubscribedName, keepGraphSubscribed);
}

function* keepGraphSubscribed(context: OrchestrationContext): Step<void> {
  const { tenantId, shard } = keepGraphSubscribedSchema.parse(context.df.getInput());
  const upkeep = yield* tryCall(context, ensureGraphSubscription, { tenantId, shard });
  yield* tend(context, { tenantId, side: 'teams', upkeep }, (expiresAt, now) =>
    graphRenewalTime(expiresAt, now, context.df.instanceId),
  );
  context.df.continueAsNew({ tenantId, shard });
}
