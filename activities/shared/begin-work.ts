/** What follows from where a subscription stands: the one place that knows which orchestration carries on. */
import { startUnlessStarted } from '../../clients/orchestrations.ts';
import type { Start } from '../../contracts/durable.ts';
import { cancellationId, resumptionId, suspensionId } from '../../contracts/identities.ts';
import { cancelTenantName, suspendTenantName } from '../../contracts/lifecycle.ts';
import { onboardTenantName } from '../../contracts/onboard-tenant.ts';
import type { Store } from '../../store/store.ts';
import type { SubscriptionRow } from '../../store/subscriptions.ts';
import { servedTenant } from './served-tenant.ts';
import type { DurableClient } from 'durable-functions';

/**
 * Begins the work of the newest version of a subscription where it has not been begun. Ids are derived, so that doing it
 * twice, or by two workers at once, starts it once.
 */
export async function beginWork(
  { store, durable }: { store: Store; durable: DurableClient },
  tenantId: string,
): Promise<void> {
  const subscription = await store.subscriptions.find(tenantId);
  // What is pending stays to be begun, so that its activation is looked after until it is active.
  if (subscription === undefined || subscription.state === 'pending') return;
  if (subscription.begun >= subscription.version) return;
  const work = await workOf(store, tenantId, subscription);
  if (work !== undefined) await startUnlessStarted(durable, work);
  await store.subscriptions.markBegun(tenantId, subscription.version);
}

async function workOf(
  store: Store,
  tenantId: string,
  { state, version, entered }: SubscriptionRow,
): Promise<Start | undefined> {
  switch (state) {
    case 'active':
      // Whoever has yet to connect, or to connect anew after its data was erased, onboards by itself.
      return (await servedTenant(store, tenantId)) !== undefined
        ? {
            name: onboardTenantName,
            instanceId: resumptionId(tenantId, version),
            input: { tenantId, version, directory: true },
          }
        : undefined;
    case 'suspended':
      return {
        name: suspendTenantName,
        instanceId: suspensionId(tenantId, entered),
        input: { tenantId, entered },
      };
    case 'cancelled':
      return { name: cancelTenantName, instanceId: cancellationId(tenantId), input: { tenantId } };
    case 'pending':
    case 'lapsed':
      return undefined;
  }
}
