/** Removes a tenant's export files. Called by `eraseTenantData`. */
import type { eraseFiles } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { ExportFiles } from '../store/export-files.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  exportFiles: Pick<ExportFiles, 'removeAll'>;
}

export function makeEraseFiles({ exportFiles }: Dependencies): Effect<typeof eraseFiles> {
  return async ({ tenantId, category }) => {
    const [placeId] = erasurePlan(tenantId, category).blobs;
    return placeId === undefined ? {} : { [placeId]: await exportFiles.removeAll(tenantId) };
  };
}
