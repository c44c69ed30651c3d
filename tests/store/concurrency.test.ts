/** Several workers at once, each with its own connection: nothing is lost, nothing doubled, and one wins. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultRules } from '../../domain/sync-rules.ts';
import type { Database } from '../../store/database.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { upsert } from '../../store/upsert.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { aUser, many, minutesLater, now, tenantId } from './samples.ts';

let testDatabase: TestDatabase;
let database: Database;
let stores: [Store, Store];

beforeEach(async () => {
  testDatabase = await aDatabase();
  database = testDatabase.open();
  stores = [makeStore(database), makeStore(testDatabase.open())];
});

afterEach(() => testDatabase.remove());

/** Each of the two connections, in turn. */
const storeOf = (index: number): Store => stores[index % 2] ?? stores[0];

describe('two connections', () => {
  test('that upsert people whom both know add each once', async () => {
    const people = many(900, (text) => aUser(`user-${text}`));
    const counts = await Promise.all([
      stores[0].users.upsert(tenantId, people.slice(0, 600), now),
      stores[1].users.upsert(tenantId, people.slice(300), now),
    ]);
    expect(counts.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(900);
    expect(counts.reduce((sum, { updated }) => sum + updated, 0)).toBe(0);
    expect(await stores[0].users.page(tenantId, 0, 2000)).toEqual(people);
  });

  test('that change the same people leave what one of them wrote', async () => {
    const people = (jobTitle: string) => many(450, (text) => aUser(`user-${text}`, { jobTitle }));
    await Promise.all([
      stores[0].users.upsert(tenantId, people('first'), now),
      stores[1].users.upsert(tenantId, people('second'), now),
    ]);
    const held = await stores[0].users.page(tenantId, 0, 2000);
    expect([people('first'), people('second')]).toContainEqual(held);
  });

  test('that ask for a lease at once: one gets it', async () => {
    for (const minute of [0, 2, 4]) {
      const asked = many(8, (_text, index) =>
        storeOf(index).leases.acquire(tenantId, 'microsoft', `worker-${minute}-${index}`, {
          now: minutesLater(minute),
          seconds: 60,
        }),
      );
      const answers = await Promise.all(asked);
      expect(answers.filter(Boolean)).toHaveLength(1);
    }
  });

  test('that append to the log give each entry a number of its own, and no number twice', async () => {
    const occurrence = (once: number) => ({
      happening: { kind: 'peopleEnrolled' as const, people: once },
      at: now,
      once: String(once),
    });
    await Promise.all(
      many(10, (_text, index) =>
        storeOf(index).customerLog.append(
          tenantId,
          many(30, (_each, n) => occurrence(index * 20 + n)),
        ),
      ),
    );
    const entries = await stores[0].customerLog.page(tenantId, { size: 1000 });
    const different = 9 * 20 + 30;
    expect(entries.map((entry) => entry.sequence)).toEqual(many(different, (_text, n) => different - n));
    const people = entries.map(({ happening }) => happening?.kind === 'peopleEnrolled' && happening.people);
    expect(new Set(people).size).toBe(different);
  });

  test('that save rules on top of the same version: one does, the others are told', async () => {
    const rules = (wrapUpSeconds: number) => ({ ...defaultRules, wrapUpSeconds });
    await stores[0].syncRules.save(tenantId, rules(100), { after: 0, at: now });
    const saving = many(6, (_text, index) =>
      storeOf(index).syncRules.save(tenantId, rules(index), { after: 1, at: now }),
    );
    const results = await Promise.allSettled(saving);
    expect(results.filter(({ status }) => status === 'fulfilled')).toMatchObject([{ value: { version: 2 } }]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'sync_rules.version' });
    }
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(await stores[0].syncRules.newest(tenantId)).toMatchObject({ version: 2, rules: rules(winner) });
  });

  test('that make exceptions: all are kept, and each change has a number of its own', async () => {
    const saving = many(6, (text, index) =>
      storeOf(index).ruleExceptions.save(tenantId, `user-${text}`, { direction: 'none' }, now),
    );
    const numbers = await Promise.all(saving);
    expect(numbers.toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await stores[0].ruleExceptions.all(tenantId)).toHaveLength(6);
    expect(await stores[0].syncRules.newest(tenantId)).toMatchObject({ version: 1, counted: 6 });
  });

  test('that forge the next link of the chain: one does', async () => {
    const receipts = many(6, (text) => ({
      sequence: 1,
      body: '{}',
      previousHash: '',
      hash: `h-${text}`,
      signature: `s-${text}`,
      claimHash: 'c-1',
      issuedAt: now,
    }));
    const results = await Promise.allSettled(
      receipts.map((receipt, index) => storeOf(index).erasureReceipts.append(receipt)),
    );
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stores[0].erasureReceipts.page(0, 10)).toEqual([receipts[winner]]);
  });

  test('that map the same extension: one person has it', async () => {
    await Promise.all(
      many(6, (text, index) =>
        storeOf(index).mappings.add(
          tenantId,
          [
            { userId: `user-${text}`, extensionId: '101', shard: 0 },
            { userId: 'everybody', extensionId: text, shard: 0 },
          ],
          now,
        ),
      ),
    );
    const held = await stores[0].mappings.page(tenantId, 0, 100);
    expect(held).toHaveLength(2);
    expect(held.filter((mapping) => mapping.extensionId === '101')).toHaveLength(1);
    expect(held.filter((mapping) => mapping.userId === 'everybody')).toHaveLength(1);
  });

  test('that begin the same delivery: one is the first', async () => {
    const answers = await Promise.all(
      many(6, (_text, index) =>
        storeOf(index).deliveryAttempts.begin(tenantId, 'teams', [{ targetId: 'ada', revision: 1 }]),
      ),
    );
    expect(answers.filter((repeated) => repeated.size === 0)).toHaveLength(1);
  });
});

describe('work that is broken off', () => {
  test('leaves nothing, however much of it was written', async () => {
    await stores[0].users.upsert(tenantId, [aUser('kept')], now);
    const power = new Error('The power is cut.');
    const row = (name: string) => ({
      user_id: name,
      display_name: name,
      mail: null,
      user_principal_name: null,
      given_name: null,
      surname: null,
      department: null,
      job_title: null,
      business_phones: '[]',
      seen_in: 0,
      updated_at: now.toISOString(),
    });
    const breaking = database.inTenant(tenantId).together(async (scope) => {
      await upsert(scope, 'users', [row('kept'), ...many(500, row)], { by: 'user_id' });
      await scope.db.deleteFrom('users').where('user_id', 'in', ['kept']).execute();
      throw power;
    });
    await expect(breaking).rejects.toBe(power);
    for (const store of stores) expect(await store.users.page(tenantId, 0, 1000)).toEqual([aUser('kept')]);
    expect(await stores[1].users.upsert(tenantId, [aUser('next')], now)).toEqual({ inserted: 1, updated: 0 });
  });
});
