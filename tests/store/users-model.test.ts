/** Any sequence of upserts and removals leaves what a plain map would hold, whatever people are called. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { User } from '../../store/directory.ts';
import { makeStore } from '../../store/store.ts';
import { aDatabase } from './engine.ts';
import { aUser, many, minutesLater, now } from './samples.ts';

const testDatabase = await aDatabase();
const store = makeStore(testDatabase.open());

afterAll(() => testDatabase.remove());

/** What SQL, JSON and Unicode have in store for us, all of which is somebody's name. */
const oddTexts = [
  '',
  ' ',
  "'; drop table users; --",
  '" or "" = "',
  '%_[a-z]*?',
  '@1, @p1 :name $1 ?',
  "O'Brien \\ `x`",
  '/* no comment */ -- nor this',
  '😀👩‍👩‍👧‍👦🇨🇭',
  'Żółć ﷽ मनीष 李小龍 Ω',
  'e\u0301 \u202e right to left \ufeff',
  'line\nbreak\ttab\r',
  'ends with a blank ',
  'NULL',
  'x'.repeat(256),
  '😀'.repeat(128),
];
const fitting = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.length <= 256 && !text.includes('\0')),
);
/** Few, so that they meet again; some in capital letters, which are the same. */
const ids = fc.constantFrom('a', 'b', 'B', "c' or 1=1 --", '%', '_', '[d]', 'E"', 'e"', 'x'.repeat(36));

const fittingUsers: fc.Arbitrary<User> = fc.record({
  userId: ids,
  displayName: fitting,
  mail: fc.option(fitting),
  userPrincipalName: fc.option(fitting),
  givenName: fc.option(fitting),
  surname: fc.option(fitting),
  department: fc.option(fitting),
  jobTitle: fc.option(fitting),
  businessPhones: fc
    .array(fc.oneof(fitting, fc.constantFrom('\0', '\ud800')), { maxLength: 3 })
    .filter((phones) => JSON.stringify(phones).length <= 2000),
});

const steps = fc.record({
  tenant: fc.constantFrom(0, 1),
  act: fc.oneof(
    fc.record({ upsert: fc.array(fittingUsers, { maxLength: 6 }) }),
    fc.record({ remove: fc.array(ids, { maxLength: 3 }) }),
  ),
});

/** What the store should do, without a database. */
class Model {
  readonly users = new Map<string, User>();

  upsert(users: readonly User[]): { inserted: number; updated: number } {
    const last = new Map(users.map((user) => [user.userId.toLowerCase(), user]));
    const counts = { inserted: 0, updated: 0 };
    for (const [userId, user] of last) {
      const before = this.users.get(userId);
      const after = { ...user, userId };
      if (before === undefined) counts.inserted += 1;
      else if (JSON.stringify(before) !== JSON.stringify(after)) counts.updated += 1;
      this.users.set(userId, after);
    }
    return counts;
  }

  remove(given: readonly string[]): number {
    return [...new Set(given.map((id) => id.toLowerCase()))].filter((id) => this.users.delete(id)).length;
  }
}

async function held(tenantId: string): Promise<Map<string, User>> {
  const users = await store.users.page(tenantId, 0, 100);
  return new Map(users.map((user) => [user.userId, user]));
}

describe('users', () => {
  test('are what a plain map would hold after any upserts and removals, for two tenants at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 8 }), async (sequence) => {
        const tenants = [randomUUID(), randomUUID()].map((tenantId) => ({ tenantId, model: new Model() }));
        for (const [index, { tenant, act }] of sequence.entries()) {
          const { tenantId, model } = tenants[tenant] ?? fail();
          const [answer, expected] =
            'upsert' in act
              ? [
                  await store.users.upsert(tenantId, act.upsert, minutesLater(index)),
                  model.upsert(act.upsert),
                ]
              : [await store.users.remove(tenantId, act.remove), model.remove(act.remove)];
          expect(answer).toEqual(expected);
        }
        for (const { tenantId, model } of tenants) {
          expect(await held(tenantId)).toEqual(model.users);
          const everyId = [...model.users.keys()];
          expect(await store.users.find(tenantId, everyId)).toHaveLength(everyId.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  const marker = 'ada-lovelace';
  const unfitTexts = [
    `${marker}${'x'.repeat(10_000)}`,
    `${marker}${'x'.repeat(321)}`,
    `${marker}\0`,
    `${marker}\ud83d`,
    `\udc00${marker}`,
  ];
  const unfit: fc.Arbitrary<[keyof User, string]> = fc.oneof(
    fc.tuple(
      fc.constantFrom<keyof User>('displayName', 'mail', 'givenName', 'surname', 'department', 'jobTitle'),
      fc.constantFrom(...unfitTexts),
    ),
    fc.tuple(fc.constant<keyof User>('displayName'), fc.constant(marker + 'x'.repeat(257 - marker.length))),
    fc.tuple(fc.constant<keyof User>('displayName'), fc.constant(marker + '😀'.repeat(123))),
    fc.tuple(
      fc.constant<keyof User>('userId'),
      fc.constantFrom(`${marker} `, `${marker}ä`, `${marker}\n`, marker + 'x'.repeat(37), `${marker}\0`),
    ),
  );
  const columns: Partial<Record<keyof User, string>> = {
    userId: 'user_id',
    displayName: 'display_name',
    givenName: 'given_name',
    jobTitle: 'job_title',
  };

  test('are not changed by a call in which one of them does not fit, and the error names no value', async () => {
    const tenantId = randomUUID();
    await store.users.upsert(tenantId, [aUser('a'), aUser('b')], now);
    const before = await held(tenantId);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fittingUsers, { maxLength: 6 }),
        fc.nat(6),
        unfit,
        async (users, place, [key, value]) => {
          const call = users.toSpliced(place, 0, { ...aUser('unfit'), [key]: value });
          const error = await store.users.upsert(tenantId, call, now).then(fail, (thrown: unknown) => thrown);
          expect(error).toMatchObject({
            name: 'StoreError',
            failure: 'rejected',
            code: `users.${columns[key] ?? key}`,
          });
          const told = error as Error;
          expect(JSON.stringify([told.message, told.stack, told.cause, Object.entries(told)])).not.toContain(
            marker,
          );
          expect(await held(tenantId)).toEqual(before);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of the first batch are not kept when one far behind does not fit', async () => {
    const tenantId = randomUUID();
    const call = [...many(1000, (text) => aUser(text)), aUser('last', { displayName: 'x'.repeat(257) })];
    await expect(store.users.upsert(tenantId, call, now)).rejects.toMatchObject({ failure: 'rejected' });
    expect(await held(tenantId)).toEqual(new Map());
  });

  test('with more phones than there is room for are refused', async () => {
    const tenantId = randomUUID();
    const phones = many(200, (text) => `+1 555 ${text}`);
    const saving = store.users.upsert(tenantId, [aUser('a', { businessPhones: phones })], now);
    await expect(saving).rejects.toMatchObject({ code: 'users.business_phones' });
  });
});

function fail(): never {
  throw new Error('This cannot be.');
}
