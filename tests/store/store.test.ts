/** The product's database on a real SQLite file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../store/store.ts';
import type { Attention, SubscriptionKey } from '../../store/vendor-subscriptions.ts';

const tenantId = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
const otherId = '1f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
const now = new Date('2026-03-02T08:00:00Z');
const aTenant = { tenantId, microsoftTenantId: 'm', ringCentralAccountId: 'r' };

let directory: string;
let file: string;
let store: Store;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
  file = join(directory, 'sql', 'hub.sqlite');
  store = await openStore(file);
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

describe('the database', () => {
  test('is made where nothing was, and keeps what it holds when opened again', async () => {
    await store.tenants.add(aTenant, now);
    await store.close();
    store = await openStore(file);
    expect(await store.tenants.find(tenantId)).toEqual(aTenant);
  });

  test('is refused where its schema cannot be brought up to date', async () => {
    const broken = join(directory, 'broken.sqlite');
    const database = new DatabaseSync(broken);
    database.exec('CREATE TABLE mappings (x)');
    database.close();
    await expect(openStore(broken)).rejects.toThrow('could not be brought up to date');
  });

  test('takes a second connection at the same time', async () => {
    const second = await openStore(file);
    await Promise.all([
      store.tenants.add(aTenant, now),
      second.tenants.add({ ...aTenant, tenantId: otherId }, now),
    ]);
    expect(await second.tenants.ids()).toEqual([tenantId, otherId]);
    await second.close();
  });
});

describe('tenants', () => {
  test('are added once, and stay as they were', async () => {
    await store.tenants.add(aTenant, now);
    await store.tenants.add({ ...aTenant, microsoftTenantId: 'another' }, now);
    expect(await store.tenants.find(tenantId)).toEqual(aTenant);
    expect(await store.tenants.find(otherId)).toBeUndefined();
  });
});

describe('mappings', () => {
  const people = Array.from({ length: 450 }, (_, n) => ({
    userId: `user-${String(n).padStart(4, '0')}`,
    extensionId: String(1000 + n),
    shard: n < 400 ? 0 : 1,
  }));

  test('are added in any number, and again without harm', async () => {
    await store.mappings.add(tenantId, people);
    await store.mappings.add(tenantId, [
      { userId: 'user-0000', extensionId: '9', shard: 7 },
      { userId: 'user-new', extensionId: '1000', shard: 7 },
    ]);
    await store.mappings.add(tenantId, []);
    expect(await store.mappings.ofShard(tenantId, 1)).toEqual(people.slice(400));
    expect(await store.mappings.ofUsers(tenantId, ['user-0000', 'user-new'])).toEqual([people[0]]);
    expect(await store.mappings.shards(tenantId)).toEqual([0, 1]);
  });

  test('are read page by page, each person once', async () => {
    await store.mappings.add(tenantId, people);
    const pages = await Promise.all([0, 1, 2, 3].map((page) => store.mappings.page(tenantId, page, 200)));
    expect(pages.map((page) => page.length)).toEqual([200, 200, 50, 0]);
    expect(pages.flat()).toEqual(people);
  });

  test('are found by extension, and never those of another tenant', async () => {
    await store.mappings.add(tenantId, people);
    expect(await store.mappings.ofExtension(tenantId, '1003')).toEqual(people[3]);
    expect(await store.mappings.ofExtensions(tenantId, ['1001', '1002', '1'])).toEqual(people.slice(1, 3));
    expect(await store.mappings.ofExtensions(tenantId, [])).toEqual([]);
    expect(await store.mappings.ofUsers(tenantId, [])).toEqual([]);
    expect(await store.mappings.ofExtension(otherId, '1003')).toBeUndefined();
    expect(await store.mappings.shards(otherId)).toEqual([]);
  });
});

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

describe('delivery attempts', () => {
  const begin = async (...attempts: [string, number][]): Promise<string[]> => {
    const given = attempts.map(([targetId, revision]) => ({ targetId, revision }));
    return [...(await store.deliveryAttempts.begin(tenantId, 'teams', given))];
  };

  test('are told when they repeat one, and only then', async () => {
    expect(await begin(['ada', 1], ['bob', 1])).toEqual([]);
    expect(await begin(['ada', 1], ['bob', 2], ['cyd', 1])).toEqual(['ada']);
    expect(await begin(['bob', 2])).toEqual(['bob']);
    expect(
      await store.deliveryAttempts.begin(tenantId, 'ringCentral', [{ targetId: 'ada', revision: 1 }]),
    ).toEqual(new Set());
  });

  test('that did not reach the vendor are forgotten, those of others not', async () => {
    await begin(['ada', 1], ['bob', 1]);
    await store.deliveryAttempts.forget(tenantId, 'teams', ['ada']);
    await store.deliveryAttempts.forget(tenantId, 'teams', []);
    await store.deliveryAttempts.forget(otherId, 'teams', ['bob']);
    expect(await begin(['ada', 1], ['bob', 1])).toEqual(['bob']);
  });

  test('may be none, and a hundred at once', async () => {
    expect(await begin()).toEqual([]);
    const many = Array.from({ length: 100 }, (_, n): [string, number] => [`user-${n}`, n]);
    expect(await begin(...many)).toEqual([]);
    expect(await begin(...many)).toHaveLength(100);
  });
});

describe('a connection lease', () => {
  const terms = (atSecond = 0) => ({ now: new Date(now.getTime() + atSecond * 1000), seconds: 60 });
  const acquire = (holder: string, atSecond = 0, connection = 'ringcentral', tenant = tenantId) =>
    store.leases.acquire(tenant, connection, holder, terms(atSecond));

  test('has one holder at a time, who may ask again', async () => {
    expect(await acquire('a')).toBe(true);
    expect(await acquire('b', 1)).toBe(false);
    expect(await acquire('a', 30)).toBe(true);
    expect(await acquire('b', 61)).toBe(false);
    expect(await acquire('b', 90)).toBe(true);
    expect(await acquire('a', 91)).toBe(false);
  });

  test('is one for each connection of each tenant', async () => {
    expect(await acquire('a')).toBe(true);
    expect(await acquire('b', 0, 'graph-0')).toBe(true);
    expect(await acquire('b', 0, 'graph-1')).toBe(true);
    expect(await acquire('b', 0, 'ringcentral', otherId)).toBe(true);
  });

  test('is released by its holder only', async () => {
    await acquire('a');
    await store.leases.release(tenantId, 'ringcentral', 'b');
    expect(await acquire('b')).toBe(false);
    await store.leases.release(tenantId, 'ringcentral', 'a');
    await store.leases.release(tenantId, 'ringcentral', 'a');
    expect(await acquire('b')).toBe(true);
  });

  test('goes to exactly one of many who ask at once, in two processes', async () => {
    const second = await openStore(file);
    const asked = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? store : second).leases.acquire(tenantId, 'ringcentral', `w${n}`, terms()),
    );
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
    await second.close();
  });
});
