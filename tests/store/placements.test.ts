/** Mappings as the directories say, and those who are mapped no more. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { makeStore, type Store } from '../../store/store.ts';
import { anEmptyDatabase, type TestDatabase } from './engine.ts';
import { migrate } from '../../store/migrate.ts';
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

const ada = { userId: 'ada', extensionId: '1', shard: 0 };
const bob = { userId: 'bob', extensionId: '2', shard: 0 };
const unlimited = { seats: null, at: now };

test('people come with a seat and have yet to be told; placed again nothing changes', async () => {
  expect(await store.placements.place(tenantId, [ada, bob], unlimited)).toMatchObject({ joined: 2, left: 0 });
  expect(await store.placements.unenrolled(tenantId, 10)).toEqual([ada, bob]);
  await store.placements.noteEnrolled(tenantId, [ada, bob]);
  const again = await store.placements.place(tenantId, [ada, bob], { seats: null, at: minutesLater(1) });
  expect(again).toMatchObject({ joined: 0, left: 0, moved: 0, regrouped: 0 });
  expect(await store.placements.unenrolled(tenantId, 10)).toEqual([]);
});

test('two people may change extensions with each other, and are told anew', async () => {
  await store.placements.place(tenantId, [ada, bob], unlimited);
  await store.placements.noteEnrolled(tenantId, [ada, bob]);
  const swapped = [
    { ...ada, extensionId: '2' },
    { ...bob, extensionId: '1' },
  ];
  expect(await store.placements.place(tenantId, swapped, unlimited)).toMatchObject({ moved: 2, joined: 0 });
  expect(await store.mappings.page(tenantId, 0, 10)).toEqual(swapped);
  // What was told before they changed does not count.
  await store.placements.noteEnrolled(tenantId, [{ ...ada, extensionId: '7' }]);
  expect(await store.placements.unenrolled(tenantId, 10)).toEqual(swapped);
});

test('who moves to another service user keeps their extension and is not told anew', async () => {
  await store.placements.place(tenantId, [ada], unlimited);
  await store.placements.noteEnrolled(tenantId, [ada]);
  const regrouped = { ...ada, shard: 1 };
  expect(await store.placements.place(tenantId, [regrouped], unlimited)).toMatchObject({ regrouped: 1 });
  expect(await store.mappings.shards(tenantId)).toEqual([1]);
  expect(await store.placements.unenrolled(tenantId, 10)).toEqual([]);
});

test('with too few seats the newest has none, and gets that of somebody who goes', async () => {
  await store.placements.place(tenantId, [bob], { seats: 1, at: now });
  const both = await store.placements.place(tenantId, [ada, bob], { seats: 1, at: minutesLater(1) });
  expect(both.seating).toMatchObject({ seated: 1, unseated: ['ada'] });
  const one = await store.placements.place(tenantId, [ada], { seats: 1, at: minutesLater(2) });
  expect(one.seating).toMatchObject({ seated: 1, newlySeated: ['ada'] });
  expect(await store.placements.unenrolled(tenantId, 10)).toEqual([ada]);
});

test('who goes becomes a departure, and is none any more when they come back', async () => {
  await store.placements.place(tenantId, [ada, bob], unlimited);
  await store.placements.place(tenantId, [bob], unlimited);
  expect(await store.placements.departures(tenantId, 10)).toMatchObject([
    { userId: 'ada', extensionId: '1' },
  ]);
  expect(await store.placements.departures(tenantId, 10, 'ada')).toEqual([]);
  await store.placements.place(tenantId, [ada, bob], unlimited);
  expect(await store.placements.departures(tenantId, 10)).toEqual([]);
});

test('of whom is forgotten nothing is left; of whom the directory still has, what the log tells', async () => {
  const refused = (userId: string) => ({
    happening: { kind: 'presenceRefused', side: 'teams', userId, code: 'x' } as const,
    at: now,
    once: userId,
  });
  const [gone, known] = ['5f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11', '6f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11'];
  await store.users.upsert(tenantId, [aUser(known)], now);
  await store.customerLog.append(tenantId, [refused(gone), refused(known)]);
  await store.deliveryAttempts.begin(tenantId, 'teams', [{ targetId: gone, revision: 1 }]);
  const people = [
    { userId: gone, extensionId: '1', shard: 0 },
    { userId: known, extensionId: '2', shard: 0 },
  ];
  await store.placements.place(tenantId, people, unlimited);
  await store.placements.place(tenantId, [], unlimited);
  for (const departure of people) await store.placements.forget(tenantId, departure);
  expect(await store.placements.departures(tenantId, 10)).toEqual([]);
  expect(await store.tenantRows.count(tenantId, 'delivery_attempts')).toBe(0);
  const log = await store.customerLog.page(tenantId, { size: 10 });
  expect(log.map(({ happening }) => happening)).toEqual([refused(known).happening]);
});

test('who is back is not forgotten', async () => {
  await store.placements.place(tenantId, [ada], unlimited);
  await store.deliveryAttempts.begin(tenantId, 'teams', [{ targetId: 'ada', revision: 1 }]);
  await store.placements.forget(tenantId, ada);
  expect(await store.tenantRows.count(tenantId, 'delivery_attempts')).toBe(1);
});

test('whoever is placed, exactly they are mapped, and those who were before are departures', async () => {
  const people = fc.uniqueArray(
    fc.record({
      userId: fc.constantFrom('a', 'b', 'c', 'd'),
      extensionId: fc.constantFrom('1', '2', '3', '4'),
      shard: fc.nat(1),
    }),
    { selector: ({ userId }) => userId, comparator: (one, other) => one === other },
  );
  const oneToOne = people.map((all) =>
    all.filter((each, index) => all.findIndex((other) => other.extensionId === each.extensionId) === index),
  );
  await fc.assert(
    fc.asyncProperty(oneToOne, oneToOne, async (before, after) => {
      await store.placements.place(tenantId, before, unlimited);
      await store.placements.place(tenantId, after, unlimited);
      const mapped = await store.mappings.page(tenantId, 0, 10);
      expect(mapped).toEqual(after.toSorted((one, other) => (one.userId < other.userId ? -1 : 1)));
      const departed = (await store.placements.departures(tenantId, 10)).map(({ userId }) => userId);
      for (const { userId } of before) {
        expect(departed.includes(userId)).toBe(after.every((each) => each.userId !== userId));
      }
      expect(await store.mappings.page(otherId, 0, 10)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
