/** What host.json limits or allows, large payloads, single instances, and calls with a managed identity. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryApp } from './temporary-app.ts';
import { Workflows } from './workflow-driver.ts';

const source = `
const df = require('durable-functions');
df.app.orchestration('clocks', function* (context) {
  const inActivity = yield context.df.callActivity('now');
  return { inActivity, inOrchestration: context.df.currentUtcDateTime.toISOString() };
});
df.app.orchestration('tooSlow', function* (context) {
  yield context.df.callActivity('slow', { key: 'late', ms: 5000 });
});
df.app.activity('now', { handler: () => new Date().toISOString() });
`;

let dir: string;
let app: Workflows;
let server: Server;
let address: string;
const requests: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];

/** Gives out tokens, and answers a job twice as not done. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  requests.push({ method, url, headers });
  if (url.startsWith('/token')) {
    response.end(JSON.stringify({ access_token: 'a-token' }));
  } else if (url === '/job' || (url === '/job/1' && requests.filter((one) => one.url === url).length < 2)) {
    response.writeHead(202, { location: '/job/1', 'retry-after': '60' }).end();
  } else {
    response.end('done');
  }
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dir = temporaryApp(
    { maxOrchestrationActions: 1200, overridableExistingInstanceStates: 'AnyState' },
    { functionTimeout: '00:00:01' },
    source,
  );
  const env = { IDENTITY_ENDPOINT: `${address}/token`, IDENTITY_HEADER: 'secret' };
  app = await Workflows.start([], env, dir);
}, 20_000);

afterAll(async () => {
  await app.host.stop();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('host.json', () => {
  test('ends functions that take too long, as failures', async () => {
    const { runtimeStatus, output } = await app.run('tooSlow');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('Timeout value of 00:00:01 was exceeded by function: Functions.slow');
  });

  test('limits what one execution may do', async () => {
    const { runtimeStatus, output } = await app.run('fanOut', 1201);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('Maximum amount of orchestration actions (1,200) has been reached');
    expect((await app.run('fanOut', 1200)).runtimeStatus).toBe('Completed');
  });

  test('lets a start replace what runs under the id', async () => {
    await app.start('waiter', 'first', 'replaced');
    await app.raise('replaced', 'other', {});
    expect(
      (await app.client('start', { name: 'child', input: 'second', instanceId: 'replaced' })).error,
    ).toBe(undefined);
    await app.host.idle();
    expect(await app.status('replaced')).toMatchObject({ name: 'child', runtimeStatus: 'Completed' });
  });
});

describe('payloads', () => {
  test('of megabytes go in, through an activity and out', async () => {
    const text = 'x'.repeat(3_000_000);
    const { output } = await app.run('child', text);
    expect((output as { said: string }).said).toBe(text);
  });
});

describe('time', () => {
  test('is the same in activities and orchestrations', async () => {
    await app.host.advance('P40D');
    const { output } = await app.run('clocks');
    const { inActivity, inOrchestration } = output as Record<string, string>;
    expect(inActivity).toBe(inOrchestration);
    expect(inActivity?.slice(0, 10)).toBe('2026-02-10');
  });
});

describe('callHttp', () => {
  test('brings the managed identity’s token along', async () => {
    const tokenSource = { kind: 'AzureManagedIdentity', resource: 'https://example.test/.default' };
    await app.run('http', { method: 'GET', url: `${address}/thing`, tokenSource });
    const [token, call] = requests.slice(-2);
    expect(token?.url).toContain('resource=https%3A%2F%2Fexample.test');
    expect(token?.headers['x-identity-header']).toBe('secret');
    expect(call?.headers.authorization).toBe('Bearer a-token');
  });

  test('asks the address of a 202 until it is done, at the pace it is told', async () => {
    const id = await app.start('http', { method: 'POST', url: `${address}/job`, body: 'go' });
    const asked = (): string[] =>
      requests.filter(({ url }) => url.startsWith('/job')).map(({ method, url }) => `${method} ${url}`);
    expect(asked()).toEqual(['POST /job']);
    await app.host.advance('PT1M');
    expect(asked()).toEqual(['POST /job', 'GET /job/1']);
    await app.host.advance('PT1M');
    expect(asked()).toEqual(['POST /job', 'GET /job/1', 'GET /job/1']);
    expect((await app.status(id)).output).toMatchObject({ status: 200, content: 'done' });
  });
});
