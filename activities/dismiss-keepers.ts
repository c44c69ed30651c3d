/**
 * Wakes the keepers of a tenant that is served no more, so that each removes its subscription and ends, what looks whether
 * subscriptions tell, and the keeper of quiet hours; and counts those that still have to end. One that is gone without having
 * removed its subscription is started for that. Called by `leaveCleanly`.
 */
import { isUnderWay } from '../clients/orchestrations.ts';
import { graphKeeperId, quietHoursId } from '../contracts/identities.ts';
import type { dismissKeepers } from '../contracts/leave-cleanly.ts';
import { rulesChangedEvent } from '../contracts/sync-rules.ts';
import { attentionEvent } from '../contracts/vendor-subscriptions.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { keepersOf, probesOf } from './shared/keepers.ts';
import { servedTenant } from './shared/served-tenant.ts';

export function makeDismissKeepers({ store }: { store: Store }): Effect<typeof dismissKeepers> {
  return async ({ tenantId, wake }, { durable }) => {
    if ((await servedTenant(store, tenantId)) !== undefined) return { ended: false, running: 0 };
    const ended = (await store.tenants.find(tenantId)) !== undefined;
    const held = await store.vendorSubscriptions.keys(tenantId);
    const heldShards = held.filter(({ vendor }) => vendor === 'graph').map(({ shard }) => shard);
    const shards = new Set([...(await store.mappings.shards(tenantId)), ...heldShards]);
    let running = 0;
    for (const { side, ...keeper } of keepersOf(tenantId, [...shards])) {
      const isHeld =
        side === 'ringCentral'
          ? held.some(({ vendor }) => vendor === 'ringCentral')
          : heldShards.some((shard) => keeper.instanceId === graphKeeperId(tenantId, shard));
      const isRunning = await isUnderWay(durable, keeper.instanceId);
      if (isRunning && wake) await durable.raiseEvent(keeper.instanceId, attentionEvent, {});
      if (!isRunning && isHeld) await durable.startNew(keeper.name, keeper);
      if (isRunning || isHeld) running += 1;
    }
    const others = [
      ...probesOf(tenantId, [...shards]).map(({ instanceId }) => ({ instanceId, event: attentionEvent })),
      { instanceId: quietHoursId(tenantId), event: rulesChangedEvent },
    ];
    for (const { instanceId, event } of others) {
      if (!(await isUnderWay(durable, instanceId))) continue;
      if (wake) await durable.raiseEvent(instanceId, event, {});
      running += 1;
    }
    return { ended, running };
  };
}
