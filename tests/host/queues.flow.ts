/** Queue triggers and queue outputs, with a real Azurite behind them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAzurite } from '../support/azurite.ts';
import type { Azurite } from '../support/azurite.ts';
import { HostProcess } from '../support/host-process.ts';

let azurite: Azurite;
let host: HostProcess;
let dataDir: string;

interface Seen {
  readonly message?: unknown;
  readonly kind?: string;
  readonly metadata?: Record<string, unknown>;
  readonly result?: unknown;
  readonly poison?: unknown;
}

beforeAll(async () => {
  azurite = await startAzurite();
  dataDir = mkdtempSync(join(tmpdir(), 'host-queues-'));
  host = await HostProcess.start(join(import.meta.dirname, 'apps/queues'), ['--data', dataDir], {
    AzureWebJobsStorage: azurite.connectionString,
    OtherStorage: azurite.connectionString,
    ORDER_QUEUE: 'orders',
  });
}, 30_000);

afterAll(async () => {
  await host.stop();
  await azurite.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function queue(name: string) {
  return QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(name);
}

async function order(body: unknown): Promise<Seen[]> {
  expect((await host.json('POST', '/api/order', body)).status).toBe(202);
  await host.idle();
  return seen();
}

async function seen(): Promise<Seen[]> {
  return (await host.json('GET', '/api/seen')).body as Seen[];
}

describe('a queue output and a queue trigger', () => {
  test('pass text as text and JSON as JSON, and idle waits for what this host itself has sent', async () => {
    const [first, second] = await order('hello');
    expect(first).toMatchObject({ message: 'hello', kind: 'string' });
    expect(second).toEqual({ result: { taken: 'hello' } });
    const [object] = await order({ id: 7 });
    expect(object).toMatchObject({ message: { id: 7 }, kind: 'object' });
    expect(object?.metadata).toMatchObject({
      id: expect.any(String),
      popReceipt: expect.any(String),
      dequeueCount: 1,
      queueTrigger: { id: 7 },
    });
    for (const name of ['insertionTime', 'expirationTime', 'nextVisibleTime']) {
      expect(Date.parse(String(object?.metadata?.[name]))).not.toBeNaN();
    }
  });

  test('make one message of each element of a list', async () => {
    const list = Array.from({ length: 20 }, (_, index) => ({ index }));
    const entries = await order(list);
    const taken = entries.flatMap(({ message }) =>
      message === undefined ? [] : [message as { index: number }],
    );
    expect(taken.toSorted((a, b) => a.index - b.index)).toEqual(list);
    expect(entries.filter(({ result }) => result !== undefined)).toHaveLength(20);
  });

  test('work from activities, too', async () => {
    await host.json('POST', '/api/startSender');
    await host.idle();
    expect((await seen())[0]).toMatchObject({ message: 'from an activity' });
  });

  test('write base64 as Azure does', async () => {
    const client = queue('encoded-check');
    await client.create();
    await queue('orders').sendMessage(Buffer.from('"from outside"').toString('base64'));
    let found: Seen[] = [];
    while (found.length < 2) found = [...found, ...(await seen())];
    expect(found[0]).toMatchObject({ message: 'from outside' });
  });
});

describe('a message that fails', () => {
  test('is tried five times, then lies in the poison queue', async () => {
    const entries = await order('bad');
    expect(entries.flatMap(({ metadata }) => metadata?.['dequeueCount'] ?? [])).toEqual([1, 2, 3, 4, 5]);
    expect(entries.at(-1)).toEqual({ poison: 'bad' });
    expect(host.log).toMatch(/was tried 5 of 5 times and moves to the queue 'orders-poison'/);
    expect((await queue('orders').peekMessages({ numberOfMessages: 5 })).peekedMessageItems).toEqual([]);
  });
});

describe('the host', () => {
  test('is at rest while queues are empty, so that time can be moved', async () => {
    const before = await host.advance('P30D');
    expect(Date.parse(before)).toBeGreaterThan(Date.parse('2026-01-30T00:00:00Z'));
  });

  test('runs a queue function by hand with the text it is given', async () => {
    const keys = JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')) as { master: string };
    const response = await host.fetch('/admin/functions/takeOrder', {
      method: 'POST',
      headers: { 'x-functions-key': keys.master },
      body: JSON.stringify({ input: 'by hand' }),
    });
    expect(response.status).toBe(202);
    await host.idle();
    expect((await seen())[0]).toMatchObject({ message: 'by hand' });
  });

  test('says what it has not: triggers and inputs of other services, a missing connection', () => {
    expect(host.log).toContain("Nothing will start 'onBlob': this host has no blobTrigger.");
    expect(host.log).toMatch(/'reader' gets nothing from its input 'blobInput\w+': this host has no blob\./);
    expect(host.log).toContain(
      "The function 'unconnected' is in error: The queue 'x' needs a connection string in the app setting 'Nowhere' or 'AzureWebJobsNowhere'.",
    );
  });

  test('stays up while the queue service is away, and says so once', async () => {
    const nobody = azurite.connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const alone = await HostProcess.start(join(import.meta.dirname, 'apps/queues'), [], {
      AzureWebJobsStorage: nobody,
      OtherStorage: nobody,
      ORDER_QUEUE: 'orders',
    });
    await alone.idle();
    expect(alone.log.match(/The queue 'orders' of 'takeOrder' does not answer/g)).toHaveLength(1);
    const failed = await alone.fetch('/api/order', { method: 'POST', body: '"x"' });
    expect(failed.status).toBe(500);
    expect(await alone.stop()).toBe(0);
  });
});
