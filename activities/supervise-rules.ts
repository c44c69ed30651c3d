/**
 * Sees to it that quiet hours are kept, and that rules hold whose coming to hold was cut off. Called by `applyRules`, and when a
 * tenant is taken on or tended.
 */
import { isUnderWay, startUnlessUnderWay } from '../clients/orchestrations.ts';
import {
  quietHoursKeeper,
  rulesChangedEvent,
  rulesRun,
  type superviseRules,
} from '../contracts/sync-rules.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { startOrWake } from './shared/durable-effects.ts';
import { servedTenant } from './shared/served-tenant.ts';

export function makeSuperviseRules({ store }: { store: Store }): Effect<typeof superviseRules> {
  return async ({ tenantId, catchUp }, { durable }) => {
    const held =
      (await servedTenant(store, tenantId)) === undefined
        ? undefined
        : await store.syncRules.newest(tenantId);
    if (held === undefined) return { quiet: false, caughtUp: false };
    const quiet = held.rules.quietHours !== null;
    const keeper = quietHoursKeeper(tenantId);
    // One that is not needed any more ends by itself.
    if (quiet || (await isUnderWay(durable, keeper.instanceId))) {
      await startOrWake(durable, keeper, rulesChangedEvent);
    }
    const caughtUp = catchUp && held.applied < held.counted;
    if (caughtUp) await startUnlessUnderWay(durable, rulesRun(tenantId, held.counted));
    return { quiet, caughtUp };
  };
}
