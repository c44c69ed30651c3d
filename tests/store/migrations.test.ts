/** The schema's history: run from every state it can be found in, by any number of runners, whole or not at all. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import type { Database } from '../../store/database.ts';
import { assertUpToDate, migrate } from '../../store/migrate.ts';
import { migrations } from '../../store/migrations.ts';
import { makeStore, openStore } from '../../store/store.ts';
import { commonTables, tenantTables } from '../../store/tables.ts';
import { anEmptyDatabase, type TestDatabase } from './engine.ts';
import { migrationStatements } from './migration-statements.ts';
import { aTenant, now, otherId, tenantId } from './samples.ts';

type AnyDatabase = Kysely<Record<string, Record<string, unknown>>>;

const names = Object.keys(migrations);
const earlier = names.slice(0, -1);

let testDatabase: TestDatabase;
let database: Database;
/** What a server's database holds besides ours. */
let others: string[] = [];

beforeEach(async () => {
  testDatabase = await anEmptyDatabase();
  database = testDatabase.open();
  others = (await database.whole.introspection.getTables()).map(({ name }) => name);
});

afterEach(() => testDatabase.remove());

/** The migrations up to that one, as an earlier version of the product had them. */
function upTo(last: string): typeof migrations {
  return Object.fromEntries(Object.entries(migrations).filter(([name]) => name <= last));
}

