/** Items 28 to 31: operations of entities, signals between them, and locks. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';

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

describe('28. An entity', () => {
  test('keeps its state, and answers who calls', async () => {
    expect(await call('calls', ['add', 5], ['add', 0], ['get'])).toEqual([5, 5, 5]);
    expect(await app.state('counter', 'calls')).toBe(5);
  });

  test('that returns nothing answers undefined', async () => {
    expect(await call('quiet', ['silent'])).toEqual(['undefined']);
  });

  test('is the same whatever the case of its name, but not of its key', async () => {
    await signal('COUNTER', 'Case', 'add', 2);
    expect(await app.state('counter', 'Case')).toBe(2);
    expect(await app.state('counter', 'case')).toBeUndefined();
  });

  test('can keep falsy state', async () => {
    expect(await call('falsy', ['add', 3], ['set', 0], ['get'])).toEqual([3, 'undefined', 0]);
    expect(await app.state('counter', 'falsy')).toBe(0);
    for (const value of [false, '']) {
      await call('falsy', ['set', value]);
      expect(await app.state('counter', 'falsy')).toBe(value);
    }
  });

  test('can delete itself, and begins anew at the next operation', async () => {
    expect(await call('gone', ['add', 1], ['isNew'], ['delete'])).toEqual([1, false, 'undefined']);
    expect(await app.state('counter', 'gone')).toBeUndefined();
    expect((await app.api('GET', 'instances/@counter@gone')).status).toBe(404);
    expect(await call('gone', ['isNew'])).toEqual([true]);
  });

  test('that only returned something exists without a state', async () => {
    await call('stateless', ['get']);
    expect((await app.api('GET', 'entities/counter/stateless')).status).toBe(404);
    expect((await app.status('@counter@stateless')).customStatus).toEqual({ entityExists: true });
  });

  test('that throws fails the call, keeps what it had set, and lets the others go on', async () => {
    expect(await call('broken', ['add', 1], ['throwError'], ['throwText'], ['get'])).toEqual([
      1,
      { caught: expect.stringContaining('issues/642') },
      { caught: 'entity said no' },
      101,
    ]);
  });

  test('takes a batch of operations in order, deleted and made anew within it', async () => {
    const ops = [['add', 2], ['throwError'], ['silent'], ['delete'], ['isNew'], ['add', 5], ['get']];
    expect((await app.run('batch', { key: 'mixed', ops })).output).toEqual([
      2,
      { caught: expect.stringContaining('issues/642') },
      'undefined',
      'undefined',
      true,
      5,
      5,
    ]);
  });

  test('gets input zero from a caller', async () => {
    expect(await call('zero', ['set', 7], ['set', 0], ['get'])).toEqual(['undefined', 'undefined', 0]);
  });

  test('can start an orchestration with a client of its own', async () => {
    await signal('launcher', 'one', 'go', 'launched');
    expect(await app.status('launched')).toMatchObject({
      runtimeStatus: 'Completed',
      output: { said: 'from entity' },
    });
  });
});

describe('29. Signals', () => {
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

  test('to an entity that the app does not have are refused', async () => {
    const { error } = await app.client('signal', { name: 'nobody', key: 'x', op: 'y' });
    expect(error).toContain('400');
  });
});

describe('30. Signals from entity to entity', () => {
  test('arrive after the sender’s own state is kept', async () => {
    await signal('counter', 'from', 'forward', 'to');
    expect([await app.state('counter', 'from'), await app.state('counter', 'to')]).toEqual([1, 10]);
  });

  test('arrive in the order they were sent in', async () => {
    await signal('recorder', 'speaker', 'tell', 'listener');
    expect(await app.state('recorder', 'listener')).toEqual([{ from: 'speaker' }, 'heard nothing', [0]]);
  });

  test('go on when an operation fails', async () => {
    await Promise.all([signal('recorder', 'tough', 'throw'), signal('recorder', 'tough', 'note', 1)]);
    expect(await app.state('recorder', 'tough')).toEqual([1]);
  });
});

describe('31. Locks', () => {
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

  test('never let two owners in at once, in whatever order they ask', async () => {
    const orders = [['k1', 'k2'], ['k2', 'k1'], ['k2', 'k1', 'k2'], ['k3', 'k2'], ['k1', 'k3'], ['k2']];
    const names = orders.map((_, index) => `owner-${index}`);
    await Promise.all(
      orders.map((accounts, index) => {
        const input = { accounts: [...new Set(accounts)], name: names[index] };
        return app.client('start', { name: 'critical', input, instanceId: names[index] });
      }),
    );
    await app.host.idle();
    for (const id of names) expect((await app.status(id)).runtimeStatus).toBe('Completed');
    const inside = new Map<string, string>();
    for (const line of (await app.calls()).filter((call) => call.startsWith('slow owner-'))) {
      const [, name = '', step] = line.split(' ');
      for (const account of orders[names.indexOf(name)] ?? []) {
        expect(inside.get(account) ?? name).toBe(name);
        if (step === 'comes') inside.set(account, name);
        else inside.delete(account);
      }
    }
    expect(await app.state('counter', 'k2')).toBe(5);
  });

  test('are known to their owner, sorted, each once', async () => {
    const { output } = await app.run('critical', { accounts: ['z', 'y', 'z'].slice(0, 2), name: 'known' });
    expect(output).toEqual({ isLocked: true, ownedLocks: ['y', 'z'], after: false });
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

  test('that a terminated orchestration still waited for are let go when they come', async () => {
    const owner = await app.start('holdLock', 'queued');
    const waiting = await app.start('holdLock', 'queued');
    await app.client('terminate', { id: waiting, reason: 'no longer' });
    await app.host.idle();
    await app.raise(owner, 'letGo');
    expect(await call('queued', ['add', 1])).toEqual([1]);
  });

  test('make everybody else wait, and show who holds them', async () => {
    const id = await app.start('holdLock', 'shared');
    await signal('counter', 'shared', 'add', 7);
    const other = await app.start('holdLock', 'shared');
    expect(await app.state('counter', 'shared')).toBeUndefined();
    expect((await app.status('@counter@shared')).customStatus).toMatchObject({ lockedBy: id, queueSize: 2 });
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
