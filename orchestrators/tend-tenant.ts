/**
 * Sees to one tenant after a restart and each night: keepers that are gone are started and the others look at once, the
 * directories are read once a night, outboxes whose delivery was lost are opened, everybody's presence is read anew, because
 * RingCentral does not repeat an event that came while nobody listened, and rules hold whose coming to hold was cut off.
 */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import { entityNames, outboxKey, resyncId } from '../contracts/identities.ts';
import { superviseSubscriptions } from '../contracts/onboard-tenant.ts';
import { resyncPresenceName } from '../contracts/resync-presence.ts';
import { superviseRules } from '../contracts/sync-rules.ts';
import { startDirectorySync } from '../contracts/sync-directory.ts';
import { tendTenantName, tendTenantSchema } from '../contracts/tend-tenant.ts';
import { sideSchema, type Side } from '../domain/presence.ts';
import { tenantSchema } from '../domain/tenant.ts';
import { call, type Step } from './steps.ts';

export function registerTendTenant(): void {
  app.orchestration(tendTenantName, tendTenant);
}

function* tendTenant(context: OrchestrationContext): Step<void> {
  const { tenantId, directory } = tendTenantSchema.parse(context.df.getInput());
  const sides = yield* sidesConnected(context, tenantId);
  if (sides.length === 0) return;
  yield* call(context, superviseSubscriptions, { tenantId, sides });
  // Not waited for: it may take its time.
  if (directory && sides.length === 2) yield* call(context, startDirectorySync, { tenantId });
  const at = context.df.currentUtcDateTime.toISOString();
  for (const side of sides) {
    const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
    context.df.signalEntity(outbox, 'resume', { at });
  }
  // Under ids of the tenant's, so that what they leave is found when the tenant is erased.
  yield context.df.Task.all(
    sides.map((side) =>
      context.df.callSubOrchestrator(
        resyncPresenceName,
        { tenantId, side },
        resyncId(tenantId, side, `${at}:tending`),
      ),
    ),
  );
  yield* call(context, superviseRules, { tenantId, catchUp: true });
}

/** None where the service has ended. A side whose grant is gone is left alone until the customer reconnects, which leads to a read of its own. */
function* sidesConnected(context: OrchestrationContext, tenantId: string): Step<Side[]> {
  const answer = yield context.df.callEntity(new EntityId(entityNames.tenant, tenantId), 'read');
  const tenant = tenantSchema.safeParse(answer).data;
  if (tenant?.status !== 'active') return [];
  return sideSchema.options.filter((side) => tenant.connections[side].health !== 'reconnectRequired');
}
