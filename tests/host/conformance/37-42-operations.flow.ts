/** Items 37 to 42: what operators do to instances, and the links that clients are handed. */
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

describe('37. Terminating', () => {
  test('ends a running instance with the reason as output', async () => {
    await app.start('waiter', undefined, 'ended');
    await app.client('terminate', { id: 'ended', reason: 'enough' });
    await app.host.idle();
    expect(await app.status('ended')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect((await app.api('POST', 'instances/ended/terminate?reason=again')).status).toBe(410);
    expect((await app.api('POST', 'instances/nobody/terminate?reason=x')).status).toBe(404);
  });

  test('leaves children running', async () => {
    await app.start('parent', { child: 'waiter', id: 'orphan' }, 'guardian');
    await app.client('terminate', { id: 'guardian', reason: 'x' });
    await app.host.idle();
    expect((await app.status('guardian')).runtimeStatus).toBe('Terminated');
    expect((await app.status('orphan')).runtimeStatus).toBe('Running');
  });

  test('ignores what activities still answer, and timers', async () => {
    await app.client('start', { name: 'slowStep', instanceId: 'interrupted' });
    await app.client('terminate', { id: 'interrupted', reason: 'x' });
    await app.start('approval', undefined, 'timed-end');
    await app.client('terminate', { id: 'timed-end', reason: 'x' });
    await app.host.idle();
    await app.host.advance('PT2H');
    for (const id of ['interrupted', 'timed-end']) {
      expect(await app.status(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'x' });
    }
  });

  test('ends a suspended instance, with what was held back for it', async () => {
    await app.start('waiter', undefined, 'paused-end');
    await app.client('suspend', { id: 'paused-end', reason: 'wait' });
    await app.raise('paused-end', 'word', 'never taken');
    await app.client('terminate', { id: 'paused-end', reason: 'enough' });
    await app.host.idle();
    expect((await app.status('paused-end')).runtimeStatus).toBe('Terminated');
  });

  test('ends a pending instance without running it', async () => {
    await configured.host.fetch('/api/door/close');
    await configured.api('POST', 'orchestrators/held/in-the-door');
    await configured.api('POST', 'orchestrators/waiting/behind-it');
    const waiting = await configured.api('GET', 'instances/behind-it?showHistory=true');
    expect([waiting.status, await waiting.json()]).toEqual([
      202,
      expect.objectContaining({ runtimeStatus: 'Pending', output: null }),
    ]);
    await configured.api('POST', 'instances/behind-it/terminate?reason=too%20late');
    await configured.host.fetch('/api/door/open');
    await configured.host.idle();
    expect(await configured.status('behind-it')).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'too late',
    });
    expect((await configured.host.json('GET', '/api/ran')).body).not.toContain('behind-it');
  });
});

