/** Tells when a tenant's quiet hours next begin or end. Called by `keepQuietHours`. */
import type { lookAtQuietHours } from '../contracts/sync-rules.ts';
import { nextBoundary } from '../domain/quiet-hours.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { servedTenant } from './shared/served-tenant.ts';

export function makeLookAtQuietHours({ store }: { store: Store }): Effect<typeof lookAtQuietHours> {
  return async ({ tenantId, after }) => {
    if ((await servedTenant(store, tenantId)) === undefined) return { kind: 'ended' };
    const held = await store.syncRules.newest(tenantId);
    const at = nextBoundary(held?.rules.quietHours ?? null, after);
    return at === undefined ? { kind: 'ended' } : { kind: 'turns', at };
  };
}
