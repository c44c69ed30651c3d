/** The company's copy and the erasure of what it is made of: no copy is left of what is erased. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { makeOfferExport } from '../../activities/offer-export.ts';
import { silentTelemetry } from '../../domain/telemetry.ts';
import { VendorError } from '../../domain/vendor-error.ts';
import type { ExportFiles } from '../../store/export-files.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aVault } from '../clients/fakes.ts';
import { aDatabase, type TestDatabase } from '../store/engine.ts';
import { minutesLater, now, tenantId } from '../store/samples.ts';

const readEntityState = async () => ({ entityExists: false });
const tools = { durable: { readEntityState } as unknown as DurableClient, telemetry: silentTelemetry };
const noted = { eventId: 'e-1', termUnit: 'P1M', purchaser: { mail: null, objectId: null } };

let database: TestDatabase;
let store: Store;
/** What lies in storage, by tenant and file. */
let stored: Map<string, string>;
/** Happens while a file is written. */
let meanwhile: () => Promise<void>;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
  stored = new Map();
  meanwhile = async () => undefined;
  const plan = { planId: 'pro', quantity: 5 };
  await store.subscriptions.change(tenantId, { event: 'paid', plan, at: now }, noted);
});

afterEach(() => database.remove());

const exportFiles: Pick<ExportFiles, 'write' | 'remove'> = {
  write: async (tenant, file, content) => {
    let text = '';
    for await (const part of content) text += part;
    await meanwhile();
    stored.set(`${tenant}/${file}`, text);
  },
  remove: async (tenant, file) => Number(stored.delete(`${tenant}/${file}`)),
};

const offer = (asked?: string) =>
  makeOfferExport({ store, secrets: aVault(), exportFiles, clock: () => now })(
    { tenantId, ...(asked !== undefined && { asked }) },
    tools,
  );

async function told(): Promise<number> {
  const entries = await store.customerLog.page(tenantId, { size: 10 });
  return entries.filter(({ happening }) => happening?.kind === 'dataExported').length;
}

async function cancelled(serviceDueInMinutes: number): Promise<void> {
  const noPlan = { event: 'ended', plan: undefined, at: now } as const;
  await store.subscriptions.change(tenantId, noPlan, { ...noted, eventId: 'e-2' });
  const dueAt = minutesLater(serviceDueInMinutes);
  await store.dueDeletions.set(tenantId, { category: 'service', reason: 'cancelled', dueAt });
}

test('run twice it leaves one file and one entry in the log; asked for anew it is told anew', async () => {
  const first = await offer();
  expect(first.written).toBe(true);
  await offer();
  expect([...stored.keys()]).toEqual([`${tenantId}/${tenantId}`]);
  expect(first.bytes).toBeGreaterThan(1000);
  expect(await told()).toBe(1);
  const { bytes } = await offer(now.toISOString());
  expect(bytes).toBe(Buffer.byteLength([...stored.values()].join('')));
  await offer(now.toISOString());
  expect(await told()).toBe(2);
});

test('of a subscription that is cancelled a copy is written until its erasure is due', async () => {
  await cancelled(1);
  expect(await offer()).toMatchObject({ written: true });
  stored.clear();
  await cancelled(0);
  expect(await offer(minutesLater(1).toISOString())).toEqual({ written: false, bytes: 0 });
  await store.dueDeletions.clear(tenantId, { category: 'service', dueAt: minutesLater(0) });
  expect(await offer(minutesLater(2).toISOString())).toEqual({ written: false, bytes: 0 });
  expect(stored.size).toBe(0);
  expect(await told()).toBe(1);
});

test('a copy during whose writing the erasure begins is taken away again, and not told of', async () => {
  await cancelled(1);
  meanwhile = () => cancelled(0);
  expect(await offer()).toEqual({ written: false, bytes: 0 });
  expect(stored.size).toBe(0);
  expect(await told()).toBe(0);
});

test('a storage that fails is tried again by the policy, and nothing is told', async () => {
  meanwhile = () => Promise.reject(new VendorError('unavailable', 'HTTP503'));
  await expect(offer()).rejects.toMatchObject({ failure: 'unavailable' });
  expect(await told()).toBe(0);
});
