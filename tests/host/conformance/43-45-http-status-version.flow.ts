/** Items 43 to 45: callHttp, custom statuses, versions. */
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

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly at: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function asked(key: string): Promise<Asked[]> {
  return (await app.host.json('GET', `/api/asked/${key}`)).body as Asked[];
}

function service(path: string): string {
  return `${app.host.app}/api/service/${path}`;
}

interface Output {
  readonly status: number;
  readonly content: string;
  readonly headers: Record<string, string | string[]>;
}

/** Calls, and lets as much time pass as it takes. */
async function callHttp(input: object): Promise<{ id: string; output: Output }> {
  const id = await app.start('http', input);
  await app.host.advance('PT1H');
  return { id, output: (await app.status(id)).output as Output };
}

/** The seconds between the requests. */
function pauses(requests: readonly Asked[]): number[] {
  return requests
    .slice(1)
    .map(({ at }, index) => (Date.parse(at) - Date.parse(requests[index]?.at ?? '')) / 1000);
}

describe('43. callHttp', () => {
  test('brings back status, content, and the headers that are not the content’s', async () => {
    const { output } = await callHttp({ method: 'GET', url: service('plain') });
    expect(output).toMatchObject({ status: 200, content: 'answer' });
    const names = Object.keys(output.headers);
    expect(names.map((name) => name.toLowerCase())).toContain('x-answer');
    expect(names.filter((name) => /^content-/i.test(name))).toEqual([]);
    expect(output.headers['X-Answer']).toBe('yes');
  });

  test('brings back several values of a header as a list', async () => {
    const { output } = await callHttp({ method: 'GET', url: service('plain') });
    expect(output.headers['Set-Cookie']).toEqual(
      ['a=1; path=/', 'b=2; path=/'].map((text) => expect.stringMatching(new RegExp(`^${text.slice(0, 3)}`))),
    );
  });

  test.each([404, 500])('takes the status %i as an answer', async (status) => {
    const { output } = await callHttp({ method: 'GET', url: service(`plain?status=${status}`) });
    expect(output).toMatchObject({ status, content: 'answer' });
  });

  test('sends text, or what is not text as JSON, and the headers it is given', async () => {
    const headers = { 'X-Mine': 'yes' };
    await callHttp({ method: 'POST', url: service('plain/json'), body: { a: 1 }, headers });
    const [sent] = await asked('json');
    expect(sent).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'x-mine': 'yes' } });
    expect(sent?.headers['content-type']).toMatch(/^text\/plain/);
    const type = { 'Content-Type': 'application/json' };
    await callHttp({ method: 'PUT', url: service('plain/typed'), body: { a: 1 }, headers: type });
    expect((await asked('typed'))[0]?.headers['content-type']).toBe('application/json');
  });

  test('fails in a way that can be caught when nobody answers', async () => {
    const id = await app.start('http', { method: 'GET', url: 'http://127.0.0.1:1/' });
    expect(await app.status(id)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining("'BuiltIn::HttpActivity'"),
    });
  });

  test('follows a 202 to its Location, every thirty seconds unless told otherwise', async () => {
    const { output } = await callHttp({
      method: 'POST',
      url: service('poll/patient?times=3'),
      body: 'work',
      headers: { 'x-functions-key': 'secret', 'x-mine': 'yes' },
    });
    expect(output).toMatchObject({ status: 200, content: 'done after 3' });
    const requests = await asked('patient');
    expect(requests.map(({ method, path, body }) => [method, path.slice(-2), body])).toEqual([
      ['POST', 'nt', 'work'],
      ['GET', '/1', ''],
      ['GET', '/2', ''],
      ['GET', '/3', ''],
    ]);
    expect(pauses(requests)).toEqual([30, 30, 30]);
    expect(requests.map(({ headers }) => headers['x-functions-key'])).toEqual([
      'secret',
      undefined,
      undefined,
      undefined,
    ]);
    expect(requests.map(({ headers }) => headers['x-mine'])).toEqual(['yes', 'yes', 'yes', 'yes']);
  });

  test('waits as long as Retry-After says', async () => {
    const { output, id } = await callHttp({ method: 'GET', url: service('poll/told?times=2&after=7') });
    expect(output.content).toBe('done after 2');
    expect(pauses(await asked('told'))).toEqual([7, 7]);
    const { historyEvents = [] } = await app.status(id, 'showHistory=true');
    expect(historyEvents.map((event) => event['EventType'])).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'TimerCreated',
      'TimerFired',
      'TaskCompleted',
      'TimerCreated',
      'TimerFired',
      'TaskCompleted',
      'ExecutionCompleted',
    ]);
  });

  test('takes a 202 as the answer when it has no Location', async () => {
    const { output } = await callHttp({ method: 'GET', url: service('poll/lost?location=no') });
    expect(output).toMatchObject({ status: 202, content: 'wait' });
  });

  test('takes a 202 as the answer when it is not to poll', async () => {
    const url = service('poll/once');
    const { output } = await callHttp({ method: 'GET', url, enablePolling: false });
    expect(output).toMatchObject({ status: 202, content: 'wait' });
    expect(await asked('once')).toHaveLength(1);
  });
});

describe('44. A custom status', () => {
  test('beyond 16 KB fails the instance', async () => {
    expect((await app.run('bigStatus', 8190)).runtimeStatus).toBe('Completed');
    const { runtimeStatus, output } = await app.run('bigStatus', 8191);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('The UTF-16 size of the JSON-serialized payload must not exceed 16 KB');
  });

  test('that is falsy clears the former one', async () => {
    const id = await app.start('clearStatus');
    expect((await app.status(id)).customStatus).toBe('something');
    await app.raise(id, 'clear');
    expect((await app.status(id)).customStatus).toBeNull();
  });
});

describe('45. The version', () => {
  test('is the one of the start’s query', async () => {
    const response = await app.api('POST', 'orchestrators/versioned/v1?version=2.0');
    expect(response.status).toBe(202);
    await app.host.idle();
    expect(await app.status('v1')).toMatchObject({ output: '2.0', version: '2.0' });
  });

  test('is the one that the SDK’s client asks for', async () => {
    const { result } = await app.client('start', { name: 'versioned', version: '3.1' });
    await app.host.idle();
    expect((await app.status(String(result))).output).toBe('3.1');
  });

  test('is else the default of host.json, and nothing without one', async () => {
    expect((await configured.run('version', 'default')).output).toMatchObject({ version: '1.5' });
    expect(await app.run('versioned')).toMatchObject({ output: '' });
    expect(await app.run('versioned')).not.toHaveProperty('version');
  });

  test('outlives continue-as-new, and children have the default or the one they are given', async () => {
    const response = await configured.api('POST', 'orchestrators/versions/family?version=4.2');
    expect(response.status).toBe(202);
    await configured.host.idle();
    expect((await configured.status('family')).output).toEqual(['4.2', '1.5', '9.0']);
  });
});