async function tables(): Promise<{ name: string; columns: { name: string; isNullable: boolean }[] }[]> {
  const found = await database.whole.introspection.getTables();
  return found
    .filter(({ name }) => !others.includes(name))
    .map(({ name, columns }) => ({
      name,
      columns: columns
        .map((column) => ({ name: column.name, isNullable: column.isNullable }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }));
}

async function namesRun(): Promise<unknown[]> {
  const rows = await (database.whole as unknown as AnyDatabase)
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map((row) => row['name']);
}

describe('the migrations', () => {
  test('run on an empty database, and then no more', async () => {
    expect(await migrate(database)).toEqual(names);
    expect(await migrate(database)).toEqual([]);
    await assertUpToDate(database);
  });

  test('leave the tables that the product knows, with their columns and no others', async () => {
    await migrate(database);
    const expected = Object.entries({ ...tenantTables, ...commonTables }).map(([name, { shape }]) => ({
      name,
      columns: [...Object.entries<z.ZodType>(shape), ...owner(name)]
        .map(([column, type]) => ({ name: column, isNullable: type.safeParse(null).success }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    // A primary key of one column is written without "not null", which SQLite alone then takes for nullable.
    const known = (await tables()).map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => ({
        ...column,
        isNullable: column.isNullable && !soleKeys.has(`${name}.${column.name}`),
      })),
    }));
    expect(known.toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  test('begin the key of each table that a tenant owns with the tenant', async () => {
    const statements = await migrationStatements();
    for (const name of Object.keys(tenantTables)) {
      const statement = statements.find((each) => each.startsWith(`create table "${name}" `));
      expect(statement).toMatch(/"tenant_id" varchar\(36\) primary key|primary key \("tenant_id"[,)]/);
      const constraints = statement?.matchAll(/(?:primary key|unique) \((.*?)\)/g) ?? [];
      for (const [, columns] of constraints) expect(columns).toMatch(/^"tenant_id"/);
    }
  });

  test('make room for the longest texts that the product writes', async () => {
    const statements = await migrationStatements();
    for (const [table, { shape }] of Object.entries({ ...tenantTables, ...commonTables })) {
      const statement = statements.find((each) => each.startsWith(`create table "${table}" `)) ?? '';
      for (const [column, type] of Object.entries<z.ZodType>(shape)) {
        const room = new RegExp(`"${column}" (n?)varchar\\((\\d+|max)\\)`).exec(statement);
        if (room === null) continue;
        const longest = 'x'.repeat(room[2] === 'max' ? 999_999 : Number(room[2]));
        const takes = (text: string) => type.safeParse(text).success;
        if (takes('y'))
          expect([table, column, takes(longest), takes(`${longest}xx`)]).toEqual([
            table,
            column,
            true,
            false,
          ]);
        expect([table, column, takes('ä')]).toEqual([table, column, room[1] === 'n' && takes('y')]);
      }
    }
  });

  test.each(earlier)('run on a database of %s with rows in it, which are kept and of use', async (last) => {
    expect(await migrate(database, upTo(last))).toEqual(names.filter((name) => name <= last));
    const held = rowsOf(last);
    for (const [table, row] of held) {
      await (database.whole as unknown as AnyDatabase)
        .insertInto(table)
        .values([row, { ...row, tenant_id: otherId }])
        .execute();
    }
    expect(await migrate(database)).toEqual(names.filter((name) => name > last));

    for (const [table, row] of held) {
      const rows = await (database.whole as unknown as AnyDatabase)
        .selectFrom(table)
        .selectAll()
        .orderBy('tenant_id')
        .execute();
      expect(rows).toEqual(
        [row, { ...row, tenant_id: otherId }].map((each) => expect.objectContaining(each)),
      );
    }
    await useRows(last);
  });

  test('are run by one of two runners that start at once, the other finding nothing to do', async () => {
    const runners = [database, testDatabase.open(), testDatabase.open()];
    const answers = await Promise.all(runners.map((runner) => migrate(runner)));
    expect(answers.flat()).toEqual(names);
    expect(await namesRun()).toEqual(names);
  });

  test('leave nothing behind when one of them breaks off, and run once it is mended', async () => {
    const known = upTo(earlier[0] ?? '');
    await migrate(database, known);
    const before = await tables();
    const broken = {
      ...migrations,
      '9998-half': {
        up: async (db: Kysely<unknown>) => {
          await db.schema.createTable('half_a_table').addColumn('id', 'integer').execute();
          await sql`insert into tenants (tenant_id) values (${tenantId})`.execute(db);
        },
      },
    };
    await expect(migrate(database, broken)).rejects.toMatchObject({
      name: 'StoreError',
      failure: 'outdated',
    });
    expect(await tables()).toEqual(before);
    expect(await namesRun()).toEqual(Object.keys(known));
    expect(await migrate(database)).toEqual(names.slice(1));
  });

  test('tell a mistake in a migration as it is', async () => {
    const mistake = new TypeError('a mistake');
    const broken = { ...migrations, '9998-mistake': { up: () => Promise.reject(mistake) } };
    await expect(migrate(database, broken)).rejects.toBe(mistake);
    expect(await tables()).toEqual([]);
  });
});

describe('a database', () => {
  test('of a newer version is refused, and left as it is', async () => {
    const newer = { ...migrations, '9999-later': { up: () => Promise.resolve() } };
    await migrate(database, newer);
    const refusal = { name: 'StoreError', failure: 'outdated', code: 'migrationsOfAnotherVersion' };
    await expect(migrate(database)).rejects.toMatchObject(refusal);
    await expect(assertUpToDate(database)).rejects.toMatchObject(refusal);
    await expect(openStore(testDatabase.settings)).rejects.toMatchObject(refusal);
    expect(await namesRun()).toEqual([...names, '9999-later']);
  });

  test('that lacks migrations is told from one that is up to date', async () => {
    await expect(assertUpToDate(database)).rejects.toMatchObject({ failure: 'outdated', code: names[0] });
    await migrate(database, upTo(names[1] ?? ''));
    await expect(assertUpToDate(database)).rejects.toMatchObject({ failure: 'outdated', code: names[2] });
  });

  test('without a schema makes every use fail as outdated', async () => {
    const store = makeStore(database);
    for (const use of [
      () => store.tenants.ids(),
      () => store.users.page(tenantId, 0, 1),
      () => store.licences.find(tenantId),
    ]) {
      await expect(use()).rejects.toMatchObject({ name: 'StoreError', failure: 'outdated' });
    }
  });
});

const soleKeys = new Set(['tenants.tenant_id', 'erasure_receipts.sequence']);

function owner(table: string): [string, z.ZodType][] {
  return table in tenantTables ? [['tenant_id', z.string()]] : [];
}

const at = now.toISOString();
const rows: [since: string, table: string, row: Record<string, string | number | null>][] = [
  [
    '0001',
    'tenants',
    { tenant_id: tenantId, microsoft_tenant_id: 'm', ring_central_account_id: 'r', created_at: at },
  ],
  ['0001', 'mappings', { tenant_id: tenantId, user_id: 'ada', extension_id: '101', shard: 0 }],
  [
    '0002',
    'vendor_subscriptions',
    {
      tenant_id: tenantId,
      vendor: 'graph',
      shard: 0,
      subscription_id: 's-1',
      fingerprint: 'f-1',
      expires_at: at,
      renewed_at: at,
      attention: null,
    },
  ],
  ['0003', 'delivery_attempts', { tenant_id: tenantId, side: 'teams', target_id: 'ada', revision: 1 }],
];

/** What a database of that version holds. */
function rowsOf(last: string): [string, Record<string, string | number | null>][] {
  return rows.filter(([since]) => since <= last).map(([, table, row]) => [table, row]);
}

/** What the product makes of those rows now. */
async function useRows(last: string): Promise<void> {
  const store = makeStore(database);
  expect(await store.tenants.find(tenantId)).toEqual(aTenant);
  await store.mappings.add(tenantId, [{ userId: 'bob', extensionId: '102', shard: 0 }], now);
  expect(await store.seated.ofExtensions(tenantId, ['101', '102'])).toHaveLength(2);
  const key = { tenantId, vendor: 'graph', shard: 0 } as const;
  const subscription = await store.vendorSubscriptions.find(key);
  expect(subscription?.subscriptionId).toBe(last >= '0002' ? 's-1' : undefined);
  const repeated = await store.deliveryAttempts.begin(tenantId, 'teams', [{ targetId: 'ada', revision: 1 }]);
  expect([...repeated]).toEqual(last >= '0003' ? ['ada'] : []);
}
