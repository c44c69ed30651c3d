/** Tenants are kept apart by the way queries are made, not by care: within a scope no query reaches another tenant's rows. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql, type Kysely } from 'kysely';
import { StoreError } from '../../domain/store-error.ts';
import type { Database, TenantScope } from '../../store/database.ts';
import { makeStore } from '../../store/store.ts';
import type { TenantSchema } from '../../store/tables.ts';
import { aDatabase } from './engine.ts';
import { now, otherId, tenantId } from './samples.ts';

type Db = Kysely<TenantSchema>;

const testDatabase = await aDatabase('adHoc');
const database: Database = testDatabase.open();
const store = makeStore(database);
const mine: TenantScope = database.inTenant(tenantId);
const theirs: TenantScope = database.inTenant(otherId);

const mapping = (tenant: string, person: string) => ({
  userId: person,
  extensionId: `${tenant[0]}-${person}`,
  shard: 0,
});

beforeEach(async () => {
  for (const tenant of [tenantId, otherId]) {
    await database.inTenant(tenant).db.deleteFrom('mappings').execute();
    await store.mappings.add(tenant, [mapping(tenant, 'ada'), mapping(tenant, 'bob')], now);
  }
});

afterAll(() => testDatabase.remove());

const myRows = ['0-ada', '0-bob'];

/** What of the other tenant's is there, told by its own scope. */
const theirRows = () => store.mappings.page(otherId, 0, 10);

