/** Locks of entities, from the orchestration's side: asked for, let go, and let go for it at its end. */
import { randomUUID } from 'node:crypto';
import type { DecisionContext, Decisions } from './decision-types.ts';
import { eventType, newEvent } from './history.ts';
import type { HistoryEvent } from './history.ts';
import { entityInstanceId } from './messages.ts';
import type { EntityAddress } from './messages.ts';

/** A lock is asked for at the first entity of the set, which passes the request on to the next. */
export function decideLock(
  id: number,
  lockSet: readonly EntityAddress[],
  context: DecisionContext,
  decisions: Decisions,
): void {
  const { instance, now } = context;
  const first = lockSet[0];
  if (!first) throw new Error('An orchestration asked to lock no entity.');
  const to = entityInstanceId(first);
  const lockId = randomUUID();
  const owner = { parent: instance.id, parentExecution: instance.executionId };
  const Input = JSON.stringify({ op: null, id: lockId, ...owner, lockset: lockSet, pos: 0 });
  decisions.events.push(newEvent(eventType.eventSent, now, id, { InstanceId: to, Name: 'op', Input }));
  decisions.messages.push({ to, body: { kind: 'entityLock', id: lockId, ...owner, lockSet, position: 0 } });
}

/** One id and one message for each entity of the lock, counted from `firstId`. */
export function decideRelease(
  firstId: number,
  entities: readonly EntityAddress[],
  context: DecisionContext,
  decisions: Decisions,
): void {
  const lock = openLocks([...context.history, ...decisions.events])[0];
  entities.forEach((entity, index) => {
    addRelease(firstId + index, entity, { lockId: lock?.id ?? '', ...context }, decisions);
  });
}

interface OpenLock {
  readonly id: string;
  readonly lockSet: readonly EntityAddress[];
}

/** Locks asked for and not let go; an orchestration has one at most, as locks do not nest. */
function openLocks(history: readonly HistoryEvent[]): OpenLock[] {
  const open = new Map<string, OpenLock>();
  for (const event of history) {
    if (event.EventType !== eventType.eventSent) continue;
    const request = JSON.parse(event.Input ?? '{}') as { id?: string; lockset?: readonly EntityAddress[] };
    const id = request.id ?? '';
    if (event.Name === 'release') open.delete(id);
    else if (request.lockset) open.set(id, { id, lockSet: request.lockset });
  }
  return [...open.values()];
}

/** Lets go, at the end of an orchestration, what it did not let go itself; ids go on from `nextId`. */
export function releaseOpenLocks(context: DecisionContext, nextId: number): Decisions {
  const decisions: Decisions = { events: [], messages: [], activities: [], subOrchestrations: [] };
  let id = nextId;
  for (const lock of openLocks(context.history)) {
    for (const entity of lock.lockSet) {
      addRelease(id, entity, { lockId: lock.id, ...context }, decisions);
      id += 1;
    }
  }
  return decisions;
}

function addRelease(
  id: number,
  entity: EntityAddress,
  context: DecisionContext & { lockId: string },
  decisions: Decisions,
): void {
  const { instance, now, lockId } = context;
  const to = entityInstanceId(entity);
  const Input = JSON.stringify({ parent: instance.id, id: lockId });
  decisions.events.push(newEvent(eventType.eventSent, now, id, { InstanceId: to, Name: 'release', Input }));
  decisions.messages.push({ to, body: { kind: 'entityRelease', id: lockId, parent: instance.id } });
}
