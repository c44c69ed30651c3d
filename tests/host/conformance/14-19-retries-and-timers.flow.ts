/** Items 14, 15, 18 and 19 (16 and 17 are in strict and lenient.flow.ts): retry policies, the ids that they and all else take, and durable timers short and long. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';
import { Configured } from './configured-driver.ts';

let app: Workflows;
let configured: Configured;

beforeAll(async () => {
  [app, configured] = await Promise.all([Workflows.start(), Configured.start()]);
}, 20_000);

afterAll(async () => {
  await Promise.all([app.host.stop(), configured.host.stop()]);
});

async function attemptTimes(key: string): Promise<string[]> {
  const calls = (await app.calls()).filter((call) => call.includes(`failTimes ${key} `));
  return calls.map((call) => call.split(' ').at(-1) ?? '');
}

function gaps(times: readonly string[]): number[] {
  return times.slice(1).map((time, index) => (Date.parse(time) - Date.parse(times[index] ?? '')) / 60_000);
}

async function timersFired(id: string): Promise<number> {
  const { historyEvents = [] } = await app.status(id, 'showHistory=true');
  return historyEvents.filter((event) => event['EventType'] === 'TimerFired').length;
}

describe('14. Retries', () => {
  test('wait longer each time, up to the longest interval', async () => {
    const options = { backoffCoefficient: 2, maxRetryIntervalInMilliseconds: 180_000 };
    const id = await app.start('retry', { key: 'backoff', n: 9, attempts: 4, options });
    await app.host.advance('PT1H');
    expect(gaps(await attemptTimes('backoff'))).toEqual([1, 2, 3]);
    expect((await app.status(id)).output).toMatchObject({
      outcome: "Activity function 'failTimes' failed:  attempt 4",
      after: 'after',
    });
  });

  test('that all fail end with a timer of their own, due at once', async () => {
    const id = await app.start('retry', { key: 'dummy', n: 9, attempts: 2 });
    await app.host.advance('PT1M');
    expect(await timersFired(id)).toBe(2);
    expect((await app.status(id)).output).toMatchObject({ at: (await attemptTimes('dummy'))[1] });
  });

  // The child's id ends in the id that its call took. What takes how many ids: DurableTask.Core and the SDK's executor.
  test.each([
    ['nothing', 0],
    ['activity', 1],
    ['signal', 1],
    ['call', 1],
    ['event', 0],
    ['all', 3],
    ['nested', 2],
    ['cancelled', 2],
    ['retryFails', 4],
    ['retryHelps', 3],
    ['lock', 4],
    ['longTimer', 6],
    ['http', 1],
    ['polling', 5],
  ])('and all else count their ids on: after %s comes %i', async (step, ids) => {
    const steps = [step, step, 'activity'];
    const { result } = await app.client('start', { name: 'numbered', input: steps });
    const id = String(result);
    for (const _event of steps) await app.client('raise', { id, event: 'go', data: 1 });
    await app.host.advance('P41D');
    expect(await app.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: 2 * ids + 1 });
  });

  test('count their ids on whatever comes before and after them', async () => {
    const id = await app.start('numbered', ['lock', 'retryFails', 'signal', 'polling', 'lock', 'cancelled']);
    await app.host.advance('PT10M');
    expect((await app.status(id)).output).toBe(4 + 4 + 1 + 5 + 4 + 2);
  });
});

describe('15. Retries', () => {
  test('of one attempt only fail without waiting', async () => {
    const { output } = await app.run('retry', { key: 'once', n: 9, attempts: 1 });
    expect(output).toMatchObject({
      outcome: "Activity function 'failTimes' failed:  attempt 1",
      after: 'after',
    });
    expect(await attemptTimes('once')).toHaveLength(1);
  });

  test('stop at the first success, and the ids after them are right', async () => {
    const id = await app.start('retry', { key: 'second', n: 1, attempts: 5 });
    await app.host.advance('PT1M');
    expect((await app.status(id)).output).toMatchObject({ outcome: 2, after: 'after' });
    expect(await timersFired(id)).toBe(1);
  });

  test('of children run each attempt under an id of its own', async () => {
    const id = await app.start('retryChild', { key: 'children', n: 1, attempts: 3 });
    await app.host.advance('PT1M');
    const { output, runtimeStatus } = await app.status(id);
    expect(runtimeStatus).toBe('Completed');
    expect(output).toMatch(/^[0-9a-f]{32}:2$/);
    const first = await app.status(String(output).replace(/2$/, '0'));
    expect(first).toMatchObject({ name: 'flakyChild', runtimeStatus: 'Failed' });
  });
});

describe('18. A long timer', () => {
  test('of twenty days fires once, at the right time, over several short ones', async () => {
    const start = Date.parse(await app.host.advance('PT0S'));
    const until = new Date(start + 20 * 86_400_000).toISOString();
    const id = await app.start('sleep', until);
    await app.host.advance('P19DT23H59M59S');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('PT1S');
    expect((await app.status(id)).output).toBe(until);
    expect(await timersFired(id)).toBe(6); // days 3, 6, 9, 12, 15, 20
  });

  test('is one beyond the longest short timer that host.json sets', async () => {
    const fired = async (id: string): Promise<unknown[]> => {
      const { historyEvents = [] } = await configured.status(id, 'showHistory=true');
      return historyEvents.filter((event) => event['EventType'] === 'TimerFired');
    };
    await configured.run('sleeper', 'short', { minutes: 60 });
    await configured.run('sleeper', 'long', { minutes: 90 });
    await configured.host.advance('PT90M');
    expect((await configured.status('short')).output).toEqual({ late: 0, timerWon: true, child: '1' });
    expect((await configured.status('long')).output).toEqual({ late: 0, timerWon: true, child: '3' });
    expect([await fired('short'), await fired('long')].map(({ length }) => length)).toEqual([1, 3]);
  });

  test('that is cancelled holds nothing back', async () => {
    await configured.run('sleeper', 'woken', { minutes: 600, cancel: true });
    await configured.host.advance('PT30M');
    await configured.api('POST', 'instances/woken/raiseEvent/go', null);
    await configured.host.idle();
    expect(await configured.status('woken')).toMatchObject({
      runtimeStatus: 'Completed',
      output: { timerWon: false },
    });
  });

  test('of every day for ninety days passes in moments', async () => {
    const id = await app.start('daily', { days: 90 });
    const began = performance.now();
    await app.host.advance('P91D');
    expect(performance.now() - began).toBeLessThan(2000);
    expect((await app.status(id)).output).toBe(90);
  });
});

describe('19. A timer', () => {
  test('in the past fires at once', async () => {
    const { output, createdTime } = await app.run('sleep', '2001-01-01T00:00:00Z');
    expect(String(output).slice(0, 19)).toBe(createdTime.slice(0, 19));
  });

  test('never wakes its code before it is due', async () => {
    const start = Date.parse(await app.host.advance('PT0S'));
    const dues = Array.from({ length: 20 }, (_, index) => new Date(start + index * 1001 + 1).toISOString());
    const ids: string[] = [];
    for (const due of dues) ids.push(await app.start('sleep', due));
    await app.host.advance('PT1M');
    const woken = await Promise.all(ids.map(async (id) => (await app.status(id)).output));
    expect(woken).toEqual(dues);
  });
});