/** Ways to read, each of which would see the other tenant's rows, were it not for the scope. */
const readings: [string, (db: Db) => Promise<unknown>, unknown][] = [
  [
    'everything',
    async (db) => {
      const rows = await db.selectFrom('mappings').select('extension_id').orderBy('extension_id').execute();
      return rows.map((row) => row.extension_id);
    },
    myRows,
  ],
  [
    'under another name',
    async (db) => {
      const rows = await db
        .selectFrom('mappings as m')
        .select('m.extension_id')
        .orderBy('m.extension_id')
        .execute();
      return rows.map((row) => row.extension_id);
    },
    myRows,
  ],
  [
    'by a condition with an or',
    async (db) => {
      const rows = await db
        .selectFrom('mappings')
        .select('extension_id')
        .where((is) => is.or([is('user_id', '=', 'ada'), is('shard', '>=', 0)]))
        .orderBy('extension_id')
        .execute();
      return rows.map((row) => row.extension_id);
    },
    myRows,
  ],
  [
    'by an or that is chained',
    async (db) => {
      const rows = await db
        .selectFrom('mappings')
        .select('extension_id')
        .where((is) => is('user_id', '=', 'nobody').or('extension_id', '=', '1-ada').or('shard', '=', 0))
        .orderBy('extension_id')
        .execute();
      return rows.map((row) => row.extension_id);
    },
    myRows,
  ],
  [
    'by the negation of a condition',
    async (db) => {
      const rows = await db
        .selectFrom('mappings')
        .select('extension_id')
        .where((is) => is.not(is('user_id', '=', 'ada')))
        .execute();
      return rows.map((row) => row.extension_id);
    },
    ['0-bob'],
  ],
  [
    'their key',
    (db) => db.selectFrom('mappings').selectAll().where('extension_id', '=', '1-ada').execute(),
    [],
  ],
  [
    'a count',
    async (db) => {
      const { n } = await db
        .selectFrom('mappings')
        .select((of) => of.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return n;
    },
    2,
  ],
  [
    'a maximum',
    async (db) => {
      const row = await db
        .selectFrom('mappings')
        .select((of) => of.fn.max('extension_id').as('last'))
        .executeTakeFirstOrThrow();
      return row.last;
    },
    '0-bob',
  ],
  [
    'counts by group',
    async (db) => {
      const rows = await db
        .selectFrom('mappings')
        .select(['user_id', (of) => of.fn.countAll<number>().as('n')])
        .groupBy('user_id')
        .having((is) => is(is.fn.countAll(), '>', 1))
        .execute();
      return rows;
    },
    [],
  ],
  [
    'a query within the query',
    async (db) => {
      const rows = await db
        .selectFrom('mappings')
        .select('extension_id')
        .where('extension_id', 'in', (of) => of.selectFrom('mappings as inner').select('inner.extension_id'))
        .where((is) =>
          is.exists(
            is
              .selectFrom('mappings as theirs')
              .select('theirs.shard')
              .where('theirs.extension_id', '=', '1-ada'),
          ),
        )
        .execute();
      return rows;
    },
    [],
  ],
  [
    'a column that is a query',
    async (db) => {
      const row = await db
        .selectFrom('mappings')
        .select((of) =>
          of
            .selectFrom('mappings as theirs')
            .select((its) => its.fn.max('theirs.extension_id').as('last'))
            .as('found'),
        )
        .executeTakeFirstOrThrow();
      return row.found;
    },
    '0-bob',
  ],
  [
    'a union',
    async (db) => {
      const rows = await db
        .selectFrom('mappings')
        .select('extension_id')
        .unionAll(db.selectFrom('mappings').select('extension_id').where('extension_id', '=', '1-ada'))
        .execute();
      return rows.length;
    },
    2,
  ],
];

describe('in a scope', () => {
  test.each(readings)('reading %s shows no other tenant’s rows', async (_how, read, expected) => {
    expect(await read(mine.db)).toEqual(expected);
    expect(await mine.together(({ db }) => read(db))).toEqual(expected);
  });

  test('updates and deletions leave other tenants’ rows alone', async () => {
    const before = await theirRows();
    await mine.db.updateTable('mappings').set({ shard: 9 }).execute();
    await mine.db
      .updateTable('mappings')
      .set({ shard: 9 })
      .where((is) => is.or([is('user_id', '=', 'x'), is('shard', '>=', 0)]))
      .execute();
    await mine.db.updateTable('mappings').set({ shard: 8 }).where('extension_id', '=', '1-ada').execute();
    expect(await theirRows()).toEqual(before);
    await mine.db.deleteFrom('mappings').where('extension_id', '=', '1-ada').execute();
    await mine.db
      .deleteFrom('mappings')
      .where((is) => is.or([is('user_id', '=', 'x'), is('shard', '>=', 0)]))
      .execute();
    expect(await store.mappings.page(tenantId, 0, 10)).toEqual([]);
    expect(await theirRows()).toEqual(before);
  });

  test('inserted rows are the tenant’s own, one or many', async () => {
    const row = (name: string) => ({
      user_id: name,
      extension_id: name,
      shard: 0,
      assigned_at: now.toISOString(),
      seated: 1,
      enrolled: 0,
    });
    await mine.db.insertInto('mappings').values(row('cyd')).execute();
    await theirs.db
      .insertInto('mappings')
      .values([row('cyd'), row('dan')])
      .execute();
    expect(await store.mappings.ofUsers(tenantId, ['cyd', 'dan'])).toHaveLength(1);
    expect(await store.mappings.ofUsers(otherId, ['cyd', 'dan'])).toHaveLength(2);
  });

  test('the same key is another row for each tenant', async () => {
    for (const scope of [mine, theirs]) {
      await scope.db.deleteFrom('delivery_attempts').execute();
      const row = { side: 'teams' as const, target_id: 'ada', revision: 1 };
      await scope.db.insertInto('delivery_attempts').values(row).execute();
    }
    await mine.db.updateTable('delivery_attempts').set({ revision: 2 }).execute();
    const held = await theirs.db.selectFrom('delivery_attempts').select('revision').execute();
    expect(held).toEqual([{ revision: 1 }]);
  });
});

const anyDb = mine.db as unknown as Kysely<Record<string, Record<string, unknown>>>;

/** Queries that the scope cannot complete. */
const refused: [string, () => { execute(): Promise<unknown> }][] = [
  [
    'a join',
    () => mine.db.selectFrom('mappings').innerJoin('users', 'users.user_id', 'mappings.user_id').selectAll(),
  ],
  ['two tables', () => mine.db.selectFrom(['mappings', 'users']).select('mappings.shard')],
  ['a table of nobody’s', () => anyDb.selectFrom('erasure_receipts').selectAll()],
  ['a table we do not know', () => anyDb.selectFrom('sqlite_master').selectAll()],
  ['a table that is named like something of every object', () => anyDb.selectFrom('constructor').selectAll()],
  ['no table', () => mine.db.selectNoFrom((of) => of.val(1).as('one'))],
  [
    'a table made up of a query',
    () => mine.db.selectFrom((of) => of.selectFrom('mappings').selectAll().as('m')).selectAll(),
  ],
  ['an update from another table', () => mine.db.updateTable('mappings').from('users').set({ shard: 1 })],
  ['a deletion using another table', () => mine.db.deleteFrom('mappings').using('users')],
  ['rows given away to another tenant', () => anyDb.updateTable('mappings').set({ tenant_id: otherId })],
  ['rows given away by a reference', () => anyDb.updateTable('mappings').set('tenant_id', otherId)],
  [
    'rows inserted for another tenant',
    () =>
      anyDb.insertInto('mappings').values({ tenant_id: otherId, user_id: 'x', extension_id: 'x', shard: 0 }),
  ],
  [
    'rows inserted from a query',
    () =>
      mine.db
        .insertInto('mappings')
        .columns(['user_id', 'extension_id', 'shard'])
        .expression((of) => of.selectFrom('mappings').select(['user_id', 'extension_id', 'shard'])),
  ],
  ['rows without values', () => anyDb.insertInto('mappings').defaultValues()],
  ['a change of the schema', () => mine.db.schema.dropTable('mappings')],
  [
    'a merge',
    () =>
      mine.db
        .mergeInto('mappings')
        .using('users', 'users.user_id', 'mappings.user_id')
        .whenMatched()
        .thenDelete(),
  ],
  [
    'a condition in raw SQL',
    () =>
      mine.db
        .selectFrom('mappings')
        .selectAll()
        .where(sql<boolean>`1 = 0 or 1 = 1`),
  ],
  [
    'a column in raw SQL',
    () =>
      mine.db.selectFrom('mappings').select(sql<string>`(select max(extension_id) from mappings)`.as('last')),
  ],
  [
    'a value in raw SQL',
    () => mine.db.updateTable('mappings').set({ shard: sql<number>`(select max(shard) from mappings)` }),
  ],
];

describe('a scope refuses', () => {
  test.each(refused)('%s', async (_what, make) => {
    const before = await theirRows();
    const attempt = async () => make().execute();
    await expect(attempt()).rejects.toThrow('A query cannot be kept to one tenant');
    expect(await theirRows()).toEqual(before);
    expect(await store.mappings.page(tenantId, 0, 10)).toHaveLength(2);
  });

  test('a query in raw SQL', async () => {
    await expect(sql`delete from mappings`.execute(mine.db)).rejects.toThrow('kept to one tenant');
    expect(await theirRows()).toHaveLength(2);
  });

  test.each([
    '',
    'tenant',
    `${tenantId}0`,
    ` ${tenantId}`,
    `${tenantId}' or 1=1 --`,
    '0f6a8e9e4d5f4c8a9a523d6f0a3f1c11',
    'ı'.repeat(36),
  ])('%j as a tenant id', async (id) => {
    expect(() => database.inTenant(id)).toThrow(new StoreError('rejected', 'tenant_id'));
    await expect(store.tenants.find(id)).rejects.toEqual(new StoreError('rejected', 'tenant_id'));
    await expect(store.users.upsert(id, [], new Date(0))).rejects.toMatchObject({ failure: 'rejected' });
  });
});