describe('38. Suspending', () => {
  test('holds events back until the instance is resumed', async () => {
    await app.start('waiter', undefined, 'paused');
    await app.client('suspend', { id: 'paused', reason: 'hold on' });
    await app.host.idle();
    expect(await app.status('paused')).toMatchObject({ runtimeStatus: 'Suspended', output: 'hold on' });
    expect((await app.api('GET', 'instances/paused')).status).toBe(202);
    await app.raise('paused', 'word', 'kept');
    expect((await app.status('paused')).runtimeStatus).toBe('Suspended');
    await app.client('resume', { id: 'paused', reason: 'go' });
    await app.host.idle();
    expect(await app.status('paused')).toMatchObject({ runtimeStatus: 'Completed', output: 'kept' });
  });

  test('holds back what a running activity answers', async () => {
    await app.client('start', { name: 'slowStep', instanceId: 'paused-step' });
    await app.client('suspend', { id: 'paused-step', reason: 'x' });
    await app.host.idle();
    expect((await app.status('paused-step')).runtimeStatus).toBe('Suspended');
    await app.client('resume', { id: 'paused-step', reason: 'x' });
    await app.host.idle();
    expect((await app.status('paused-step')).output).toEqual({ result: 'paused-step', next: 'next' });
  });

  test('holds back timers, which fire when the instance is resumed', async () => {
    const now = Date.parse(await app.host.advance('PT0S'));
    await app.start('sleep', new Date(now + 60_000).toISOString(), 'paused-sleep');
    await app.client('suspend', { id: 'paused-sleep', reason: 'x' });
    await app.host.advance('PT10M');
    expect((await app.status('paused-sleep')).runtimeStatus).toBe('Suspended');
    await app.client('resume', { id: 'paused-sleep', reason: 'x' });
    await app.host.idle();
    expect((await app.status('paused-sleep')).output).toBe(new Date(now + 600_000).toISOString());
  });

  test('holds a pending instance back before it begins', async () => {
    await configured.host.fetch('/api/door/close');
    await configured.api('POST', 'orchestrators/held/first-in-the-door');
    await configured.api('POST', 'orchestrators/waiting/held-behind-it');
    await configured.api('POST', 'instances/held-behind-it/suspend?reason=x');
    await configured.host.fetch('/api/door/open');
    await configured.host.idle();
    expect((await configured.status('held-behind-it')).runtimeStatus).toBe('Suspended');
    expect((await configured.host.json('GET', '/api/ran')).body).not.toContain('held-behind-it');
    await configured.api('POST', 'instances/held-behind-it/resume?reason=x');
    await configured.host.idle();
    expect((await configured.status('held-behind-it')).runtimeStatus).toBe('Running');
    expect((await configured.host.json('GET', '/api/ran')).body).toContain('held-behind-it');
  });

  test('twice, or resuming what runs, is an error', async () => {
    await app.start('waiter', undefined, 'twice');
    expect((await app.api('POST', 'instances/twice/resume?reason=x')).status).toBe(500);
    expect((await app.api('POST', 'instances/twice/suspend?reason=x')).status).toBe(202);
    await app.host.idle();
    expect((await app.api('POST', 'instances/twice/suspend?reason=x')).status).toBe(500);
    expect((await app.api('POST', 'instances/twice/resume?reason=x')).status).toBe(202);
    await app.host.idle();
    expect(await app.status('twice')).toMatchObject({ runtimeStatus: 'Running', output: null });
  });

  test.each(['suspend', 'resume'])('what is over, or nobody (%s), is 410 and 404', async (verb) => {
    await app.start('steps', 0, 'long-over');
    expect((await app.api('POST', `instances/long-over/${verb}?reason=x`)).status).toBe(410);
    expect((await app.api('POST', `instances/nobody/${verb}?reason=x`)).status).toBe(404);
  });
});

describe('39. Purging', () => {
  test('removes an instance, whose id is then free', async () => {
    await app.start('steps', 1, 'purged');
    expect((await app.client('purge', { id: 'purged' })).result).toEqual({ instancesDeleted: 1 });
    expect((await app.api('GET', 'instances/purged')).status).toBe(404);
    expect((await app.client('purge', { id: 'purged' })).result).toEqual({ instancesDeleted: 0 });
    expect((await app.api('DELETE', 'instances/purged')).status).toBe(404);
    expect((await app.run('steps', 1, 'purged')).output).toEqual([0]);
  });

  test('removes what waits for a timer for good', async () => {
    await app.start('approval', undefined, 'purged-timer');
    await app.client('purge', { id: 'purged-timer' });
    await app.host.advance('PT2H');
    expect((await app.api('GET', 'instances/purged-timer')).status).toBe(404);
  });

  test('removes by filter, and says when there was nothing', async () => {
    for (const id of ['many-1', 'many-2']) await app.start('steps', 1, id);
    const without = await app.api('DELETE', 'instances?instanceIdPrefix=many-');
    expect([without.status, typeof (await without.json())]).toEqual([400, 'string']);
    const filter =
      'instances?instanceIdPrefix=many-&createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed';
    expect(await (await app.api('DELETE', filter)).json()).toEqual({ instancesDeleted: 2 });
    expect((await app.api('DELETE', filter)).status).toBe(404);
  });

  test('by filter through the SDK takes what was made in that time and has that status', async () => {
    const from = await app.host.advance('P1D');
    await app.start('steps', 1, 'new-done');
    await app.start('waiter', undefined, 'new-waiting');
    const { result } = await app.client('purgeBy', { from, runtimeStatus: ['Completed'] });
    expect(result).toEqual({ instancesDeleted: 1 });
    expect((await app.status('new-waiting')).runtimeStatus).toBe('Running');
    const none = await app.client('purgeBy', { from, runtimeStatus: ['Completed'] });
    expect(none.result).toEqual({ instancesDeleted: 0 });
  });

  test('removes an entity', async () => {
    await app.client('signal', { name: 'counter', key: 'purged', op: 'add', input: 4 });
    await app.host.idle();
    expect((await app.client('purge', { id: '@counter@purged' })).result).toEqual({ instancesDeleted: 1 });
    expect(await app.state('counter', 'purged')).toBeUndefined();
  });

  test('an entity while it works leaves nothing of what it then writes', async () => {
    await app.client('signal', { name: 'slowly', key: 'x', op: 'write', input: 0 });
    await app.host.idle();
    await app.client('signal', { name: 'slowly', key: 'x', op: 'write', input: 200 });
    expect((await app.client('purge', { id: '@slowly@x' })).result).toEqual({ instancesDeleted: 1 });
    await app.host.idle();
    expect(await app.state('slowly', 'x')).toBeUndefined();
  });

  test('an orchestration while its activity runs leaves nothing either', async () => {
    await app.client('start', { name: 'slowStep', instanceId: 'purged-at-work' });
    await app.client('purge', { id: 'purged-at-work' });
    await app.host.idle();
    expect((await app.api('GET', 'instances/purged-at-work')).status).toBe(404);
  });
});

