/** Telemetry with Microsoft's exporters, as it arrives at the simulated ingestion endpoint. */
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeAzureMonitorExporters } from '../../../clients/telemetry/azure-monitor.ts';
import type { Pseudonyms } from '../../../clients/telemetry/pseudonyms.ts';
import { makeTelemetry, type RunningTelemetry } from '../../../clients/telemetry/telemetry.ts';
import { VirtualClock } from '../../../local/clock/virtual-clock.ts';
import { Work } from '../../../local/clock/work.ts';
import { startLogs, type Logs } from '../../../local/vendors/logs/logs.ts';
import { openSimulation } from '../../../local/vendors/simulation.ts';

let simulation: ReturnType<typeof openSimulation>;
let logs: Logs;
let telemetry: RunningTelemetry;
let now: number;

const known: Pseudonyms = {
  of: ({ userId }) =>
    Promise.resolve({ tenant: 'T', ...(userId !== undefined && { user: `U${userId.length}` }) }),
};

beforeAll(() => {
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] = 'true';
});
beforeEach(async () => {
  const work = new Work();
  simulation = openSimulation(new VirtualClock(work, new Date('2026-01-05T10:00:00Z')), work);
  logs = await startLogs(simulation, {});
  now = Date.parse('2026-01-05T10:00:00Z');
  telemetry = aTelemetry(known);
});
afterEach(async () => {
  await telemetry.close();
  await logs.close();
  simulation.close();
});

function aTelemetry(pseudonyms: Pseudonyms): RunningTelemetry {
  const { connectionString, url: ingestionUrl } = logs;
  const credential = { getToken: () => Promise.reject(new Error('No token goes to this machine.')) };
  return makeTelemetry({
    exporters: (onLoss) => makeAzureMonitorExporters({ connectionString, ingestionUrl, credential, onLoss }),
    pseudonyms,
    clock: () => new Date(now),
  });
}

const messages = () =>
  logs.received().flatMap(({ time, data }) =>
    data.baseType === 'MessageData'
      ? [
          {
            time,
            message: data.baseData.message,
            level: data.baseData.severityLevel,
            ...data.baseData.properties,
          },
        ]
      : [],
  );
const metric = (name: string) =>
  logs.received().flatMap(({ data }) => {
    if (data.baseType !== 'MetricData') return [];
    const [point] = data.baseData.metrics;
    return point?.name === name ? [{ value: point.value, ...data.baseData.properties }] : [];
  });

test('records arrive in their order, with their time, severity and pseudonyms', async () => {
  telemetry.record('connectionMade', { side: 'teams' }, { tenantId: 'tenant-1' });
  now += 60_000;
  const write = { side: 'ringCentral', result: 'retry' } as const;
  telemetry.record('presenceNotWritten', write, { tenantId: 'tenant-1', userId: 'user-1' });
  telemetry.record('instancesPurged', { status: 'Completed', count: 3 });
  await telemetry.flush();
  expect(messages()).toEqual([
    {
      time: '2026-01-05T10:00:00.000Z',
      message: 'connectionMade',
      level: 'Information',
      side: 'teams',
      tenant: 'T',
    },
    {
      time: '2026-01-05T10:01:00.000Z',
      message: 'presenceNotWritten',
      level: 'Warning',
      side: 'ringCentral',
      result: 'retry',
      tenant: 'T',
      user: 'U6',
    },
    {
      time: '2026-01-05T10:01:00.000Z',
      message: 'instancesPurged',
      level: 'Information',
      status: 'Completed',
      count: '3',
    },
  ]);
});

test('nothing that is sent names the machine, and workers are told apart all the same', async () => {
  telemetry.record('connectionMade', { side: 'teams' });
  await telemetry.flush();
  expect(JSON.stringify(simulation.journal.list())).not.toContain(hostname());
  const [item] = logs.received();
  expect(item?.tags).toMatchObject({
    'ai.cloud.role': 'presence-hub',
    'ai.cloud.roleInstance': expect.stringMatching(/^[0-9a-f]{8}$/),
  });
  expect(Object.keys(item?.tags ?? {}).toSorted()).toEqual([
    'ai.cloud.role',
    'ai.cloud.roleInstance',
    'ai.internal.sdkVersion',
  ]);
});

