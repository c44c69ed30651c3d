/** What entities do on the host: operations, state, signals between them, errors, locks. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from './workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start();
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

async function signal(name: string, key: string, op: string, input?: unknown): Promise<void> {
  await app.client('signal', { name, key, op, input });
  await app.host.idle();
}

async function call(key: string, ...calls: (readonly [string, unknown?])[]): Promise<unknown> {
  return (await app.run('callCounter', { key, calls })).output;
}

describe('operations', () => {
  test('keep their state, and answer who calls', async () => {
    expect(await call('calls', ['add', 5], ['add', 0], ['get'])).toEqual([5, 5, 5]);
    expect(await app.state('counter', 'calls')).toBe(5);
  });

  test('that return nothing answer undefined', async () => {
    expect(await call('quiet', ['silent'])).toEqual(['undefined']);
  });

  test('are one namespace whatever the case of the name, but not of the key', async () => {
    await signal('COUNTER', 'Case', 'add', 2);
    expect(await app.state('counter', 'Case')).toBe(2);
    expect(await app.state('counter', 'case')).toBeUndefined();
  });

  test('can keep falsy state', async () => {
    expect(await call('falsy', ['add', 3], ['set', 0], ['get'])).toEqual([3, 'undefined', 0]);
    expect(await app.state('counter', 'falsy')).toBe(0);
  });

  test('can delete their entity, which begins anew at the next one', async () => {
    expect(await call('gone', ['add', 1], ['isNew'], ['delete'])).toEqual([1, false, 'undefined']);
    expect(await app.state('counter', 'gone')).toBeUndefined();
    expect((await app.api('GET', 'instances/@counter@gone')).status).toBe(404);
    expect(await call('gone', ['isNew'])).toEqual([true]);
  });

  test('that throw fail the call, keep what they had set, and let the others go on', async () => {
    expect(await call('broken', ['add', 1], ['throwError'], ['throwText'], ['get'])).toEqual([
      1,
      { caught: expect.stringContaining('issues/642') },
      { caught: 'entity said no' },
      101,
    ]);
  });

  test('can start an orchestration with a client of their own', async () => {
    await signal('launcher', 'one', 'go', 'launched');
    expect(await app.status('launched')).toMatchObject({
      runtimeStatus: 'Completed',
      output: { said: 'from entity' },
    });
  });
});

describe('signals', () => {
  test('from one sender arrive in order', async () => {
    await app.run('signalMany', { key: 'ordered', count: 50 });
    expect(await app.state('list', 'ordered')).toEqual(Array.from({ length: 50 }, (_, index) => index));
    await app.host.advance('PT1S');
  });

  test('are each counted once, a thousand at a time', async () => {
    await Promise.all(
      Array.from({ length: 1000 }, () => app.api('POST', 'entities/counter/crowd?op=add', 1)),
    );
    await app.host.idle();
    expect(await app.state('counter', 'crowd')).toBe(1000);
  });

  test('from an entity arrive after its own state is kept', async () => {
    await signal('counter', 'from', 'forward', 'to');
    expect([await app.state('counter', 'from'), await app.state('counter', 'to')]).toEqual([1, 10]);
  });

  test('to an entity that the app does not have are refused', async () => {
    const { error } = await app.client('signal', { name: 'nobody', key: 'x', op: 'y' });
    expect(error).toContain('400');
  });
});

describe('locks', () => {
  test('keep transfers between the same accounts apart', async () => {
    await signal('counter', 'anna', 'set', 100);
    await signal('counter', 'bert', 'set', 100);
    const transfers = [
      { from: 'anna', to: 'bert', amount: 10 },
      { from: 'bert', to: 'anna', amount: 3 },
      { from: 'anna', to: 'bert', amount: 5 },
    ];
    const started = await Promise.all(
      transfers.map((input) => app.client('start', { name: 'transfer', input })),
    );
    await app.host.idle();
    for (const { result } of started) expect((await app.status(String(result))).output).toBe('released');
    expect([await app.state('counter', 'anna'), await app.state('counter', 'bert')]).toEqual([88, 112]);
  });

  test('are let go when their owner ends without doing so', async () => {
    const input = { from: 'a', to: 'b', amount: 1 };
    expect((await app.run('transfer', { ...input, release: false })).output).toBe('kept');
    expect((await app.run('transfer', { ...input, fail: true })).runtimeStatus).toBe('Failed');
    expect((await app.run('transfer', input)).output).toBe('released');
    expect(await app.state('counter', 'b')).toBe(3);
  });

  test('are let go when their owner is terminated', async () => {
    const id = await app.start('holdLock', 'held');
    await app.client('terminate', { id, reason: 'enough' });
    await app.host.idle();
    expect(await call('held', ['add', 1])).toEqual([1]);
  });

  test('make everybody else wait', async () => {
    const id = await app.start('holdLock', 'shared');
    await signal('counter', 'shared', 'add', 7);
    const other = await app.start('holdLock', 'shared');
    expect(await app.state('counter', 'shared')).toBeUndefined();
    expect((await app.status(other)).customStatus).toBeNull();
    await app.raise(id, 'letGo');
    expect(await app.state('counter', 'shared')).toBe(7);
    expect((await app.status(other)).customStatus).toBe('locked');
    await app.raise(other, 'letGo');
  });

  test('forbid what could deadlock', async () => {
    const { output } = await app.run('breakRules');
    expect(output).toEqual(Array.from({ length: 4 }, () => 'LockingRulesViolationError'));
  });
});
