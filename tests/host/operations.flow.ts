/** What clients and operators can do to instances: through the SDK and through the extension's HTTP API. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from './workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start();
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

describe('starting', () => {
  test('under an id in use is refused, and under the id of a finished instance replaces it', async () => {
    await app.start('waiter', 'old', 'single');
    const again = await app.client('start', { name: 'waiter', instanceId: 'single' });
    expect(again.error).toContain('An Orchestration instance with the status Running already exists.');
    await app.raise('single', 'word', 'done');
    await app.start('waiter', 'new', 'single');
    expect(await app.status('single')).toMatchObject({ runtimeStatus: 'Running', input: 'new' });
  });

  test('fifty times at once under one id succeeds once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.client('start', { name: 'waiter', instanceId: 'rush' })),
    );
    expect(answers.filter(({ result }) => result === 'rush')).toHaveLength(1);
  });

  test('without input gives empty text, and with null gives null', async () => {
    const none = (await app.client('start', { name: 'waiter' })).result;
    expect((await app.status(String(none))).input).toBe('');
    expect((await app.run('waiter', null)).input).toBeNull();
  });

  test.each(['a/b', 'a%23b', 'a%3Fb', 'a%5Cb', '%40a', 'x'.repeat(257)])(
    'under the id %s is refused',
    async (id) => {
      const response = await app.api('POST', `orchestrators/waiter/${id.replace('/', '%2F')}`);
      expect(response.status).toBe(400);
    },
  );

  test('what the app does not have, or with a body that is no JSON, is refused', async () => {
    expect((await app.api('POST', 'orchestrators/nothing')).status).toBe(400);
    const response = await fetch(await links('x').then((l) => l.start), { method: 'POST', body: '{' });
    expect(response.status).toBe(400);
  });

  test('answers with the links of the instance', async () => {
    const response = await app.api('POST', 'orchestrators/waiter/linked', { a: 1 });
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('10');
    const body = (await response.json()) as Record<string, string>;
    expect(response.headers.get('location')).toBe(body['statusQueryGetUri']);
    expect(Object.keys(body).toSorted()).toEqual([
      'id',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'resumePostUri',
      'sendEventPostUri',
      'statusQueryGetUri',
      'suspendPostUri',
      'terminatePostUri',
    ]);
  });

  test('and waiting answers with the output', async () => {
    const response = await app.api('POST', 'orchestrators/fanOut/waited?timeout=5&pollingInterval=1', 2);
    expect([response.status, await response.json()]).toEqual([200, [0, 1]]);
  });
});

async function links(id: string): Promise<Record<string, string> & { start: string }> {
  const { result } = await app.client('links', { id });
  const found = result as Record<string, string>;
  return {
    ...found,
    start: (found['statusQueryGetUri'] ?? '').replace(/instances\/[^?]*/, 'orchestrators/waiter'),
  };
}

describe('the status', () => {
  test('says how an instance stands, with the codes for pollers', async () => {
    await app.start('waiter', { x: 1 }, 'standing');
    const running = await app.api('GET', 'instances/standing');
    expect(running.status).toBe(202);
    expect(running.headers.get('retry-after')).toBe('5');
    expect(running.headers.get('location')).toContain('/instances/standing');
    expect(await running.json()).toEqual({
      name: 'waiter',
      instanceId: 'standing',
      runtimeStatus: 'Running',
      input: { x: 1 },
      customStatus: 'waiting',
      output: null,
      createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      lastUpdatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    await app.raise('standing', 'word', 'x');
    expect((await app.api('GET', 'instances/standing?showInput=false')).status).toBe(200);
    expect((await app.status('standing', 'showInput=false')).input).toBeNull();
    expect((await app.api('GET', 'instances/nobody')).status).toBe(404);
  });

  test('of a failure is 200, or 500 when asked for', async () => {
    await app.start('failing', undefined, 'failed');
    expect((await app.api('GET', 'instances/failed')).status).toBe(200);
    expect((await app.api('GET', 'instances/failed?returnInternalServerErrorOnFailure=true')).status).toBe(
      500,
    );
  });

  test('shows the history, requests folded into their answers', async () => {
    await app.start('steps', 2, 'told');
    const { historyEvents = [] } = await app.status('told', 'showHistory=true&showHistoryOutput=true');
    expect(historyEvents.map((event) => event['EventType'])).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'TaskCompleted',
      'ExecutionCompleted',
    ]);
    expect(historyEvents[1]).toMatchObject({ FunctionName: 'echo', Result: 0 });
    expect(historyEvents[1]).toHaveProperty('ScheduledTime');
  });

  test('reaches the SDK', async () => {
    await app.start('steps', 1, 'sdk');
    const { result } = await app.client('status', { id: 'sdk' });
    expect(result).toMatchObject({ name: 'steps', runtimeStatus: 'Completed', output: [0] });
    expect((await app.client('status', { id: 'nobody' })).error).toContain('404');
  });
});

