import { describe, expect, test } from '@jest/globals';
import { takeBatch } from '../../local/host/durable/entity-batch.ts';
import type { EntityBatch } from '../../local/host/durable/entity-batch.ts';
import type { EntityRow } from '../../local/host/durable/instance.ts';
import type { EntityMessage } from '../../local/host/durable/messages.ts';

const anEntity = (fields: Partial<EntityRow> = {}): EntityRow => ({
  id: '@counter@a',
  state: null,
  exists: false,
  lockedBy: null,
  lockId: null,
  createdAt: 0,
  updatedAt: 0,
  ...fields,
});

const operation = (op: string, parent: string | null = null): EntityMessage => ({
  kind: 'entityOperation',
  op,
  input: null,
  isSignal: parent === null,
  id: op,
  parent,
  parentExecution: parent,
});
const lock = (id: string, parent: string): EntityMessage => ({
  kind: 'entityLock',
  id,
  parent,
  parentExecution: 'e',
  lockSet: [{ name: 'counter', key: 'a' }],
  position: 0,
});
const release = (id: string, parent: string): EntityMessage => ({ kind: 'entityRelease', id, parent });

function take(bodies: EntityMessage[], entity = anEntity(), limit = 100): EntityBatch {
  const messages = bodies.map((body, seq) => ({ seq, to: entity.id, body }));
  return takeBatch(messages, entity, limit);
}

const names = (batch: EntityBatch): string[] => batch.operations.map(({ op }) => op);
const left = (batch: EntityBatch): number[] => batch.left.map(({ seq }) => seq);

describe('an entity’s batch', () => {
  test('takes operations in order, up to a limit', () => {
    const batch = take([operation('a'), operation('b'), operation('c')], anEntity(), 2);
    expect([names(batch), left(batch)]).toEqual([['a', 'b'], [2]]);
  });

  test('ends with a lock request', () => {
    const batch = take([operation('a'), lock('l', 'o'), operation('b')]);
    expect([names(batch), batch.lock?.id, left(batch)]).toEqual([['a'], 'l', [2]]);
  });

  test('takes only the owner’s operations while the entity is locked', () => {
    const locked = anEntity({ lockedBy: 'o', lockId: 'l' });
    const batch = take([operation('other'), lock('m', 'p'), operation('mine', 'o')], locked);
    expect([names(batch), left(batch)]).toEqual([['mine'], [0, 1]]);
  });

  test('opens to all when the owner lets go, and to nobody else’s word', () => {
    const locked = anEntity({ lockedBy: 'o', lockId: 'l' });
    expect(take([operation('waiting'), release('l', 'o')], locked).lockedBy).toBeNull();
    expect(take([release('x', 'o'), release('l', 'p')], locked).lockedBy).toBe('o');
  });

  test('forgets a lock request that is withdrawn before its turn', () => {
    const batch = take([operation('a'), lock('l', 'o'), operation('b'), release('l', 'o')]);
    expect([names(batch), batch.lock, left(batch)]).toEqual([['a', 'b'], undefined, []]);
  });
});
