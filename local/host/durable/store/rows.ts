/** How table rows become the engine's records. */
import type { EntityRow, Instance, RuntimeStatus } from '../instance.ts';
import type { ParentLink } from '../messages.ts';

export interface InstanceTableRow {
  id: string;
  execution_id: string;
  name: string;
  version: string;
  status: RuntimeStatus;
  input: string | null;
  output: string | null;
  custom_status: string | null;
  created_at: number;
  updated_at: number;
  parent: string | null;
  generation: number;
}

export interface EntityTableRow {
  id: string;
  state: string | null;
  present: number;
  locked_by: string | null;
  lock_id: string | null;
  created_at: number;
  updated_at: number;
}

export function instanceFromRow(row: InstanceTableRow): Instance {
  return {
    id: row.id,
    executionId: row.execution_id,
    name: row.name,
    version: row.version,
    status: row.status,
    input: row.input,
    output: row.output,
    customStatus: row.custom_status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    parent: row.parent === null ? null : (JSON.parse(row.parent) as ParentLink),
    generation: row.generation,
  };
}

export function entityFromRow(row: EntityTableRow): EntityRow {
  return {
    id: row.id,
    state: row.state,
    exists: row.present === 1,
    lockedBy: row.locked_by,
    lockId: row.lock_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
