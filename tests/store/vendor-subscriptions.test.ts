/** The webhook subscriptions we hold at the vendors. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import type { Attention, SubscriptionKey } from '../../store/vendor-subscriptions.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { now, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

describe('a vendor subscription', () => {
  const key: SubscriptionKey = { tenantId, vendor: 'graph', shard: 0 };
  const row = {
    subscriptionId: 's-1',
    fingerprint: 'f-1',
    expiresAt: new Date('2026-03-02T09:00:00Z'),
    renewedAt: now,
  };
  const attention = async (): Promise<Attention | undefined> =>
    (await store.vendorSubscriptions.find(key))?.attention;

  test('is kept by tenant, vendor and shard', async () => {
    await store.vendorSubscriptions.save(key, row, undefined);
    await store.vendorSubscriptions.save({ ...key, shard: 1 }, { ...row, subscriptionId: 's-2' }, undefined);
    expect(await store.vendorSubscriptions.find(key)).toEqual({ ...row, attention: undefined });
    expect(await store.vendorSubscriptions.find({ ...key, vendor: 'ringCentral' })).toBeUndefined();
  });

  test('is known by its key until it is removed, and then no other is missing', async () => {
    const others: SubscriptionKey[] = [
      { ...key, shard: 1 },
      { ...key, vendor: 'ringCentral' },
    ];
    for (const each of [key, ...others]) await store.vendorSubscriptions.save(each, row, undefined);
    expect(await store.vendorSubscriptions.keys(tenantId)).toEqual([key, ...others]);
    await store.vendorSubscriptions.remove(key);
    await store.vendorSubscriptions.remove(key);
    expect(await store.vendorSubscriptions.keys(tenantId)).toEqual(others);
  });

  test('is kept with the fingerprint of what was wanted when it was made or renewed', async () => {
    await store.vendorSubscriptions.save(key, row, undefined);
    await store.vendorSubscriptions.noteAttention(key, 's-1', 'reauthorize');
    await store.vendorSubscriptions.clearAttention(key, 'reauthorize');
    expect(await store.vendorSubscriptions.find(key)).toMatchObject({ fingerprint: 'f-1' });
    await store.vendorSubscriptions.save(key, { ...row, fingerprint: 'f-2' }, undefined);
    expect(await store.vendorSubscriptions.find(key)).toMatchObject({
      subscriptionId: 's-1',
      fingerprint: 'f-2',
    });
  });

  test.each<[Attention, Attention, Attention]>([
    ['reauthorize', 'missed', 'missed'],
    ['missed', 'reauthorize', 'missed'],
    ['removed', 'missed', 'removed'],
    ['reauthorize', 'removed', 'removed'],
    ['removed', 'reauthorize', 'removed'],
  ])('of which %s and then %s was said needs %s', async (first, second, graver) => {
    await store.vendorSubscriptions.save(key, row, undefined);
    expect(await store.vendorSubscriptions.noteAttention(key, 's-1', first)).toBe(true);
    expect(await store.vendorSubscriptions.noteAttention(key, 's-1', second)).toBe(true);
    expect(await attention()).toBe(graver);
  });

  test('takes no word about one we do not hold any more', async () => {
    await store.vendorSubscriptions.save(key, row, undefined);
    expect(await store.vendorSubscriptions.noteAttention(key, 's-0', 'removed')).toBe(false);
    expect(await attention()).toBeUndefined();
  });

  test('once seen to, needs nothing, but for what was said since', async () => {
    await store.vendorSubscriptions.save(key, row, undefined);
    await store.vendorSubscriptions.noteAttention(key, 's-1', 'reauthorize');
    await store.vendorSubscriptions.save(key, row, 'reauthorize');
    expect(await attention()).toBeUndefined();
    await store.vendorSubscriptions.noteAttention(key, 's-1', 'missed');
    await store.vendorSubscriptions.save(key, row, 'reauthorize');
    expect(await attention()).toBe('missed');
  });

  test('is cleared only of the word that was seen', async () => {
    await store.vendorSubscriptions.save(key, row, undefined);
    await store.vendorSubscriptions.noteAttention(key, 's-1', 'missed');
    await store.vendorSubscriptions.clearAttention(key, 'reauthorize');
    expect(await attention()).toBe('missed');
    await store.vendorSubscriptions.clearAttention(key, 'missed');
    expect(await attention()).toBeUndefined();
  });

  test('made anew needs nothing of what was said about the old one', async () => {
    await store.vendorSubscriptions.save(key, row, undefined);
    await store.vendorSubscriptions.noteAttention(key, 's-1', 'removed');
    await store.vendorSubscriptions.save(key, { ...row, subscriptionId: 's-2' }, undefined);
    expect(await attention()).toBeUndefined();
  });
});
