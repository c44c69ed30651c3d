/** Which user is which extension. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { many, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

describe('mappings', () => {
  const people = many(450, (text, n) => ({
    userId: `user-${text}`,
    extensionId: String(1000 + n),
    shard: n < 400 ? 0 : 1,
  }));

  test('are added in any number, and again without harm', async () => {
    await store.mappings.add(tenantId, people, now);
    await store.mappings.add(
      tenantId,
      [
        { userId: 'user-00000', extensionId: '9', shard: 7 },
        { userId: 'user-new', extensionId: '1000', shard: 7 },
      ],
      now,
    );
    await store.mappings.add(tenantId, [], now);
    expect(await store.mappings.ofShard(tenantId, 1)).toEqual(people.slice(400));
    expect(await store.mappings.ofUsers(tenantId, ['user-00000', 'user-new'])).toEqual([people[0]]);
    expect(await store.mappings.shards(tenantId)).toEqual([0, 1]);
  });

  test('that contradict others of the same call are left out', async () => {
    await store.mappings.add(
      tenantId,
      [
        { userId: 'ada', extensionId: '101', shard: 0 },
        { userId: 'ADA', extensionId: '102', shard: 0 },
        { userId: 'bob', extensionId: '101', shard: 0 },
        { userId: 'cyd', extensionId: '102', shard: 0 },
      ],
      now,
    );
    expect(await store.mappings.page(tenantId, 0, 10)).toEqual([
      { userId: 'ada', extensionId: '101', shard: 0 },
      { userId: 'cyd', extensionId: '102', shard: 0 },
    ]);
  });

  test('are read page by page, each person once', async () => {
    await store.mappings.add(tenantId, people, now);
    const pages = await Promise.all([0, 1, 2, 3].map((page) => store.mappings.page(tenantId, page, 200)));
    expect(pages.map((page) => page.length)).toEqual([200, 200, 50, 0]);
    expect(pages.flat()).toEqual(people);
  });

  test('are found by extension, and never those of another tenant', async () => {
    await store.mappings.add(tenantId, people, now);
    expect(await store.mappings.ofExtension(tenantId, '1003')).toEqual(people[3]);
    expect(await store.mappings.ofExtensions(tenantId, ['1001', '1002', '1'])).toEqual(people.slice(1, 3));
    expect(await store.mappings.ofExtensions(tenantId, [])).toEqual([]);
    expect(await store.mappings.ofUsers(tenantId, [])).toEqual([]);
    expect(await store.mappings.ofExtension(otherId, '1003')).toBeUndefined();
    expect(await store.mappings.shards(otherId)).toEqual([]);
  });

  test('are found by user however the id is written', async () => {
    await store.mappings.add(tenantId, [{ userId: 'ADA', extensionId: '101', shard: 0 }], now);
    expect(await store.mappings.ofUsers(tenantId, ['Ada'])).toEqual([
      { userId: 'ada', extensionId: '101', shard: 0 },
    ]);
  });
});
