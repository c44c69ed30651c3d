/** What leaves an entity after a batch: answers in the order of the calls, then signals, then the lock's next step. */
import { randomUUID } from 'node:crypto';
import type { KnownFunctions } from './decision-types.ts';
import type { EntityBatch, EntityLockRequest } from './entity-batch.ts';
import type { EntityResponse } from './entity-response.ts';
import { entityInstanceId } from './messages.ts';
import type { OutgoingMessage } from './messages.ts';

export function batchMessages(
  batch: EntityBatch,
  response: EntityResponse | undefined,
  known: KnownFunctions,
): OutgoingMessage[] {
  return [
    ...answers(batch, response),
    ...signals(response, known),
    ...(batch.lock ? [lockStep(batch.lock)] : []),
  ];
}

function answers(batch: EntityBatch, response: EntityResponse | undefined): OutgoingMessage[] {
  return batch.operations.flatMap((operation, index): OutgoingMessage[] => {
    const { parent, parentExecution, isSignal, id } = operation;
    if (isSignal || parent === null || parentExecution === null) return [];
    const result = response?.results[index];
    const answer = { result: result?.result ?? null, ...(result?.isError ? { exceptionType: 'Error' } : {}) };
    const body = { kind: 'entityResponse', executionId: parentExecution, name: id } as const;
    return [{ to: parent, body: { ...body, input: JSON.stringify(answer) } }];
  });
}

/** A signal to an entity that the app does not have is lost, as in Azure. */
function signals(response: EntityResponse | undefined, known: KnownFunctions): OutgoingMessage[] {
  const deliverable = (response?.signals ?? []).filter((signal) => known.hasEntity(signal.target.name));
  return deliverable.map(({ target, name, input }) => ({
    to: entityInstanceId(target),
    body: {
      kind: 'entityOperation',
      op: name,
      input: input ?? null,
      isSignal: true,
      id: randomUUID(),
      parent: null,
      parentExecution: null,
    },
  }));
}

/** The request goes on to the next entity of the set; the last one tells the orchestration. */
function lockStep(lock: EntityLockRequest): OutgoingMessage {
  const position = lock.position + 1;
  const next = lock.lockSet[position];
  if (next) return { to: entityInstanceId(next), body: { ...lock, position } };
  const { parent, parentExecution: executionId, id: name, lockSet } = lock;
  const input = JSON.stringify({ result: 'Lock Acquisition Completed' });
  return { to: parent, body: { kind: 'entityResponse', executionId, name, input, lockSet } };
}