describe('lists', () => {
  test('can be filtered by status, prefix and time, and page by page', async () => {
    for (const id of ['page-1', 'page-2', 'page-3']) await app.start('steps', 1, id);
    await app.start('waiter', undefined, 'page-4');
    const list = async (query: string, token?: string): Promise<Response> =>
      app.api(
        'GET',
        `instances?instanceIdPrefix=page-&${query}`,
        undefined,
        token ? { 'x-ms-continuation-token': token } : {},
      );
    const ids = async (response: Response): Promise<string[]> =>
      ((await response.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId);
    expect(await ids(await list('runtimeStatus=Running,Nonsense'))).toEqual(['page-4']);
    expect(await ids(await list('createdTimeFrom=2100-01-01T00:00:00Z'))).toEqual([]);
    const first = await list('top=3');
    expect(await ids(first)).toEqual(['page-1', 'page-2', 'page-3']);
    const second = await list('top=3', first.headers.get('x-ms-continuation-token') ?? '');
    expect(await ids(second)).toEqual(['page-4']);
    expect(second.headers.get('x-ms-continuation-token')).toBeNull();
  });

  test('include entities', async () => {
    await app.client('signal', { name: 'counter', key: 'listed', op: 'add', input: 1 });
    await app.host.idle();
    const { result } = await app.client('list', { runtimeStatus: ['Running'] });
    expect((result as { instanceId: string }[]).map(({ instanceId }) => instanceId)).toContain(
      '@counter@listed',
    );
    const entities = (await (await app.api('GET', 'entities/Counter?fetchState=true')).json()) as object[];
    expect(entities).toContainEqual({
      entityId: { name: 'counter', key: 'listed' },
      lastOperationTime: expect.any(String),
      state: 1,
    });
  });
});

describe('events', () => {
  test('to nobody are refused, to the finished pass silently', async () => {
    expect((await app.raise('nobody', 'word', 1)).error).toContain('nobody');
    await app.start('steps', 0, 'over');
    expect((await app.raise('over', 'word', 1)).error).toBeUndefined();
    expect((await app.api('POST', 'instances/over/raiseEvent/word', 1)).status).toBe(410);
  });
});

describe('terminating', () => {
  test('ends a running instance with the reason as output', async () => {
    await app.start('waiter', undefined, 'ended');
    await app.client('terminate', { id: 'ended', reason: 'enough' });
    await app.host.idle();
    expect(await app.status('ended')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    expect((await app.api('POST', 'instances/ended/terminate?reason=again')).status).toBe(410);
    expect((await app.api('POST', 'instances/nobody/terminate?reason=x')).status).toBe(404);
  });

  test('leaves children running, and ignores what activities still answer', async () => {
    await app.start('parent', { child: 'waiter', id: 'orphan' }, 'guardian');
    await app.client('terminate', { id: 'guardian', reason: 'x' });
    await app.client('start', { name: 'slowStep', instanceId: 'interrupted' });
    await app.client('terminate', { id: 'interrupted', reason: 'x' });
    await app.host.idle();
    expect((await app.status('guardian')).runtimeStatus).toBe('Terminated');
    expect((await app.status('orphan')).runtimeStatus).toBe('Running');
    expect((await app.status('interrupted')).runtimeStatus).toBe('Terminated');
  });

  test('ends a suspended instance', async () => {
    await app.start('waiter', undefined, 'paused-end');
    await app.client('suspend', { id: 'paused-end', reason: 'wait' });
    await app.client('terminate', { id: 'paused-end', reason: 'enough' });
    await app.host.idle();
    expect((await app.status('paused-end')).runtimeStatus).toBe('Terminated');
  });
});

describe('suspending', () => {
  test('holds events back until the instance is resumed', async () => {
    await app.start('waiter', undefined, 'paused');
    await app.client('suspend', { id: 'paused', reason: 'hold on' });
    await app.host.idle();
    expect(await app.status('paused')).toMatchObject({ runtimeStatus: 'Suspended', output: 'hold on' });
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

  test('twice, or resuming what runs, is an error', async () => {
    await app.start('waiter', undefined, 'twice');
    expect((await app.api('POST', 'instances/twice/resume?reason=x')).status).toBe(500);
    expect((await app.api('POST', 'instances/twice/suspend?reason=x')).status).toBe(202);
    await app.host.idle();
    expect((await app.api('POST', 'instances/twice/suspend?reason=x')).status).toBe(500);
    expect((await app.api('POST', 'instances/twice/resume?reason=x')).status).toBe(202);
    await app.host.idle();
    expect((await app.status('twice')).runtimeStatus).toBe('Running');
  });
});

describe('purging', () => {
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
    expect((await app.api('DELETE', 'instances?instanceIdPrefix=many-')).status).toBe(400);
    const filter =
      'instances?instanceIdPrefix=many-&createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed';
    expect(await (await app.api('DELETE', filter)).json()).toEqual({ instancesDeleted: 2 });
    expect((await app.api('DELETE', filter)).status).toBe(404);
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

describe('restarting', () => {
  test('runs an instance again, under a new id or its own', async () => {
    await app.start('steps', 1, 'again');
    const fresh = (await (await app.api('POST', 'instances/again/restart')).json()) as { id: string };
    await app.host.idle();
    expect(fresh.id).toMatch(/^[0-9a-f]{32}$/);
    expect((await app.status(fresh.id)).output).toEqual([0]);
    const same = await app.api('POST', 'instances/again/restart?restartWithNewInstanceId=false');
    expect(((await same.json()) as { id: string }).id).toBe('again');
    expect((await app.api('POST', 'instances/nobody/restart')).status).toBe(400);
  });
});

describe('rewinding', () => {
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

  test('is only for what failed', async () => {
    await app.start('steps', 1, 'not-failed');
    expect((await app.api('POST', 'instances/not-failed/rewind?reason=x')).status).toBe(412);
    expect((await app.api('POST', 'instances/nobody/rewind?reason=x')).status).toBe(404);
  });
});

describe('the webhook links', () => {
  test('lead back to this host, whatever its port', async () => {
    const response = await app.host.fetch('/api/check/waiter/checked', { method: 'POST' });
    expect(response.status).toBe(202);
    const body = (await response.json()) as Record<string, string>;
    expect(body['statusQueryGetUri']).toMatch(new RegExp(`^${app.host.app}/runtime/webhooks/durabletask/`));
    await app.host.idle();
    const sent = await fetch((body['sendEventPostUri'] ?? '').replace('{eventName}', 'word'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '"by link"',
    });
    expect(sent.status).toBe(202);
    await app.host.idle();
    expect((await app.status('checked')).output).toBe('by link');
  });

  test('need their key', async () => {
    expect((await fetch(`${app.webhooks}/instances`)).status).toBe(401);
    expect((await fetch(`${app.webhooks}/instances?code=wrong`)).status).toBe(401);
  });

  test('can be waited for through the SDK', async () => {
    const response = await app.host.fetch('/api/wait/steps/awaited', { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([200, []]);
  });

  test('find no route where there is none, and words in any case where there is one', async () => {
    expect((await app.api('GET', 'nonsense')).status).toBe(404);
    expect((await app.api('PUT', 'instances/x')).status).toBe(404);
    expect((await app.api('GET', 'INSTANCES?top=1')).status).toBe(200);
  });
});
