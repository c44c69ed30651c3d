/** Which queued messages an entity works on now (extension, SchedulerState and EntityMiddleware). Pure. */
import type { EntityMessage, StoredMessage } from './messages.ts';
import type { EntityRow } from './instance.ts';

export type EntityOperation = EntityMessage & { readonly kind: 'entityOperation' };
export type EntityLockRequest = EntityMessage & { readonly kind: 'entityLock' };

export interface EntityBatch {
  readonly operations: EntityOperation[];
  /** Taken after the operations: the entity is locked from then on. */
  readonly lock: EntityLockRequest | undefined;
  readonly consumed: StoredMessage[];
  readonly left: StoredMessage[];
  /** The lock that stands while the batch runs. */
  readonly lockedBy: string | null;
  readonly lockId: string | null;
}

/** Takes at most `limit` operations, in order of arrival; under a lock only those of the lock's owner. */
export function takeBatch(messages: readonly StoredMessage[], entity: EntityRow, limit: number): EntityBatch {
  const releases = readReleases(messages, entity);
  const { lockedBy, lockId } = releases;
  const batch: EntityBatch = {
    operations: [],
    lock: undefined,
    consumed: [...releases.consumed],
    left: [],
    lockedBy,
    lockId,
  };
  let lock: EntityLockRequest | undefined;
  for (const message of releases.rest) {
    const body = message.body as EntityMessage;
    const isFull = lock !== undefined || batch.operations.length >= limit;
    const isAllowed = lockedBy === null || (body.kind === 'entityOperation' && body.parent === lockedBy);
    if (isFull || !isAllowed) {
      batch.left.push(message);
      continue;
    }
    batch.consumed.push(message);
    if (body.kind === 'entityOperation') batch.operations.push(body);
    else if (body.kind === 'entityLock') lock = body;
  }
  return { ...batch, lock };
}

/** A release ends the lock it belongs to, or withdraws the request if that still waits in the queue. */
function readReleases(
  messages: readonly StoredMessage[],
  entity: EntityRow,
): { lockedBy: string | null; lockId: string | null; consumed: StoredMessage[]; rest: StoredMessage[] } {
  let { lockedBy, lockId } = entity;
  const withdrawn = new Set<string>();
  const consumed: StoredMessage[] = [];
  for (const message of messages) {
    if (message.body.kind !== 'entityRelease') continue;
    consumed.push(message);
    const { id, parent } = message.body;
    if (lockedBy === parent && lockId === id) {
      lockedBy = null;
      lockId = null;
    } else {
      withdrawn.add(id);
    }
  }
  const rest: StoredMessage[] = [];
  for (const message of messages) {
    if (message.body.kind === 'entityRelease') continue;
    if (message.body.kind === 'entityLock' && withdrawn.has(message.body.id)) consumed.push(message);
    else rest.push(message);
  }
  return { lockedBy, lockId, consumed, rest };
}
