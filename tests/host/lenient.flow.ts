/** Lenient mode: the same mistakes end as they do in Azure. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from './workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start(['--mode', 'lenient'], {}, join(import.meta.dirname, 'apps/defects'));
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

const isRunning = async (id: string): Promise<boolean> => (await app.status(id)).runtimeStatus === 'Running';

describe('an orchestration runs for ever', () => {
  test.each([
    'finishedTask',
    'unknownActivity',
    'unknownChild',
    'unknownEntity',
    'unknownSignal',
    'childOfItself',
    'throwText',
    'throwEmptyText',
    'throwEmptyError',
    'throwNull',
    'throwUndefined',
  ])('when it does what %s does', async (name) => {
    expect(await isRunning(await app.start(name))).toBe(true);
  });

  test('when the time for all attempts of a call is up', async () => {
    const id = await app.start('retryTimeout');
    await app.host.advance('PT10M');
    expect(await isRunning(id)).toBe(true);
    const attempts = (await app.calls()).filter((call) => call.startsWith(`failTimes ${id}`));
    expect(attempts).toHaveLength(3);
  });

  test('when its child’s id is taken', async () => {
    const taken = await app.start('quiet', undefined, 'taken');
    expect(await isRunning(await app.start('childInUse', taken))).toBe(true);
  });
});

describe('tasks', () => {
  test('that are awaited again run again, and later calls get their results', async () => {
    const { output, instanceId } = await app.run('taskReused');
    const calls = (await app.calls()).filter((call) => call.startsWith(`slow ${instanceId}`));
    expect(calls.length).toBeGreaterThan(3);
    expect((output as string[]).at(-1)).toBe(`${instanceId}-a`);
  });

  test('that are retried and awaited again by themselves work', async () => {
    const id = await app.start('retryReawaited');
    await app.host.advance('PT1M');
    await app.host.advance('PT10M');
    expect((await app.status(id)).output).toEqual({ timerWon: true, result: 2, after: 'after' });
  });

  test('get booleans as text', async () => {
    expect((await app.run('booleanInput')).output).toBe('True');
  });

  test('of a terminated child break the parent', async () => {
    const id = await app.start('parent', 'to-end');
    await app.client('terminate', { id: 'to-end', reason: 'enough' });
    await app.host.idle();
    expect(await app.status(id)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('could not parse its exception data'),
    });
  });
});

describe('events', () => {
  test('that go to a wait that is over are lost', async () => {
    const id = await app.start('eventSwallowed');
    await app.host.advance('PT1M');
    await app.raise(id, 'word', 'first');
    await app.raise(id, 'word', 'second');
    await app.host.advance('PT1M');
    await app.raise(id, 'word', 'third');
    expect((await app.status(id)).output).toBe('third');
  });

  test('that are not awaited before continueAsNew are lost', async () => {
    const id = await app.start('eventsDropped', 1);
    await app.raise(id, 'other', { order: 17 });
    await app.raise(id, 'go');
    expect((await app.status(id)).output).toBe('second');
  });

  test('may have numbers for names, and need data', async () => {
    const id = await app.start('eventName');
    expect((await app.api('POST', `instances/${id}/raiseEvent/0`)).status).toBe(400);
    await app.raise(id, '0', 'zero');
    expect((await app.status(id)).output).toBe('zero');
  });

  test('in text that continues as new come back with quotes', async () => {
    expect((await app.run('textAnew', 'first')).output).toBe('"second"');
  });

  test('let an open timer hold the end back without a word', async () => {
    const id = await app.start('heldBack');
    await app.raise(id, 'go');
    expect(await isRunning(id)).toBe(true);
    await app.host.advance('PT1H');
    expect((await app.status(id)).output).toBe('over');
    expect(app.host.log).not.toContain('Host.Strict');
  });
});

describe('entities', () => {
  const call = async (operation: string): Promise<unknown> => (await app.run('callFaulty', operation)).output;

  test('that throw an Error say [object Object]', async () => {
    expect(await call('throwError')).toEqual({ caught: '[object Object]' });
  });

  test('drop falsy inputs of signals, and return what was returned first', async () => {
    expect(await call('signalZero')).toBeNull();
    expect(await app.state('faulty', 'sink')).toEqual({ input: 'none' });
    expect(await call('returnTwice')).toBe('one');
  });
});
