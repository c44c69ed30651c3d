/** Items 33 to 36: starting instances, how they stand, and lists of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start();
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

/** An address of the webhook API with its key, for requests that the driver cannot make. */
async function address(path: string): Promise<string> {
  const { result } = await app.client('links', { id: 'x' });
  return (result as { statusQueryGetUri: string }).statusQueryGetUri.replace(/instances\/[^?]*/, path);
}

const json = { 'content-type': 'application/json' };

describe('33. Starting', () => {
  test('under an id in use is refused, and under the id of a finished instance replaces it', async () => {
    await app.start('waiter', 'old', 'single');
    const again = await app.client('start', { name: 'waiter', instanceId: 'single' });
    expect(again.error).toContain('An Orchestration instance with the status Running already exists.');
    const response = await app.api('POST', 'orchestrators/waiter/single');
    expect([response.status, await response.json()]).toEqual([
      500,
      {
        Message: 'Something went wrong while processing your request',
        ExceptionMessage: 'An Orchestration instance with the status Running already exists.',
        ExceptionType: 'System.InvalidOperationException',
        StackTrace: expect.any(String),
      },
    ]);
    await app.raise('single', 'word', 'done');
    await app.start('waiter', 'new', 'single');
    expect(await app.status('single')).toMatchObject({
      runtimeStatus: 'Running',
      input: 'new',
      output: null,
    });
  });

  test('under the id of a suspended instance is refused, under that of a terminated one not', async () => {
    await app.start('waiter', undefined, 'paused-single');
    await app.client('suspend', { id: 'paused-single', reason: 'x' });
    await app.host.idle();
    const again = await app.client('start', { name: 'waiter', instanceId: 'paused-single' });
    expect(again.error).toContain('with the status Suspended already exists');
    await app.raise('paused-single', 'word', 'for the first');
    await app.client('terminate', { id: 'paused-single', reason: 'x' });
    await app.host.idle();
    await app.start('waiter', undefined, 'paused-single');
    expect(await app.status('paused-single')).toMatchObject({ runtimeStatus: 'Running', output: null });
  });

  test('fifty times at once under one id succeeds once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.client('start', { name: 'waiter', instanceId: 'rush' })),
    );
    expect(answers.filter(({ result }) => result === 'rush')).toHaveLength(1);
  });
});

