/** Starts the keepers of a tenant's vendor subscriptions, or wakes those that run. Called by `onboardTenant`, `tendTenant`. */
import { graphKeeperId, ringCentralKeeperId } from '../contracts/identities.ts';
import type { superviseSubscriptions } from '../contracts/onboard-tenant.ts';
import {
  attentionEvent,
  keepGraphSubscribedName,
  keepRingCentralSubscribedName,
} from '../contracts/vendor-subscriptions.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { startOrWake } from './shared/durable-effects.ts';

export function makeSuperviseSubscriptions({
  store,
}: {
  store: Store;
}): Effect<typeof superviseSubscriptions> {
  return async ({ tenantId, sides }, { durable }) => {
    const shards = await store.mappings.shards(tenantId);
    const keepers = [
      ...shards.map((shard) => ({
        side: 'teams' as const,
        name: keepGraphSubscribedName,
        instanceId: graphKeeperId(tenantId, shard),
        input: { tenantId, shard },
      })),
      {
        side: 'ringCentral' as const,
        name: keepRingCentralSubscribedName,
        instanceId: ringCentralKeeperId(tenantId),
        input: { tenantId },
      },
    ].filter((keeper) => sides.includes(keeper.side));
    for (const keeper of keepers) await startOrWake(durable, keeper, attentionEvent);
    return { keepers: keepers.length };
  };
}
