/** The rows of a task hub: orchestration instances and entities. */
import type { ParentLink } from './messages.ts';

export const runtimeStatuses = [
  'Pending',
  'Running',
  'ContinuedAsNew',
  'Suspended',
  'Completed',
  'Failed',
  'Terminated',
  'Canceled',
] as const;

export type RuntimeStatus = (typeof runtimeStatuses)[number];

export interface Instance {
  readonly id: string;
  executionId: string;
  readonly name: string;
  version: string;
  status: RuntimeStatus;
  /** JSON text. */
  input: string | null;
  /** JSON text. */
  output: string | null;
  /** JSON text. */
  customStatus: string | null;
  /** ms since 1970. */
  createdAt: number;
  /** ms since 1970. */
  updatedAt: number;
  readonly parent: ParentLink | null;
  /** How often the instance continued as new. */
  generation: number;
}

export interface EntityRow {
  readonly id: string;
  /** JSON text; `null` when it has none. */
  state: string | null;
  exists: boolean;
  /** The orchestration that holds the lock, and by which request. */
  lockedBy: string | null;
  lockId: string | null;
  createdAt: number;
  updatedAt: number;
}

/** Whether nothing can happen to the instance any more. */
export function isFinal(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated' || status === 'Canceled';
}
