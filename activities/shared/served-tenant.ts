/** Whom we serve: those whose subscription is active. The database decides; what durable entities know of it may be late. */
import type { Subscription } from '../../domain/subscription.ts';
import type { Store } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';

/** The tenant, or undefined where it is not served (any more), or has yet to connect. */
export async function servedTenant(store: Store, tenantId: string): Promise<TenantRow | undefined> {
  const subscription = await store.subscriptions.find(tenantId);
  return (await isToBeServed(store, tenantId, subscription)) ? store.tenants.find(tenantId) : undefined;
}

/**
 * Whether a subscription that stands so is to be served. Who is back after a lapse is not, before what was held is erased: what
 * came in meanwhile would go with it.
 */
export async function isToBeServed(
  store: Store,
  tenantId: string,
  subscription: Pick<Subscription, 'state'> | undefined,
): Promise<boolean> {
  if (subscription?.state !== 'active') return false;
  const due = await store.dueDeletions.of(tenantId);
  return due.every(({ category }) => category !== 'service');
}
