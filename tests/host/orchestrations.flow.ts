/** What orchestrations do on the host: activities, timers, retries, events, children, generations, and how they fail. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from './workflow-driver.ts';

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

describe('activities', () => {
  test('give back what they return, with its type, and null for nothing', async () => {
    const { output } = await app.run('sequence');
    expect(output).toEqual(['text', '123', 4.5, { a: [1, null] }, 'undefined', null]);
  });

  test('fan out and come back in the order of the tasks', async () => {
    const { output } = await app.run('fanOut', 100);
    expect(output).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test('fail with the extension’s wording', async () => {
    const { runtimeStatus, output } = await app.run('activityFails');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(
      /^Orchestrator function 'activityFails' failed: Activity function 'fail' failed: {2}boom \n \{/,
    );
  });

  test('carry failure details when the app provides exception properties', async () => {
    const typed = (await app.run('typedFailure')).output as Record<string, unknown>;
    expect(typed).toMatchObject({
      name: 'TaskFailedError',
      message: 'CardDeclinedError: no funds',
      details: { errorType: 'CardDeclinedError', properties: { code: 'insufficient' } },
    });
    const plain = (await app.run('typedFailure', 'plain')).output as Record<string, unknown>;
    expect(plain).toMatchObject({ name: 'Error', details: null });
  });

  test('that fail early let the code go on at once, but the instance ends only after its siblings', async () => {
    const { result } = await app.client('start', { name: 'oneFails' });
    await app.host.idle();
    const status = await app.status(String(result));
    expect(status).toMatchObject({ runtimeStatus: 'Failed', customStatus: 'saw it' });
    expect(status.output).toBe("Orchestrator function 'oneFails' failed: gave up");
  });
});

describe('races', () => {
  test('end at once when the losing timer is cancelled', async () => {
    const id = await app.start('approval');
    await app.raise(id, 'approved', 'anna');
    expect(await app.status(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { approvedBy: 'anna' },
    });
  });

  test('keep the instance running until a losing timer that was not cancelled fires', async () => {
    const id = await app.start('approval', { cancel: false });
    await app.raise(id, 'approved', 'anna');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('PT59M');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('PT1M');
    expect(await app.status(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { approvedBy: 'anna' },
    });
  });

  test('are won by the timer when nothing else comes', async () => {
    const id = await app.start('approval');
    await app.host.advance('PT1H');
    expect((await app.status(id)).output).toBe('timed out');
  });
});

describe('retries', () => {
  async function attemptTimes(key: string): Promise<string[]> {
    return (await callsOf(`failTimes ${key} `)).map((call) => call.split(' ').at(-1) ?? '');
  }

  function gaps(times: readonly string[]): number[] {
    return times.slice(1).map((time, index) => (Date.parse(time) - Date.parse(times[index] ?? '')) / 60_000);
  }

  test('stop at the first success, and the ids after them are right', async () => {
    const id = await app.start('retry', { key: 'second', n: 1, attempts: 5 });
    await app.host.advance('PT1M');
    expect((await app.status(id)).output).toMatchObject({ outcome: 2, after: 'after' });
  });

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

  test('with one attempt only fail without waiting', async () => {
    const { output } = await app.run('retry', { key: 'once', n: 9, attempts: 1 });
    expect(output).toMatchObject({
      outcome: "Activity function 'failTimes' failed:  attempt 1",
      after: 'after',
    });
  });

  test('of children run each attempt under an id of its own', async () => {
    const id = await app.start('retryChild', { key: 'children', n: 1, attempts: 3 });
    await app.host.advance('PT1M');
    const { output, runtimeStatus } = await app.status(id);
    expect(runtimeStatus).toBe('Completed');
    expect(output).toMatch(/^[0-9a-f]{32}:2$/);
  });
});

describe('timers', () => {
  test('longer than six days fire once, at the right time', async () => {
    const start = Date.parse(
      ((await (await fetch(`${app.host.control}/clock`)).json()) as { now: string }).now,
    );
    const until = new Date(start + 20 * 86_400_000).toISOString();
    const id = await app.start('sleep', until);
    await app.host.advance('P19D');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('P1D');
    const status = await app.status(id, 'showHistory=true');
    expect(status.output).toBe(until);
    expect(
      status.historyEvents?.filter((event) => event['EventType'] === 'TimerFired').length,
    ).toBeGreaterThan(4);
  });

  test('in the past fire at once', async () => {
    const { output, createdTime } = await app.run('sleep', '2001-01-01T00:00:00Z');
    expect(String(output).slice(0, 19)).toBe(createdTime.slice(0, 19));
  });

  test('let 90 days with daily work pass in moments', async () => {
    const id = await app.start('daily', { days: 90 });
    const began = performance.now();
    await app.host.advance('P91D');
    expect(performance.now() - began).toBeLessThan(2000);
    expect((await app.status(id)).output).toBe(90);
  });
});

describe('external events', () => {
  test('of one name are taken in the order they came', async () => {
    const id = await app.start('twoEvents');
    await app.raise(id, 'word', 'first');
    await app.raise(id, 'word', 'second');
    expect((await app.status(id)).output).toEqual(['first', 'second']);
  });

  test('wait for the code that will wait for them', async () => {
    const id = await app.start('lateWait');
    await app.raise(id, 'word', 'early');
    await app.host.advance('PT5M');
    expect((await app.status(id)).output).toBe('early');
  });

  test('with a name in other letters are not taken', async () => {
    const id = await app.start('waiter');
    await app.raise(id, 'WORD', 'x');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
  });
});

describe('continue-as-new', () => {
  test('goes through a thousand generations', async () => {
    const { output, runtimeStatus } = await app.run('countUp', { to: 1000 });
    expect({ output, runtimeStatus }).toEqual({ output: 1000, runtimeStatus: 'Completed' });
  });

  test('carries over the events that came with the one it acted on', async () => {
    const id = await app.start('collect', { wanted: 20 });
    const items = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(items.map((data) => app.client('raise', { id, event: 'item', data })));
    await app.host.idle();
    const output = (await app.status(id)).output as number[];
    expect(output.toSorted((a, b) => a - b)).toEqual(items);
  });

  test('waits for a timer that is still open', async () => {
    const id = await app.start('anewWithOpenTimer', 1);
    await app.raise(id, 'go');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('PT30M');
    expect((await app.status(id)).runtimeStatus).toBe('Completed');
  });
});

describe('sub-orchestrations', () => {
  test('run under an id made from their parent’s, and know it', async () => {
    const { output, instanceId } = await app.run('parent', { child: 'child', input: { a: 1 } });
    expect(output).toMatchObject({ said: { a: 1 }, parent: instanceId });
    expect((output as { id: string }).id).toMatch(/^[0-9a-f]{32}:0$/);
  });

  test('run under the id they are given', async () => {
    const { output } = await app.run('parent', { child: 'child', input: 'x', id: 'my-child' });
    expect(output).toMatchObject({ id: 'my-child' });
  });

  test('pass their failure on', async () => {
    const { output } = await app.run('parent', { child: 'failing' });
    expect((output as { caught: string }).caught).toMatch(
      /^Orchestrator function 'failing' failed: it broke/,
    );
  });

  test('that are terminated fail in a way their parent can catch', async () => {
    const id = await app.start('parent', { child: 'waiter', id: 'to-terminate' });
    await app.client('terminate', { id: 'to-terminate', reason: 'enough' });
    await app.host.idle();
    expect((await app.status(id)).output).toMatchObject({ caught: expect.stringContaining('enough') });
  });

  test('may continue as new and still answer their parent', async () => {
    expect((await app.run('parent', { child: 'countUp', input: { to: 3 } })).output).toBe(3);
  });
});

describe('failures', () => {
  test('end the instance with the message, and keep the last custom status', async () => {
    expect(await app.run('failing')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'failing' failed: it broke",
      customStatus: { step: 2 },
    });
  });

  test.each([
    ['throwText', 'just text'],
    ['throwEmpty', 'failed: '],
    ['throwUndefined', 'undefined'],
    ['yieldNonsense', 'programming constraint violation'],
    ['asyncHandler', 'generator'],
    ['unknownActivity', "'noSuchActivity' doesn't exist"],
    ['unknownChild', "'noSuchChild' doesn't exist"],
    ['unknownEntity', "'nosuchentity' doesn't exist"],
  ])('of %s are seen as failures', async (name, text) => {
    const { runtimeStatus, output } = await app.run(name);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(text);
  });
});

describe('replay', () => {
  test('makes the same unique ids each time', async () => {
    const id = await app.start('identity');
    await app.host.advance('PT1M');
    const { before, again, after } = (await app.status(id)).output as Record<string, string>;
    expect(new Set([before, again, after]).size).toBe(3);
    expect(before).toMatch(/^[0-9a-f]{8}-/);
  });

  test('tells the code when it is live', async () => {
    expect((await app.run('logOnce')).output).toEqual([false, true, 'live']);
  });
});

describe('the rest of the context', () => {
  test('a custom status beyond 16 KB fails the instance, and a falsy one clears it', async () => {
    expect((await app.run('bigStatus', 8000)).runtimeStatus).toBe('Completed');
    expect((await app.run('bigStatus', 8200)).runtimeStatus).toBe('Failed');
    const id = await app.start('clearStatus');
    expect((await app.status(id)).customStatus).toBe('something');
    await app.raise(id, 'clear');
    expect((await app.status(id)).customStatus).toBeNull();
  });

  test('callHttp brings back a status and content', async () => {
    const { output } = await app.run('http', { method: 'GET', url: `${app.host.app}/api/calls?x=1` });
    expect(output).toMatchObject({ status: 200, content: expect.stringContaining('echo') });
  });

  test('the version is the one it was started with', async () => {
    const response = await app.api('POST', 'orchestrators/versioned/v1?version=2.0');
    expect(response.status).toBe(202);
    await app.host.idle();
    expect((await app.status('v1')).output).toBe('2.0');
  });
});
