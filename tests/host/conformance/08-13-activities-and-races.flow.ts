/** Items 8, 9, 11 and 13: activities one by one, side by side, and racing. Item 12 is in strict and lenient.flow.ts. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start();
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

async function callsOf(part: string): Promise<string[]> {
  return (await app.calls()).filter((call) => call.includes(part));
}

describe('8. A sequence of activities', () => {
  test('gives back what they return, with its type, and null for nothing', async () => {
    const { output } = await app.run('sequence');
    expect(output).toEqual(['text', '123', 4.5, { a: [1, null] }, 'undefined', null]);
  });

  test('tells each the instance it works for', async () => {
    await app.run('steps', 1, 'named');
    expect(await callsOf('echo named')).toEqual(['echo named 0']);
  });
});

describe('9. A fan-out', () => {
  test('of a hundred activities comes back in the order of the tasks', async () => {
    const { output } = await app.run('fanOut', 100);
    expect(output).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test('of none is refused by the SDK', async () => {
    const { output } = await app.run('emptyTasks');
    expect(output).toContain('you must specify at least one Task');
  });

  test('may hold other fan-outs and races', async () => {
    expect((await app.run('compound')).output).toEqual({ winner: 'a', rest: ['b', ['c']] });
  });
});

describe('11. A race', () => {
  test('ends at once when the losing timer is cancelled', async () => {
    const id = await app.start('approval');
    await app.raise(id, 'approved', 'anna');
    expect(await app.status(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { approvedBy: 'anna' },
    });
  });

  test('keeps the instance running until a losing timer that was not cancelled fires', async () => {
    const id = await app.start('approval', { cancel: false });
    await app.raise(id, 'approved', 'anna');
    expect(await app.status(id)).toMatchObject({ runtimeStatus: 'Running', output: null });
    await app.host.advance('PT59M');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('PT1M');
    expect(await app.status(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { approvedBy: 'anna' },
    });
  });

  test('is won by the timer when nothing else comes', async () => {
    const id = await app.start('approval');
    await app.host.advance('PT1H');
    expect((await app.status(id)).output).toBe('timed out');
  });

  test('can be won by a failure, which is no exception but a failed task', async () => {
    expect((await app.run('failedWinner')).output).toEqual({
      isFailing: true,
      isCompleted: false,
      isFaulted: true,
      message: "Activity function 'fail' failed:  lost the race",
    });
  });
});

describe('13. Task.all', () => {
  test('with an early failure lets the code go on at once, but the instance ends only after the siblings', async () => {
    const { result } = await app.client('start', { name: 'oneFails' });
    const seen = async (): Promise<unknown> => (await app.status(String(result))).customStatus;
    while ((await seen()) !== 'saw it') await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await app.status(String(result))).toMatchObject({ runtimeStatus: 'Running', output: null });
    await app.host.idle();
    expect(await app.status(String(result))).toMatchObject({
      runtimeStatus: 'Failed',
      customStatus: 'saw it',
      output: "Orchestrator function 'oneFails' failed: gave up",
    });
  });
});
