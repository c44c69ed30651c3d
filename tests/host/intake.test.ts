import { describe, expect, test } from '@jest/globals';
import { eventType, indexHistory } from '../../local/host/durable/history.ts';
import type { Instance } from '../../local/host/durable/instance.ts';
import { takeIn } from '../../local/host/durable/intake.ts';
import type { Intake } from '../../local/host/durable/intake.ts';
import type { OrchestrationMessage, StoredMessage } from '../../local/host/durable/messages.ts';

const anInstance = (fields: Partial<Instance> = {}): Instance => ({
  id: 'i',
  executionId: 'e2',
  name: 'o',
  version: '',
  status: 'Running',
  input: null,
  output: null,
  customStatus: null,
  createdAt: 0,
  updatedAt: 0,
  parent: null,
  generation: 0,
  ...fields,
});

function take(bodies: OrchestrationMessage[], fields: Partial<Instance> = {}): Intake {
  const messages = bodies.map((body, seq): StoredMessage => ({ seq, to: 'i', body }));
  const instance = anInstance(fields);
  return takeIn(messages, { instance, index: indexHistory([]), now: 1000, lastEpisodeAt: 0 });
}

const types = (intake: Intake): number[] => intake.events.map((event) => event.EventType);
const completed = (taskId: number, executionId = 'e2'): OrchestrationMessage => ({
  kind: 'activityCompleted',
  executionId,
  taskId,
  result: null,
});

describe('an episode takes in', () => {
  test('the start before whatever reached the instance earlier', () => {
    const intake = take([
      { kind: 'externalEvent', name: 'early', input: null },
      { kind: 'executionStarted', executionId: 'e2' },
    ]);
    expect(types(intake)).toEqual([eventType.executionStarted, eventType.eventRaised]);
  });

  test('no answer twice, and none of an earlier execution', () => {
    const intake = take([completed(0), completed(0), completed(1, 'e1'), completed(2)]);
    expect(intake.events.map((event) => event.TaskScheduledId)).toEqual([0, 2]);
    expect(intake.consumed).toHaveLength(4);
  });

  test('timers no earlier than they were to fire', () => {
    const intake = take([{ kind: 'timerFired', executionId: 'e2', timerId: 0, fireAt: 5000 }]);
    expect(intake.now).toBe(5000);
  });

  test('nothing but suspensions, resumptions and ends while it is suspended', () => {
    const intake = take([completed(0), { kind: 'suspend', reason: 'later' }]);
    expect(intake).toMatchObject({ suspended: true, suspendReason: 'later' });
    expect(types(intake)).toEqual([eventType.executionSuspended]);
    expect(intake.held).toHaveLength(1);
  });

  test('what was held, in order, once it is resumed', () => {
    const intake = take([completed(0), { kind: 'resume', reason: '' }, completed(1)], {
      status: 'Suspended',
    });
    expect(intake.suspended).toBe(false);
    expect(types(intake)).toEqual([
      eventType.taskCompleted,
      eventType.executionResumed,
      eventType.taskCompleted,
    ]);
  });

  test('an end, even while suspended', () => {
    const intake = take([{ kind: 'terminate', reason: 'enough' }], { status: 'Suspended' });
    expect(intake.terminateReason).toBe('enough');
  });
});
