import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { migrate } from '../../store/migrate.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { anEmptyDatabase, type TestDatabase } from './engine.ts';
import { aUser, minutesLater, now, otherId, tenantId } from './samples.ts';

let testDatabase: TestDatabase;
let store: Store;

beforeEach(async () => {
  testDatabase = await anEmptyDatabase();
  const database = testDatabase.open();
  await migrate(database);
  store = makeStore(database);
});

afterEach(async () => {
  await store.close();
  await testDatabase.remove();
});

test('before the first run there is none', async () => {
  expect(await store.directorySyncs.find(tenantId)).toMatchObject({ run: 0, outcome: 'none' });
});

test('only the newest run notes how far it is, and ends', async () => {
  const first = await store.directorySyncs.begin(tenantId, now);
  const second = await store.directorySyncs.begin(tenantId, minutesLater(1));
  const reading = { usersLink: '/users/delta?$skiptoken=x', usersWholeSince: first };
  await store.directorySyncs.noteUsers(tenantId, first, reading);
  await store.directorySyncs.end(tenantId, first, { outcome: 'failed', code: 'x', at: minutesLater(2) });
  expect(await store.directorySyncs.find(tenantId)).toEqual({
    run: second,
    outcome: 'underWay',
    startedAt: minutesLater(1),
  });
  await store.directorySyncs.noteUsers(tenantId, second, reading);
  await store.directorySyncs.end(tenantId, second, { outcome: 'done', at: minutesLater(2) });
  expect(await store.directorySyncs.find(tenantId)).toMatchObject({ ...reading, outcome: 'done' });
  expect(await store.directorySyncs.find(otherId)).toMatchObject({ run: 0 });
});

test('why a run has failed is known until another has ended', async () => {
  const failed = await store.directorySyncs.begin(tenantId, now);
  await store.directorySyncs.end(tenantId, failed, { outcome: 'failed', code: 'x', at: minutesLater(1) });
  const next = await store.directorySyncs.begin(tenantId, minutesLater(2));
  expect(await store.directorySyncs.find(tenantId)).toMatchObject({ outcome: 'underWay', code: 'x' });
  await store.directorySyncs.end(tenantId, next, { outcome: 'done', at: minutesLater(3) });
  expect((await store.directorySyncs.find(tenantId)).code).toBeUndefined();
});

test('a run that was asked for while one was under way is told of at its end', async () => {
  await store.directorySyncs.request(tenantId, now);
  const run = await store.directorySyncs.begin(tenantId, minutesLater(1));
  const ended = { outcome: 'done', at: minutesLater(3) } as const;
  expect(await store.directorySyncs.end(tenantId, run, ended)).toBe(false);
  await store.directorySyncs.request(tenantId, minutesLater(2));
  expect(await store.directorySyncs.end(tenantId, run, ended)).toBe(true);
});

test('whoever was not found in a reading of everybody can be told from the others, and is removed', async () => {
  await store.users.upsert(tenantId, [aUser('ada'), aUser('bob')], now, 1);
  await store.users.upsert(tenantId, [aUser('ada')], now, 2);
  expect(await store.users.census(tenantId, 2)).toEqual({ all: 2, unseen: 1 });
  await store.users.removeUnseen(tenantId, 2);
  expect(await store.users.page(tenantId, 0, 10)).toEqual([aUser('ada')]);
});
