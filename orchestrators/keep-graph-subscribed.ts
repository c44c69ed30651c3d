/** Keeps one shard's presence subscription at Microsoft Graph alive for as long as the tenant is served. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  ensureGraphSubscription,
  keepGraphSubscribedName,
  keepGraphSubscribedSchema,
} from '../contracts/vendor-subscriptions.ts';
import { graphRenewalTime } from '../domain/vendor-subscription.ts';
import { call, type Step } from './steps.ts';
import { tend } from './tend.ts';

export function registerKeepGraphSubscribed(): void {
  app.orchestration(keepGraphSubscribedName, keepGraphSubscribed);
}

function* keepGraphSubscribed(context: OrchestrationContext): Step<void> {
  const { tenantId, shard, ...known } = keepGraphSubscribedSchema.parse(context.df.getInput());
  const upkeep = yield* call(context, ensureGraphSubscription, { tenantId, shard });
  const reconnectRequired = yield* tend(context, { tenantId, side: 'teams', upkeep, ...known }, (expiresAt) =>
    graphRenewalTime(expiresAt, context.df.instanceId),
  );
  context.df.continueAsNew({ tenantId, shard, reconnectRequired });
}