test('nobody but the ingestion endpoint hears of it: the exporter does not ask Microsoft how to behave', async () => {
  telemetry.count('presenceWrites', { side: 'teams', result: 'done' });
  await telemetry.flush();
  const entry = createRequire(import.meta.url).resolve('@azure/monitor-opentelemetry-exporter');
  const file = join(dirname(entry), '..', 'esm', '_configuration', 'configurationManager.js');
  const { ConfigurationManager } = (await import(pathToFileURL(file).href)) as {
    ConfigurationManager: { getInstance(): object };
  };
  // The worker is what asks; it is made with the first exporter.
  expect(ConfigurationManager.getInstance()).toHaveProperty('worker', undefined);
});

test('metrics arrive added up, each as a difference to what was sent before', async () => {
  telemetry.count('presenceWrites', { side: 'teams', result: 'done' });
  telemetry.count('presenceWrites', { side: 'teams', result: 'done' }, 4);
  telemetry.measure('vendorCallMs', { vendor: 'graph', operation: 'presenceRead' }, 30);
  await telemetry.flush();
  telemetry.count('presenceWrites', { side: 'teams', result: 'done' });
  await telemetry.flush();
  expect(metric('presenceWrites').map(({ value }) => value)).toEqual([5, 1]);
  expect(metric('vendorCallMs')).toMatchObject([{ value: 30, vendor: 'graph', operation: 'presenceRead' }]);
});

test('what the list does not know is left out and counted, whatever the types were talked into', async () => {
  const say = telemetry as unknown as {
    record(event: string, fields: object): void;
    count(counter: string, attributes: object): void;
    measure(histogram: string, attributes: object, value: unknown): void;
  };
  say.record('userSignedIn', { mail: 'ada@contoso.example' });
  say.record('connectionMade', { side: 'teams', mail: 'ada@contoso.example' });
  say.count('signIns', { mail: 'ada@contoso.example' });
  say.count('presenceWrites', { side: 'teams', result: 'ada@contoso.example' });
  say.measure('vendorCallMs', { vendor: 'graph', operation: 'presenceRead' }, '+14155550100');
  await telemetry.flush();
  expect(messages()).toMatchObject([{ message: 'connectionMade', side: 'teams' }]);
  expect(metric('recordsLost')).toEqual([{ value: 5, reason: 'notInCatalogue' }]);
  expect(JSON.stringify(simulation.journal.list())).not.toMatch(/ada@|4155550100/);
});

test('without a pseudonym to be had, a record goes out without one, and that is counted', async () => {
  await telemetry.close();
  telemetry = aTelemetry({ of: () => Promise.resolve(undefined) });
  telemetry.record('connectionMade', { side: 'teams' }, { tenantId: 'tenant-1', userId: 'user-1' });
  await telemetry.flush();
  expect(messages()).toEqual([
    { time: '2026-01-05T10:00:00.000Z', message: 'connectionMade', level: 'Information', side: 'teams' },
  ]);
  expect(metric('pseudonymsMissing')).toEqual([{ value: 1 }]);
});

describe('no caller waits:', () => {
  test('records wait for their pseudonyms, so many at most, and those too many are counted', async () => {
    await telemetry.close();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    telemetry = aTelemetry({ of: () => held.then(() => ({ tenant: 'T' })) });
    for (let count = 0; count < 3_000; count += 1) {
      telemetry.record('instancesPurged', { status: 'Failed', count }, { tenantId: 'tenant-1' });
    }
    release();
    await telemetry.flush();
    const counts = messages().map((each) => Number('count' in each ? each.count : Number.NaN));
    // The first had left the queue to wait by itself.
    expect(counts).toEqual(Array.from({ length: 2_049 }, (_, index) => index));
    expect(metric('recordsLost')).toEqual([{ value: 3_000 - 2_049, reason: 'queueFull' }]);
  });

  test('what the endpoint does not take is counted, and said once it takes something again', async () => {
    simulation.faults.add({ vendor: 'logs', kind: 'status', status: 400, count: 1 });
    telemetry.record('connectionMade', { side: 'teams' });
    telemetry.record('connectionMade', { side: 'ringCentral' });
    await telemetry.flush();
    telemetry.record('connectionLost', { side: 'teams' });
    await telemetry.flush();
    expect(messages()).toMatchObject([{ message: 'connectionLost' }]);
    expect(metric('recordsLost')).toEqual([{ value: 2, reason: 'notTaken' }]);
  });

  test('an endpoint that is overloaded for a moment gets the records a second later, once', async () => {
    simulation.faults.add({ vendor: 'logs', kind: 'throttle', retryAfterSeconds: 1, count: 1 });
    telemetry.record('connectionMade', { side: 'teams' });
    await telemetry.flush();
    expect(messages()).toHaveLength(1);
    expect(metric('recordsLost')).toEqual([]);
  });
});
