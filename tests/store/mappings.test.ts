/** Which user is which extension. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { many, minutesLater, now, otherId, tenantId } from './samples.ts';

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
    expect(await store.seated.ofShard(tenantId, 1)).toEqual(people.slice(400));
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

  test('are walked over by whom they come after, and nobody who stays is passed by when others go meanwhile', async () => {
    await store.mappings.add(tenantId, people, now);
    await store.mappings.add(otherId, [{ userId: 'user-00000-b', extensionId: '1', shard: 0 }], now);
    const first = await store.seated.after(tenantId, '', 200);
    expect(first).toEqual(people.slice(0, 200));
    const staying = people.filter((_, n) => n % 3 !== 0);
    await store.placements.place(tenantId, staying, { seats: null, at: now });
    const second = await store.seated.after(tenantId, 'USER-00199', 200);
    expect([...first, ...second]).toEqual([...people.slice(0, 200), ...staying.slice(-second.length)]);
    expect(second.length).toBe(staying.filter(({ userId }) => userId > 'user-00199').length);
    expect(await store.seated.after(tenantId, 'user-00449', 200)).toEqual([]);
  });

  test('are found by extension, and never those of another tenant', async () => {
    await store.mappings.add(tenantId, people, now);
    expect(await store.seated.ofExtension(tenantId, '1003')).toEqual(people[3]);
    expect(await store.seated.ofExtensions(tenantId, ['1001', '1002', '1'])).toEqual(people.slice(1, 3));
    expect(await store.seated.ofExtensions(tenantId, [])).toEqual([]);
    expect(await store.mappings.ofUsers(tenantId, [])).toEqual([]);
    expect(await store.seated.ofExtension(otherId, '1003')).toBeUndefined();
    expect(await store.mappings.shards(otherId)).toEqual([]);
  });

  test('are found by user however the id is written', async () => {
    await store.mappings.add(tenantId, [{ userId: 'ADA', extensionId: '101', shard: 0 }], now);
    expect(await store.mappings.ofUsers(tenantId, ['Ada'])).toEqual([
      { userId: 'ada', extensionId: '101', shard: 0 },
    ]);
  });
});

describe('seats', () => {
  const mapping = (userId: string, shard = 0) => ({ userId, extensionId: `ext-${userId}`, shard });

  /** Of each minute one more, in no order of ids. */
  async function addFour(): Promise<void> {
    for (const [minute, userId] of ['dan', 'ada', 'cyd', 'bob'].entries()) {
      await store.mappings.add(tenantId, [mapping(userId, userId === 'bob' ? 1 : 0)], minutesLater(minute));
    }
  }

  const pageOf = async (people: Pick<Store['mappings'], 'page'>) =>
    (await people.page(tenantId, 0, 10)).map(({ userId }) => userId);

  test('are for everybody as long as nobody says otherwise', async () => {
    await addFour();
    expect(await pageOf(store.seated)).toEqual(['ada', 'bob', 'cyd', 'dan']);
    const all = { seated: 4, unseated: [], newlySeated: [], newlyUnseated: [] };
    expect(await store.mappings.seat(tenantId, null)).toEqual(all);
    expect(await store.mappings.seat(tenantId, 4)).toEqual(all);
  });

  test('go to those mapped first, and whoever has none stays mapped and is served no more', async () => {
    await addFour();
    expect(await store.mappings.seat(tenantId, 2)).toEqual({
      seated: 2,
      unseated: ['bob', 'cyd'],
      newlySeated: [],
      newlyUnseated: ['bob', 'cyd'],
    });
    expect(await pageOf(store.seated)).toEqual(['ada', 'dan']);
    expect(await store.seated.ofShard(tenantId, 0)).toEqual([mapping('ada'), mapping('dan')]);
    expect(await store.seated.ofShard(tenantId, 1)).toEqual([]);
    expect(await store.seated.ofUsers(tenantId, ['cyd', 'DAN'])).toEqual([mapping('dan')]);
    expect(await store.seated.ofExtension(tenantId, 'ext-cyd')).toBeUndefined();
    expect(await store.seated.ofExtensions(tenantId, ['ext-cyd', 'ext-dan'])).toEqual([mapping('dan')]);

    expect(await pageOf(store.mappings)).toEqual(['ada', 'bob', 'cyd', 'dan']);
    expect(await store.mappings.ofUsers(tenantId, ['cyd'])).toEqual([mapping('cyd')]);
    expect(await store.mappings.shards(tenantId)).toEqual([0, 1]);
  });

  test('given again in the same number change nothing, and tell again who has none', async () => {
    await addFour();
    await store.mappings.seat(tenantId, 3);
    const again = { seated: 3, unseated: ['bob'], newlySeated: [], newlyUnseated: [] };
    expect(await store.mappings.seat(tenantId, 3)).toEqual(again);
  });

  test('that are bought again go to those who had none, in the same order', async () => {
    await addFour();
    await store.mappings.seat(tenantId, 1);
    expect(await store.mappings.seat(tenantId, 3)).toMatchObject({
      unseated: ['bob'],
      newlySeated: ['ada', 'cyd'],
      newlyUnseated: [],
    });
    expect(await store.mappings.seat(tenantId, null)).toMatchObject({ unseated: [], newlySeated: ['bob'] });
  });

  test('follow when somebody was first mapped, however often their mapping is added', async () => {
    await addFour();
    await store.mappings.add(tenantId, [mapping('dan')], minutesLater(9));
    await store.mappings.seat(tenantId, 1);
    expect(await pageOf(store.seated)).toEqual(['dan']);
    await store.mappings.add(tenantId, [mapping('bob', 1)], minutesLater(10));
    expect(await pageOf(store.seated)).toEqual(['dan']);
  });

  test('are each customer’s own, for any number of people', async () => {
    await store.mappings.add(
      tenantId,
      many(900, (text) => mapping(`user-${text}`)),
      now,
    );
    await store.mappings.add(otherId, [mapping('ada'), mapping('bob')], now);
    const { seated, newlyUnseated } = await store.mappings.seat(tenantId, 10);
    expect([seated, newlyUnseated.length]).toEqual([10, 890]);
    expect(await store.seated.page(tenantId, 0, 1000)).toHaveLength(10);
    expect(await store.seated.page(otherId, 0, 1000)).toHaveLength(2);
    expect((await store.mappings.seat(tenantId, 0)).seated).toBe(0);
  });
});
