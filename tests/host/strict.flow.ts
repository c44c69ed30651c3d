/** Strict mode, the default: what Azure gets wrong fails here, and says so. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { strictRules } from '../../local/host/durable/strict-rules.ts';
import type { StrictRuleId } from '../../local/host/durable/strict-rules.ts';
import { Workflows } from './workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start([], {}, join(import.meta.dirname, 'apps/defects'));
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

async function expectFailure(id: string, rule: StrictRuleId, orchestrator: string): Promise<void> {
  const { runtimeStatus, output } = await app.status(id);
  expect([runtimeStatus, output]).toEqual(['Failed', expect.stringContaining(`(${rule}, `)]);
  expect(output).toContain(strictRules[rule].citation);
  expect(output).toContain(`'${orchestrator}'`);
  expect(app.host.log).toContain(`Orchestration '${id}' failed.`);
}

describe('an orchestration fails at once', () => {
  test.each<[string, StrictRuleId]>([
    ['taskReused', 'task-reused'],
    ['finishedTask', 'finished-task'],
    ['unknownActivity', 'unknown-function'],
    ['unknownChild', 'unknown-function'],
    ['unknownEntity', 'unknown-function'],
    ['unknownSignal', 'unknown-function'],
    ['childOfItself', 'child-refused'],
    ['throwText', 'threw-no-error'],
    ['throwEmptyText', 'threw-no-error'],
    ['throwEmptyError', 'threw-no-error'],
    ['throwNull', 'threw-no-error'],
    ['throwUndefined', 'threw-no-error'],
    ['textAnew', 'text-anew'],
    ['booleanInput', 'boolean-input'],
    ['eventName', 'event-name'],
  ])('as %s breaks the rule %s', async (name, rule) => {
    await expectFailure(await app.start(name, 'first'), rule, name);
  });

  test('when it awaits a retried call again by itself', async () => {
    const id = await app.start('retryReawaited');
    await app.host.advance('PT1M');
    await expectFailure(id, 'retry-reawaited', 'retryReawaited');
  });

  test('when the time for all attempts of a call is up, and it cannot catch that', async () => {
    const id = await app.start('retryTimeout');
    await app.host.advance('PT10M');
    await expectFailure(id, 'retry-timeout', 'retryTimeout');
    const attempts = (await app.calls()).filter((call) => call.startsWith(`failTimes ${id}`));
    expect(attempts).toHaveLength(3);
  });

  test('when an event goes to a wait that is over', async () => {
    const id = await app.start('eventSwallowed');
    await app.host.advance('PT1M');
    await app.raise(id, 'word', 'first');
    await app.raise(id, 'word', 'second');
    await expectFailure(id, 'event-swallowed', 'eventSwallowed');
  });

  test('when it drops an event with data by continuing as new', async () => {
    const id = await app.start('eventsDropped', 1);
    await app.raise(id, 'other', { order: 17 });
    await app.raise(id, 'go');
    await expectFailure(id, 'events-dropped', 'eventsDropped');
  });
});

describe('where failing would be wrong', () => {
  test('a timer that is awaited again is a warning, until a call follows', async () => {
    const quiet = await app.start('timerReused');
    const calling = await app.start('timerReused', 'call');
    for (const id of [quiet, calling]) {
      await app.raise(id, 'word', 'wrong');
      await app.raise(id, 'word', 'right');
    }
    expect((await app.status(quiet)).output).toBe('in time');
    expect(app.host.log).toMatch(/warning +Host.Strict: .*'timerReused'.*task-reused/);
    await expectFailure(calling, 'task-reused', 'timerReused');
  });

  test('nudges that nobody awaited are a warning', async () => {
    const id = await app.start('eventsDropped', 1);
    await app.raise(id, 'other', {});
    await app.raise(id, 'go');
    expect(await app.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'second' });
    expect(app.host.log).toMatch(/warning +Host.Strict: .*1 nudges named 'other'.*issues\/1676/);
  });

  test('a timer that holds the end back is an error in the log, once', async () => {
    const id = await app.start('heldBack');
    await app.raise(id, 'go');
    await app.raise(id, 'more');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    expect(app.host.log.split('\n').filter((line) => line.includes('held-back'))).toEqual([
      expect.stringMatching(/error +Host.Strict: .*'heldBack'.*a timer until 2026-/),
    ]);
    await app.host.advance('PT1H');
    expect((await app.status(id)).runtimeStatus).toBe('Completed');
  });

  test('a child under an id that is taken fails the call', async () => {
    const taken = await app.start('quiet', undefined, 'taken');
    const { output } = await app.run('childInUse', taken);
    expect(output).toContain('child-refused');
  });

  test('a terminated child fails the call, and the log says that Azure cannot do that', async () => {
    const id = await app.start('parent', 'to-end');
    await app.client('terminate', { id: 'to-end', reason: 'enough' });
    await app.host.idle();
    expect((await app.status(id)).output).toMatchObject({ caught: expect.stringContaining('enough') });
    expect(app.host.log).toContain('child-terminated');
  });
});

describe('requests', () => {
  test('to raise an event that has a number for a name are refused', async () => {
    const id = await app.start('quiet');
    const response = await app.api('POST', `instances/${id}/raiseEvent/7`, {});
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('event-name');
  });

  test('to raise an event without data are refused, as in Azure', async () => {
    const id = await app.start('quiet');
    const response = await app.api('POST', `instances/${id}/raiseEvent/word`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('event-without-data');
  });
});

describe('entities', () => {
  const call = async (operation: string): Promise<unknown> => (await app.run('callFaulty', operation)).output;

  test('that throw an Error tell their caller that its text is lost', async () => {
    expect(await call('throwError')).toEqual({ caught: expect.stringContaining('issues/642') });
    expect(await call('throwText')).toEqual({ caught: 'kept text' });
    expect(app.host.log).toContain('entity-error-text');
  });

  test('that drop the input of a signal fail, and keep nothing', async () => {
    expect(await call('signalZero')).toEqual({ caught: expect.stringContaining('signal-input') });
    expect(await app.state('faulty', 'sink')).toBeUndefined();
    expect(await call('signalNothing')).toBeNull();
    expect(await app.state('faulty', 'sink')).toEqual({ input: 'none' });
  });

  test('that return twice fail', async () => {
    expect(await call('returnTwice')).toEqual({ caught: expect.stringContaining('returned-twice') });
  });
});
