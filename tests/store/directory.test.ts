/** The people, the extensions and the service users: what a sync of the directory asks of the store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { aUser, many, minutesLater, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

describe('users', () => {
  const people = many(950, (text) => aUser(`user-${text}`));

  test('come back as they were put in, whatever is unknown of them', async () => {
    const sparse = aUser('sparse', {
      mail: null,
      givenName: null,
      surname: null,
      department: null,
      jobTitle: null,
      businessPhones: [],
    });
    await store.users.upsert(tenantId, [aUser('ada'), sparse], now);
    expect(await store.users.page(tenantId, 0, 10)).toEqual([aUser('ada'), sparse]);
  });

  test('are written only where they differ, and counted', async () => {
    expect(await store.users.upsert(tenantId, people, now)).toEqual({ inserted: 950, updated: 0 });
    expect(await store.users.upsert(tenantId, people, minutesLater(1))).toEqual({ inserted: 0, updated: 0 });
    const next = [
      aUser('user-00003', { department: null }),
      aUser('user-00900', { businessPhones: ['+1 555 0199'] }),
      aUser('user-new'),
    ];
    expect(await store.users.upsert(tenantId, [...people.slice(4, 300), ...next], now)).toEqual({
      inserted: 1,
      updated: 2,
    });
    expect(await store.users.find(tenantId, ['user-00003', 'user-00900', 'user-new'])).toEqual(next);
    expect(await store.users.find(tenantId, ['user-00004'])).toEqual([people[4]]);
  });

  test('are read page by page, each once', async () => {
    await store.users.upsert(tenantId, people, now);
    const pages = await Promise.all([0, 1, 2, 3].map((page) => store.users.page(tenantId, page, 400)));
    expect(pages.map((page) => page.length)).toEqual([400, 400, 150, 0]);
    expect(pages.flat()).toEqual(people);
  });

  test('are found in any number, each once, however often asked for', async () => {
    await store.users.upsert(tenantId, people, now);
    const ids = people.map((person) => person.userId);
    expect(await store.users.find(tenantId, [...ids, 'nobody', ...ids])).toHaveLength(950);
    expect(await store.users.find(tenantId, [])).toEqual([]);
  });

  test('are removed with a count of those that were there', async () => {
    await store.users.upsert(tenantId, people, now);
    await store.users.upsert(otherId, people.slice(0, 3), now);
    const ids = people.slice(100).map((person) => person.userId);
    expect(await store.users.remove(tenantId, [...ids, 'nobody'])).toBe(850);
    expect(await store.users.remove(tenantId, ids)).toBe(0);
    expect(await store.users.remove(tenantId, [])).toBe(0);
    expect(await store.users.page(tenantId, 0, 1000)).toEqual(people.slice(0, 100));
    expect(await store.users.page(otherId, 0, 1000)).toHaveLength(3);
  });

  test('are the same however their ids are written', async () => {
    await store.users.upsert(tenantId, [aUser('ADA')], now);
    const counts = await store.users.upsert(tenantId, [{ ...aUser('ADA'), userId: 'ada' }], now);
    expect(counts).toEqual({ inserted: 0, updated: 0 });
    expect(await store.users.find(tenantId, ['Ada'])).toEqual([{ ...aUser('ADA'), userId: 'ada' }]);
    expect(await store.users.remove(tenantId, ['aDA'])).toBe(1);
  });

  test('named twice in one call are taken as they were named last', async () => {
    const twice = [aUser('ada', { jobTitle: 'first' }), aUser('bob'), aUser('Ada', { jobTitle: 'last' })];
    expect(await store.users.upsert(tenantId, twice, now)).toEqual({ inserted: 2, updated: 0 });
    expect(await store.users.find(tenantId, ['ada'])).toMatchObject([{ jobTitle: 'last' }]);
    expect(await store.users.upsert(tenantId, twice, now)).toEqual({ inserted: 0, updated: 0 });
  });

  test('of ten thousand are taken in one call', async () => {
    const crowd = many(10_000, (text) => aUser(`user-${text}`));
    expect(await store.users.upsert(tenantId, crowd, now)).toEqual({ inserted: 10_000, updated: 0 });
    const renamed = crowd.map((person) => ({ ...person, displayName: `${person.displayName} 😀` }));
    expect(await store.users.upsert(tenantId, renamed, now)).toEqual({ inserted: 0, updated: 10_000 });
    const found = await store.users.find(
      tenantId,
      crowd.map((person) => person.userId),
    );
    expect(new Set(found.map((person) => person.displayName))).toEqual(
      new Set(renamed.map((person) => person.displayName)),
    );
  });
});

describe('extensions', () => {
  const ada = { extensionId: '62283481016', extensionNumber: '101', name: 'Ada', mail: null, phone: null };

  test('come and go as users do', async () => {
    const nameless = { ...ada, extensionId: '62283481017', extensionNumber: null, name: '' };
    expect(await store.extensions.upsert(tenantId, [ada, nameless], now)).toEqual({
      inserted: 2,
      updated: 0,
    });
    const renamed = { ...ada, name: 'Ada L.' };
    expect(await store.extensions.upsert(tenantId, [renamed, nameless], now)).toEqual({
      inserted: 0,
      updated: 1,
    });
    expect(await store.extensions.page(tenantId, 0, 10)).toEqual([renamed, nameless]);
    expect(await store.extensions.find(tenantId, [ada.extensionId])).toEqual([renamed]);
    expect(await store.extensions.remove(tenantId, [ada.extensionId])).toBe(1);
    expect(await store.extensions.page(tenantId, 0, 10)).toEqual([nameless]);
  });

  test('of other customers are others, whatever their ids', async () => {
    await store.extensions.upsert(tenantId, [ada], now);
    await store.extensions.upsert(otherId, [{ ...ada, name: 'Bob' }], now);
    expect(await store.extensions.find(tenantId, [ada.extensionId])).toEqual([ada]);
    expect(await store.extensions.find(otherId, [ada.extensionId])).toMatchObject([{ name: 'Bob' }]);
  });
});

describe('service users', () => {
  test('carry one shard each, and are replaced where another connects', async () => {
    const [first, second] = [0, 1].map((shard) => ({ shard, userId: `user-${shard}`, connectedAt: now }));
    if (first === undefined || second === undefined) throw new Error('There are two.');
    await store.serviceUsers.save(tenantId, [second, first]);
    const replaced = { shard: 1, userId: 'USER-9', connectedAt: minutesLater(5) };
    await store.serviceUsers.save(tenantId, [replaced]);
    await store.serviceUsers.save(tenantId, []);
    expect(await store.serviceUsers.all(tenantId)).toEqual([first, { ...replaced, userId: 'user-9' }]);
    expect(await store.serviceUsers.all(otherId)).toEqual([]);
  });
});
