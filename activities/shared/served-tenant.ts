/** Whom we serve: those whose subscription is active. The database decides; what durable entities know of it may be late. */
import type { Store } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';

/** The tenant, or undefined where it is not served (any more). */
export async function servedTenant(store: Store, tenantId: string): Promise<TenantRow | undefined> {
  const subscription = await store.subscriptions.find(tenantId);
  if (subscription?.state !== 'active' || (await isBeingErased(store, tenantId))) return undefined;
  return store.tenants.find(tenantId);
}

/** Who is back after a lapse is not served before what was held is erased: what came in meanwhile would go with it. */
export async function isBeingErased(store: Store, tenantId: string): Promise<boolean> {
  const due = await store.dueDeletions.of(tenantId);
  return due.some(({ category }) => category === 'service');
}
