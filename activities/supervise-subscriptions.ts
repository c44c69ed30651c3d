/** Starts the keepers of a served tenant's vendor subscriptions, or wakes those that run, and the looks whether they tell. Called by `onboardTenant` and others. */
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import type { superviseSubscriptions } from '../contracts/onboard-tenant.ts';
import { attentionEvent } from '../contracts/vendor-subscriptions.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { startOrWake } from './shared/durable-effects.ts';
import { keepersOf, probesOf } from './shared/keepers.ts';
import { servedTenant } from './shared/served-tenant.ts';

export function makeSuperviseSubscriptions({
  store,
}: {
  store: Store;
}): Effect<typeof superviseSubscriptions> {
  return async ({ tenantId, sides }, { durable }) => {
    if ((await servedTenant(store, tenantId)) === undefined) return { keepers: 0 };
    const shards = await shardsOf(store, tenantId);
    const keepers = keepersOf(tenantId, shards).filter((keeper) => sides.includes(keeper.side));
    for (const keeper of keepers) await startOrWake(durable, keeper, attentionEvent);
    for (const probe of probesOf(tenantId, shards)) {
      if (sides.includes(probe.side)) await startUnlessUnderWay(durable, probe);
    }
    return { keepers: keepers.length };
  };
}

/** Those that somebody is in, and those that are still subscribed although nobody is any more. */
async function shardsOf(store: Store, tenantId: string): Promise<number[]> {
  const shards = new Set(await store.mappings.shards(tenantId));
  for (const { vendor, shard } of await store.vendorSubscriptions.keys(tenantId)) {
    if (vendor === 'graph') shards.add(shard);
  }
  return [...shards].toSorted((one, other) => one - other);
}
