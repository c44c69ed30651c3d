import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { RealClock } from '../../../local/clock/real-clock.ts';
import { VirtualClock } from '../../../local/clock/virtual-clock.ts';
import { Work } from '../../../local/clock/work.ts';
import { serve } from '../../../local/vendors/serve.ts';
import { openSimulation } from '../../../local/vendors/simulation.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function aSimulation(directory?: string) {
  const work = new Work();
  const clock = new VirtualClock(work, new Date('2030-01-01T00:00:00Z'));
  const simulation = openSimulation(clock, work, directory);
  cleanUps.push(() => simulation.close());
  return { clock, work, simulation };
}

async function aVendor(simulation: ReturnType<typeof openSimulation>) {
  const seen: string[] = [];
  const app = new Hono();
  app.post('/things', async (c) => {
    seen.push(await c.req.text());
    return c.json({ made: true }, 201);
  });
  const refuse = (status: number, retryAfterSeconds?: number) =>
    new Response('{"error":"no"}', {
      status,
      headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    });
  const serving = await serve(simulation, { vendor: 'graph', app, refuse });
  cleanUps.push(() => serving.close());
  const ask = (body: string, contentType = 'application/json') =>
    fetch(`${serving.url}/things?a=1&code=secret`, {
      method: 'POST',
      body,
      headers: { 'content-type': contentType, authorization: 'Bearer hidden' },
    });
  return { ask, seen };
}

async function aReceiver(answer: (count: number) => number | undefined = () => 202) {
  const received: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push(body);
      const status = answer(received.length);
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

describe('the journal', () => {
  test('holds each request without its secrets', async () => {
    const { simulation } = aSimulation();
    const { ask } = await aVendor(simulation);
    await ask('{"clientState":"s","items":[{"password":"p","name":"n"}]}');
    await ask('client_secret=s&scope=x', 'application/x-www-form-urlencoded');
    expect(simulation.journal.list({ vendor: 'graph' })).toEqual([
      {
        at: '2030-01-01T00:00:00.000Z',
        vendor: 'graph',
        method: 'POST',
        path: '/things?a=1&code=…',
        status: 201,
        body: { clientState: '…', items: [{ password: '…', name: 'n' }] },
      },
      expect.objectContaining({ body: { client_secret: '…', scope: 'x' } }),
    ]);
    expect(simulation.journal.list({ vendor: 'entra' })).toEqual([]);
  });
});

describe('faults of requests', () => {
  test('throttle as often as asked, then let through', async () => {
    const { simulation } = aSimulation();
    const { ask, seen } = await aVendor(simulation);
    simulation.faults.add({
      vendor: 'graph',
      kind: 'throttle',
      retryAfterSeconds: 7,
      count: 1,
      match: 'POST /things',
    });
    const refused = await ask('{}');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await ask('{}')).status).toBe(201);
    expect(seen).toHaveLength(1);
  });

  test('lose the answer but not the effect, or lose both', async () => {
    const { simulation } = aSimulation();
    const { ask, seen } = await aVendor(simulation);
    simulation.faults.add({ vendor: 'graph', kind: 'dropResponse', count: 1 });
    simulation.faults.add({ vendor: 'graph', kind: 'timeout', holdMs: 1, count: 1 });
    await expect(ask('{"first":1}')).rejects.toThrow('fetch failed');
    await expect(ask('{"second":1}')).rejects.toThrow('fetch failed');
    expect(seen).toEqual(['{"first":1}']);
    expect(simulation.journal.list().map(({ status }) => status)).toEqual([201, 0]);
  });
});

describe('deliveries', () => {
  const to = (url: string, body: string) =>
    ({ vendor: 'graph', policy: 'test', url, headers: {}, body, subject: 's' }) as const;

  test('are retried on the clock until accepted', async () => {
    const { simulation, clock, work } = aSimulation();
    const { received, url } = await aReceiver((count) => (count < 3 ? 503 : 202));
    const attempts: unknown[] = [];
    simulation.deliveries.register('graph', 'test', {
      limitMs: () => 3000,
      retryAfterMs: (attempt) => attempt * 60_000,
      settled: (_, { attempt, status, willRetry }) => attempts.push([attempt, status, willRetry]),
    });
    simulation.deliveries.send(to(url, 'a'));
    await work.whenIdle();
    expect(received).toHaveLength(1);
    await clock.advance(180_000);
    expect(received).toHaveLength(3);
    expect(attempts).toEqual([
      [1, 503, true],
      [2, 503, true],
      [3, 202, false],
    ]);
  });

  test('are given up on when the receiver takes too long for a real clock', async () => {
    const work = new Work();
    const simulation = openSimulation(new RealClock(), work);
    cleanUps.push(() => simulation.close());
    const attempts: unknown[] = [];
    simulation.deliveries.register('graph', 'test', {
      limitMs: () => 20,
      settled: (_, { status, delivered, willRetry }) => attempts.push([status, delivered, willRetry]),
    });
    const { url } = await aReceiver(() => undefined);
    simulation.deliveries.send(to(url, 'a'));
    await work.whenIdle();
    expect(attempts).toEqual([[undefined, false, false]]);
  });

  test('go on after a restart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vendors-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    const { received, url } = await aReceiver((count) => (count === 1 ? 500 : 202));
    const policy = { limitMs: () => 3000, retryAfterMs: () => 1000 };
    const before = aSimulation(directory);
    before.simulation.deliveries.register('graph', 'test', policy);
    before.simulation.deliveries.send(to(url, 'a'));
    await before.work.whenIdle();
    before.simulation.close();
    const after = aSimulation(directory);
    after.simulation.deliveries.register('graph', 'test', policy);
    await after.clock.advance(1000);
    expect(received).toEqual(['a', 'a']);
  });

  test('are dropped, doubled, delayed and reordered on request', async () => {
    const { simulation, clock, work } = aSimulation();
    const { received, url } = await aReceiver();
    simulation.deliveries.register('graph', 'test', { limitMs: () => 3000 });
    simulation.faults.add({ vendor: 'graph', kind: 'drop', match: 'lost' });
    simulation.faults.add({ vendor: 'graph', kind: 'double', match: 'twice' });
    simulation.faults.add({ vendor: 'graph', kind: 'late', delaySeconds: 5, match: 'slow' });
    simulation.faults.add({ vendor: 'graph', kind: 'reorder', count: 1, match: 'first' });
    for (const body of ['lost', 'slow']) simulation.deliveries.send(to(url, body));
    simulation.deliveries.send(to(url, 'twice'));
    await work.whenIdle();
    expect(received).toEqual(['twice', 'twice']);
    await clock.advance(5000);
    expect(received).toEqual(['twice', 'twice', 'slow']);
    simulation.deliveries.send(to(url, 'first'));
    await work.whenIdle();
    simulation.deliveries.send(to(url, 'second'));
    await work.whenIdle();
    expect(received.slice(3)).toEqual(['second', 'first']);
  });

  test('held back go after the next one also where that is late', async () => {
    const { simulation, clock } = aSimulation();
    const { received, url } = await aReceiver();
    simulation.deliveries.register('graph', 'test', { limitMs: () => 3000 });
    simulation.faults.add({ vendor: 'graph', kind: 'reorder', match: 'first' });
    simulation.faults.add({ vendor: 'graph', kind: 'late', delaySeconds: 60, match: 'second' });
    simulation.deliveries.send(to(url, 'first'));
    simulation.deliveries.send(to(url, 'second'));
    await clock.advance(60_000);
    expect(received).toEqual(['second', 'first']);
  });
});
