/**
 * Waits until the hold that runs out first in Teams is due to be set again, and tells the outbox. Started by `presenceOutbox`,
 * once for all of a tenant's holds: an idle tenant has none, and so no alarm.
 */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { renewHoldsName, renewHoldsSchema } from '../contracts/renew-holds.ts';
import type { Step } from './steps.ts';

export function registerRenewHolds(): void {
  app.orchestration(renewHoldsName, renewHolds);
}

function* renewHolds(context: OrchestrationContext): Step<void> {
  const { tenantId, alarm, until } = renewHoldsSchema.parse(context.df.getInput());
  yield context.df.createTimer(new Date(until));
  const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, 'teams'));
  context.df.signalEntity(outbox, 'renew', { alarm, at: context.df.currentUtcDateTime.toISOString() });
}