describe('40. Rewinding', () => {
  test('lets a failed parent and child go on, and runs again only what had failed', async () => {
    const input = { child: 'rewindable', input: { key: 'rewound', n: 1 } };
    const id = await app.start('rewindableParent', input);
    expect((await app.status(id)).runtimeStatus).toBe('Failed');
    expect((await app.client('rewind', { id, reason: 'repaired' })).error).toBeUndefined();
    await app.host.idle();
    expect(await app.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: ['first', 2] });
    const calls = (await app.calls()).filter((call) => call.includes('rewindable-first'));
    expect(calls).toHaveLength(1);
  });

  test('of a fan-out runs the failed one of its activities again', async () => {
    const { runtimeStatus } = await app.run('fanRewind', undefined, 'fan-rewind');
    expect(runtimeStatus).toBe('Failed');
    expect((await app.api('POST', 'instances/fan-rewind/rewind?reason=x')).status).toBe(202);
    await app.host.idle();
    expect((await app.status('fan-rewind')).output).toEqual(['good', 2, 'fine']);
    const calls = (await app.calls()).filter((call) => call.startsWith('echo fan-rewind'));
    expect(calls).toHaveLength(2);
  });

  test('is only for what failed', async () => {
    await app.start('steps', 1, 'not-failed');
    await app.start('waiter', 1, 'not-even-over');
    expect((await app.api('POST', 'instances/not-failed/rewind?reason=x')).status).toBe(412);
    expect((await app.api('POST', 'instances/not-even-over/rewind?reason=x')).status).toBe(412);
    expect((await app.api('POST', 'instances/nobody/rewind?reason=x')).status).toBe(404);
  });
});

describe('41. Restarting', () => {
  test('runs an instance again with its input, under a new id or its own', async () => {
    await app.start('steps', 1, 'again');
    const response = await app.api('POST', 'instances/again/restart');
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10']);
    const fresh = (await response.json()) as { id: string };
    await app.host.idle();
    expect(fresh.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await app.status(fresh.id)).toMatchObject({ name: 'steps', input: 1, output: [0] });
    const same = await app.api('POST', 'instances/again/restart?restartWithNewInstanceId=false');
    expect(((await same.json()) as { id: string }).id).toBe('again');
    await app.host.idle();
    expect(await app.status('again')).toMatchObject({ runtimeStatus: 'Completed', output: [0] });
  });

  test('nobody is 400, and what still runs keeps its id', async () => {
    expect((await app.api('POST', 'instances/nobody/restart')).status).toBe(400);
    await app.start('waiter', 'x', 'still-runs');
    const same = await app.api('POST', 'instances/still-runs/restart?restartWithNewInstanceId=false');
    expect(same.status).toBe(500);
    expect((await app.status('still-runs')).runtimeStatus).toBe('Running');
  });
});

