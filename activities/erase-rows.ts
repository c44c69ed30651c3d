/**
 * Deletes a tenant's rows, table by table in the data map's order, so that nothing of them stays in the database's own files.
 * Called by `eraseTenantData`.
 */
import type { Counts, eraseRows } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Pick<Store, 'tenantRows' | 'scrub'>;
}

export function makeEraseRows({ store }: Dependencies): Effect<typeof eraseRows> {
  return async ({ tenantId, category }) => {
    const erased: Counts = {};
    for (const table of erasurePlan(tenantId, category).tables) {
      const rows = await store.tenantRows.erase(tenantId, table);
      if (rows > 0) erased[`sql:${table}`] = rows;
    }
    // Also where an earlier attempt had deleted them and was cut off.
    await store.scrub();
    return erased;
  };
}
