/** Looks for a tenant at all places of a category, as if nothing had been erased. Called by `eraseTenantData`. */
import type { Secrets } from '../clients/secrets.ts';
import { makeTaskHub } from '../clients/task-hub.ts';
import type { countLeft } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { ExportFiles } from '../store/export-files.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { namesLike } from './shared/secret-names.ts';

interface Dependencies {
  store: Pick<Store, 'tenantRows'>;
  secrets: Pick<Secrets, 'names'>;
  exportFiles: Pick<ExportFiles, 'count'>;
}

export function makeCountLeft({ store, secrets, exportFiles }: Dependencies): Effect<typeof countLeft> {
  return async ({ tenantId, category, self }, { durable }) => {
    const plan = erasurePlan(tenantId, category);
    const hub = makeTaskHub(durable);
    let left = 0;
    for (const { prefix } of [...plan.instances, ...plan.entities]) {
      for await (const page of hub.listed(prefix)) {
        left += page.filter(({ instanceId }) => instanceId !== self).length;
      }
    }
    if (plan.secrets.length > 0) {
      const held = await secrets.names();
      for (const { prefix } of plan.secrets) left += namesLike(held, prefix).length;
    }
    if (plan.blobs.length > 0) left += await exportFiles.count(tenantId);
    for (const table of plan.tables) left += await store.tenantRows.count(tenantId, table);
    return { left };
  };
}