describe('42. The links of a client', () => {
  const send = (address = ''): Promise<Response> =>
    fetch(address.replace('{eventName}', 'word').replace('{text}', 'because'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '"by link"',
    });

  describe.each(['rpc', 'webhook'])('that speaks %s', (mode) => {
    const check = async (name: string, id: string): Promise<Response> =>
      app.host.fetch(`/api/check/${name}/${id}/${mode}`, { method: 'POST' });

    test('lead back to this host, whatever its port', async () => {
      const id = `checked-${mode}`;
      const response = await check('waiter', id);
      expect(response.status).toBe(202);
      expect(response.headers.get('retry-after')).toBe('10');
      const { id: same, ...links } = (await response.json()) as Record<string, string>;
      expect(same).toBe(id);
      expect(response.headers.get('location')).toBe(links['statusQueryGetUri']);
      expect(Object.keys(links).toSorted()).toEqual([
        'purgeHistoryDeleteUri',
        'restartPostUri',
        'resumePostUri',
        'rewindPostUri',
        'sendEventPostUri',
        'statusQueryGetUri',
        'suspendPostUri',
        'terminatePostUri',
      ]);
      for (const link of Object.values(links)) {
        expect(link).toContain(`${app.host.app}/runtime/webhooks/durabletask/instances/${id}`);
        expect(link).toMatch(/taskHub=WorkflowHub&connection=Storage&code=.+/);
      }
    });

    test('do what they say', async () => {
      const id = `used-${mode}`;
      const links = (await (await check('waiter', id)).json()) as Record<string, string>;
      await app.host.idle();
      const status = async (): Promise<unknown> =>
        ((await (await fetch(links['statusQueryGetUri'] ?? '')).json()) as { runtimeStatus: string })
          .runtimeStatus;
      expect((await send(links['suspendPostUri'])).status).toBe(202);
      await app.host.idle();
      expect(await status()).toBe('Suspended');
      expect((await send(links['resumePostUri'])).status).toBe(202);
      await app.host.idle();
      expect((await send(links['rewindPostUri'])).status).toBe(412);
      expect((await send(links['sendEventPostUri'])).status).toBe(202);
      await app.host.idle();
      expect((await app.status(id)).output).toBe('by link');
      expect((await send(links['terminatePostUri'])).status).toBe(410);
      expect((await send(links['restartPostUri'])).status).toBe(202);
      const purged = await fetch(links['purgeHistoryDeleteUri'] ?? '', { method: 'DELETE' });
      expect(await purged.json()).toEqual({ instancesDeleted: 1 });
    });

    test('need not be followed when the client waits: 200, 500 for a failure, 202 when it takes longer', async () => {
      const wait = (name: string, query = ''): Promise<Response> =>
        app.host.fetch(`/api/wait/${name}/${name}-${mode}/${mode}${query}`, { method: 'POST' });
      const done = await wait('steps');
      expect([done.status, await done.json()]).toEqual([200, []]);
      const failed = await wait('failing');
      expect([failed.status, await failed.json()]).toEqual([
        500,
        expect.objectContaining({ runtimeStatus: 'Failed' }),
      ]);
    });

    test('are not all it has: each of its methods works', async () => {
      const client = async (operation: string, argument: object): Promise<unknown> =>
        (await app.host.json('POST', `/api/client/${operation}/${mode}`, argument)).body;
      const id = `methods-${mode}`;
      expect(await client('start', { name: 'waiter', instanceId: id, input: 1 })).toEqual({ result: id });
      await app.host.idle();
      expect(await client('status', { id })).toMatchObject({
        result: { input: 1, runtimeStatus: 'Running' },
      });
      expect(await client('suspend', { id, reason: 'x' })).toEqual({});
      await app.host.idle();
      expect(await client('resume', { id, reason: 'x' })).toEqual({});
      expect(await client('raise', { id, event: 'word', data: 'x' })).toEqual({});
      await app.host.idle();
      expect(await client('rewind', { id, reason: 'x' })).toHaveProperty('error');
      expect(await client('signal', { name: 'list', key: id, op: 'push', input: 1 })).toEqual({});
      await app.host.idle();
      expect(await client('read', { name: 'list', key: id })).toEqual({
        result: { entityExists: true, entityState: [1] },
      });
      expect(await client('read', { name: 'list', key: 'nobody' })).toMatchObject({
        result: { entityExists: false },
      });
      expect(await client('purge', { id })).toEqual({ result: { instancesDeleted: 1 } });
      expect(await client('status', { id })).toHaveProperty('error');
      expect(await client('raise', { id, event: 'word', data: 'x' })).toHaveProperty('error');
    });
  });
});
