/** The simulated ingestion endpoint takes what Azure Monitor takes, and says what is wrong with the rest. */
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { VirtualClock } from '../../../local/clock/virtual-clock.ts';
import { Work } from '../../../local/clock/work.ts';
import { startLogs, type Logs } from '../../../local/vendors/logs/logs.ts';
import { openSimulation } from '../../../local/vendors/simulation.ts';

let simulation: ReturnType<typeof openSimulation>;
let logs: Logs;

beforeEach(async () => {
  const work = new Work();
  simulation = openSimulation(new VirtualClock(work, new Date('2026-01-05T10:00:00Z')), work);
  logs = await startLogs(simulation, {});
});
afterEach(async () => {
  await logs.close();
  simulation.close();
});

const message = (change: object = {}) => ({
  ver: 1,
  name: 'Microsoft.ApplicationInsights.Message',
  time: '2026-01-05T10:00:00.000Z',
  sampleRate: 100,
  iKey: /InstrumentationKey=([^;]+)/.exec(logs.connectionString)?.[1],
  tags: { 'ai.cloud.role': 'app' },
  data: {
    baseType: 'MessageData',
    baseData: {
      ver: 2,
      message: 'hello',
      severityLevel: 'Warning',
      properties: { a: 'b' },
      measurements: {},
    },
  },
  ...change,
});

async function track(body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(`${logs.url}/v2.1/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('items are taken in, plain and gzipped, and are listed as they came', async () => {
  expect(await track(JSON.stringify([message()]))).toEqual({
    status: 200,
    body: { itemsReceived: 1, itemsAccepted: 1, appId: null, errors: [] },
  });
  await track(gzipSync(JSON.stringify([message(), message()])), { 'content-encoding': 'gzip' });
  const lines = `${JSON.stringify(message())}\n${JSON.stringify(message())}`;
  await track(lines, { 'content-type': 'application/x-json-stream' });
  expect(logs.received()).toEqual(Array.from({ length: 5 }, () => message()));
});

test('of a batch, the good items are taken and each bad one is named by its place', async () => {
  const items = [
    message(),
    message({ time: 'yesterday' }),
    message({ iKey: '00000000-0000-4000-8000-000000000000' }),
  ];
  expect(await track(JSON.stringify(items))).toMatchObject({
    status: 206,
    body: {
      itemsReceived: 3,
      itemsAccepted: 1,
      errors: [
        { index: 1, statusCode: 400, message: expect.stringContaining('time') },
        { index: 2, statusCode: 400, message: 'Invalid instrumentation key' },
      ],
    },
  });
  expect(logs.received()).toHaveLength(1);
});

test.each(['', '{', '[]', '7'])('%j is no batch', async (body) => {
  expect(await track(body)).toMatchObject({ status: 400, body: { itemsAccepted: 0 } });
});