describe('34. Starting', () => {
  test('without input gives empty text, and with null gives null', async () => {
    const none = (await app.client('start', { name: 'waiter' })).result;
    expect((await app.status(String(none))).input).toBe('');
    expect((await app.run('waiter', null)).input).toBeNull();
    const bare = await fetch(await address('orchestrators/waiter/bare'), { method: 'POST' });
    expect(bare.status).toBe(202);
    expect((await app.status('bare')).input).toBeNull();
  });

  test('without an id makes one of 32 hexadecimal digits', async () => {
    expect((await app.client('start', { name: 'waiter' })).result).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each(['a/b', 'a%23b', 'a%3Fb', 'a%5Cb', 'a%0Ab', '%40a', 'x'.repeat(257)])(
    'under the id %s is refused',
    async (id) => {
      const response = await app.api('POST', `orchestrators/waiter/${id.replace('/', '%2F')}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        Message: 'One or more of the arguments submitted is incorrect',
      });
    },
  );

  test.each(['with spaces and ümläuts', 'a:b', "it's", '100%', 'x'.repeat(256)])(
    'under the id %s works, with all that follows',
    async (id) => {
      expect(await app.start('waiter', undefined, encodeURIComponent(id))).toBe(id);
      expect((await app.status(id)).instanceId).toBe(id);
      const { statusQueryGetUri = '' } = (await app.client('links', { id: encodeURIComponent(id) }))
        .result as Record<string, string>;
      expect((await fetch(statusQueryGetUri)).status).toBe(202);
    },
  );

  test('what the app does not have, or with a body that is no JSON, is refused', async () => {
    expect((await app.api('POST', 'orchestrators/nothing')).status).toBe(400);
    const response = await fetch(await address('orchestrators/waiter'), { method: 'POST', body: '{' });
    expect(response.status).toBe(400);
  });
});

describe('35. The status', () => {
  test('of a start is 202 with the links of the instance', async () => {
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

  test('of a start that waits is the output', async () => {
    const response = await app.api('POST', 'orchestrators/fanOut/waited?timeout=5&pollingInterval=1', 2);
    expect([response.status, await response.json()]).toEqual([200, [0, 1]]);
  });

  test('says how an instance stands, with the codes for pollers', async () => {
    await app.start('waiter', { x: 1 }, 'standing');
    const running = await app.api('GET', 'instances/standing');
    expect(running.status).toBe(202);
    expect(running.headers.get('retry-after')).toBe('5');
    expect(running.headers.get('location')).toBe(running.url);
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
    const done = await app.api('GET', 'instances/standing');
    expect([done.status, done.headers.get('location'), done.headers.get('retry-after')]).toEqual([
      200,
      null,
      null,
    ]);
    const nobody = await app.api('GET', 'instances/nobody');
    expect([nobody.status, await nobody.text()]).toEqual([404, '']);
  });

  test('leaves out the input when asked to', async () => {
    await app.start('waiter', { x: 1 }, 'discreet');
    expect((await app.status('discreet', 'showInput=false')).input).toBeNull();
    expect((await app.status('discreet', 'showInput=true')).input).toEqual({ x: 1 });
  });

  test('of a failure is 200, or 500 when asked for', async () => {
    await app.start('failing', undefined, 'failed');
    expect((await app.api('GET', 'instances/failed')).status).toBe(200);
    const asError = await app.api('GET', 'instances/failed?returnInternalServerErrorOnFailure=true');
    expect(asError.status).toBe(500);
    expect(await asError.json()).toMatchObject({ runtimeStatus: 'Failed' });
  });

  test('shows the history, requests folded into their answers', async () => {
    await app.start('steps', 2, 'told');
    const { historyEvents = [] } = await app.status('told', 'showHistory=true&showHistoryOutput=true');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    const answer = (Result: number): object => ({
      EventType: 'TaskCompleted',
      FunctionName: 'echo',
      Result,
      ScheduledTime: time,
      Timestamp: time,
    });
    expect(historyEvents).toEqual([
      { EventType: 'ExecutionStarted', FunctionName: 'steps', Input: 2, Timestamp: time },
      answer(0),
      answer(1),
      {
        EventType: 'ExecutionCompleted',
        OrchestrationStatus: 'Completed',
        Result: [0, 1],
        Timestamp: time,
      },
    ]);
  });

  test('shows the history without inputs and results unless they are asked for', async () => {
    await app.start('steps', 1, 'told-less');
    const { historyEvents = [] } = await app.status('told-less', 'showHistory=true&showInput=false');
    expect(historyEvents.flatMap((event) => Object.keys(event))).not.toContain('Result');
    expect(historyEvents.flatMap((event) => Object.keys(event))).not.toContain('Input');
    expect(await app.status('told-less')).not.toHaveProperty('historyEvents');
  });

  test('shows what has no answer yet, events, timers and failures', async () => {
    await app.start('parent', { child: 'waiter', id: 'asked-child' }, 'asks');
    const open = (await app.status('asks', 'showHistory=true')).historyEvents ?? [];
    expect(open.at(-1)).toMatchObject({
      EventType: 'SubOrchestrationInstanceCreated',
      Name: 'waiter',
      InstanceId: 'asked-child',
    });
    await app.raise('asked-child', 'word', 'x');
    const told = (await app.status('asked-child', 'showHistory=true')).historyEvents ?? [];
    expect(told).toContainEqual(
      expect.objectContaining({ EventType: 'EventRaised', Name: 'word', Input: 'x' }),
    );
    await app.start('activityFails', undefined, 'fails-openly');
    const failed = (await app.status('fails-openly', 'showHistory=true')).historyEvents ?? [];
    expect(failed).toContainEqual(
      expect.objectContaining({
        EventType: 'TaskFailed',
        FunctionName: 'fail',
        Reason: "Activity function 'fail' failed:  boom",
      }),
    );
    await app.start('approval', undefined, 'times');
    const timed = (await app.status('times', 'showHistory=true')).historyEvents ?? [];
    expect(timed).toContainEqual(
      expect.objectContaining({ EventType: 'TimerCreated', FireAt: expect.any(String) }),
    );
    expect(timed.flatMap((event) => Object.keys(event))).not.toContain('TimerId');
  });

  test('reaches the SDK', async () => {
    await app.start('steps', 1, 'sdk');
    const { result } = await app.client('status', { id: 'sdk' });
    expect(result).toMatchObject({ name: 'steps', runtimeStatus: 'Completed', output: [0] });
    expect((await app.client('status', { id: 'nobody' })).error).toContain('404');
  });

  test('and all else need the key of the webhooks, in the query or a header', async () => {
    expect((await fetch(`${app.webhooks}/instances`)).status).toBe(401);
    expect((await fetch(`${app.webhooks}/instances?code=wrong`)).status).toBe(401);
    const code = new URL(await address('instances')).searchParams.get('code') ?? '';
    const headers = { 'x-functions-key': code };
    expect((await fetch(`${app.webhooks}/instances?top=1`, { headers })).status).toBe(200);
  });

  test('has no route where there is none, and words in any case where there is one', async () => {
    expect((await app.api('GET', 'nonsense')).status).toBe(404);
    expect((await app.api('PUT', 'instances/x')).status).toBe(404);
    expect((await app.api('GET', 'INSTANCES?top=1')).status).toBe(200);
  });
});

describe('36. A list', () => {
  const ids = async (response: Response): Promise<string[]> =>
    ((await response.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId);

  test('can be filtered by status, prefix and time, and comes page by page', async () => {
    for (const id of ['page-1', 'page-2', 'page-3']) await app.start('steps', 1, id);
    await app.start('waiter', undefined, 'page-4');
    const list = async (query: string, token?: string): Promise<Response> =>
      app.api(
        'GET',
        `instances?instanceIdPrefix=page-&${query}`,
        undefined,
        token ? { 'x-ms-continuation-token': token } : {},
      );
    expect(await ids(await list('runtimeStatus=Running,Nonsense'))).toEqual(['page-4']);
    expect(await ids(await list('runtimeStatus=Running&runtimeStatus=Completed'))).toHaveLength(4);
    expect(await ids(await list('createdTimeFrom=2100-01-01T00:00:00Z'))).toEqual([]);
    expect(await ids(await list('createdTimeTo=2100-01-01T00:00:00Z'))).toHaveLength(4);
    const first = await list('top=3');
    expect(await ids(first)).toEqual(['page-1', 'page-2', 'page-3']);
    const second = await list('top=3', first.headers.get('x-ms-continuation-token') ?? '');
    expect(await ids(second)).toEqual(['page-4']);
    expect(second.headers.get('x-ms-continuation-token')).toBeNull();
  });

  test('has a hundred instances on a page unless asked otherwise, and the SDK reads them all', async () => {
    const start = await address('orchestrators/steps');
    await Promise.all(
      Array.from({ length: 105 }, (_, index) =>
        fetch(start.replace('steps', `steps/hundred-${index}`), { method: 'POST', headers: json, body: '0' }),
      ),
    );
    await app.host.idle();
    const first = await app.api('GET', 'instances?instanceIdPrefix=hundred-');
    expect(await ids(first)).toHaveLength(100);
    expect(first.headers.get('x-ms-continuation-token')).not.toBeNull();
    const { result } = await app.client('all', {});
    const all = (result as { instanceId: string }[]).map(({ instanceId }) => instanceId);
    expect(all.filter((id) => id.startsWith('hundred-'))).toHaveLength(105);
  });

  test('shows inputs unless asked not to, and never a history', async () => {
    await app.start('waiter', { secret: 1 }, 'listed-1');
    const query = 'instances?instanceIdPrefix=listed-&showHistory=true';
    const shown = (await (await app.api('GET', query)).json()) as Record<string, unknown>[];
    expect(shown[0]).toMatchObject({ input: { secret: 1 } });
    expect(shown[0]).not.toHaveProperty('historyEvents');
    const hidden = (await (await app.api('GET', `${query}&showInput=false`)).json()) as { input: unknown }[];
    expect(hidden[0]?.input).toBeNull();
  });

  test('includes entities', async () => {
    await app.client('signal', { name: 'counter', key: 'listed', op: 'add', input: 1 });
    await app.host.idle();
    const { result } = await app.client('list', { runtimeStatus: ['Running'] });
    expect((result as { instanceId: string }[]).map(({ instanceId }) => instanceId)).toContain(
      '@counter@listed',
    );
  });

  test('of entities has their ids and last operations, and their states when asked for', async () => {
    for (const key of ['Many-1', 'many-2', '$']) await app.api('POST', `entities/list/${key}?op=push`, 1);
    await app.host.idle();
    const first = await app.api('GET', 'entities/List?top=2&fetchState=true');
    const second = await app.api('GET', 'entities/list?top=2', undefined, {
      'x-ms-continuation-token': first.headers.get('x-ms-continuation-token') ?? '',
    });
    const found = [...((await first.json()) as object[]), ...((await second.json()) as object[])];
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(found).toEqual([
      { entityId: { name: 'list', key: '' }, lastOperationTime: at, state: [1] },
      { entityId: { name: 'list', key: 'Many-1' }, lastOperationTime: at, state: [1] },
      { entityId: { name: 'list', key: 'many-2' }, lastOperationTime: at },
    ]);
  });
});
