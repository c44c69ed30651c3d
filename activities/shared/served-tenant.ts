/** Whom we serve: those whose subscription is active. The database decides; what durable entities know of it may be late. */
import type { Store } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';

/** The tenant, or undefined where it is not served (any more). */
export async function servedTenant(store: Store, tenantId: string): Promise<TenantRow | undefined> {
  const subscription = await store.subscriptions.find(tenantId);
  return subscription?.state === 'active' ? store.tenants.find(tenantId) : undefined;
}
