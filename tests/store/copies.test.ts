/** What copies take from the tables: all of a tenant's rows and nobody else's, in a stable order, whatever comes and goes. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { companyCopyParts } from '../../domain/company-copy.ts';
import type { CopiedTable } from '../../domain/data-map.ts';
import { openDatabase } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { EmbeddedDialect } from '../../store/sqlite/dialect.ts';
import { makeStore, type Store } from '../../store/store.ts';
import type { Row } from '../../store/tables.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { aTenant, aUser, many, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

/** All of the tenant's rows, `size` at a time. */
async function all<T extends CopiedTable>(table: T, size: number): Promise<Row<T>[]> {
  const rows: Row<T>[] = [];
  for (;;) {
    const page = await store.copies.rows(tenantId, table, { after: rows.at(-1), size });
    rows.push(...page);
    if (page.length < size) return rows;
  }
}

test('pages of any size come to all rows of the tenant, each once, in the order of their key', async () => {
  const ids = many(7, (id) => id);
  const users = ids.map((id) => aUser(id, { mail: null })).toReversed();
  await store.users.upsert(tenantId, users, now);
  await store.users.upsert(otherId, [aUser('00003', { mail: 'theirs@example.com' })], now);
  for (const size of [1, 3, 7, 8]) {
    const rows = await all('users', size);
    expect(rows.map((row) => row.user_id)).toEqual(ids);
    expect(rows.map((row) => row.mail)).toEqual(ids.map(() => null));
  }
});

test('a key of several columns is followed through all of them', async () => {
  const attempts = many(3, (targetId) => ({ targetId, revision: 1 }));
  await store.deliveryAttempts.begin(tenantId, 'teams', attempts);
  await store.deliveryAttempts.begin(tenantId, 'ringCentral', attempts);
  await store.deliveryAttempts.begin(otherId, 'teams', attempts);
  for (const size of [1, 2, 4]) {
    const rows = await all('delivery_attempts', size);
    expect(rows.map((row) => `${row.side} ${row.target_id}`)).toEqual([
      ...attempts.map(({ targetId }) => `ringCentral ${targetId}`),
      ...attempts.map(({ targetId }) => `teams ${targetId}`),
    ]);
  }
});

test('a table of one row is read whole, and has nothing after it', async () => {
  await store.tenants.add(aTenant, now);
  expect(await all('tenants', 1)).toEqual([
    { microsoft_tenant_id: 'm', ring_central_account_id: 'r', created_at: now.toISOString() },
  ]);
});

test('no row is passed by when those before it go in the middle of the reading', async () => {
  await store.users.upsert(
    tenantId,
    many(4, (id) => aUser(id)),
    now,
  );
  const first = await store.copies.rows(tenantId, 'users', { size: 2 });
  await store.users.remove(tenantId, ['00000', '00001']);
  const rest = await store.copies.rows(tenantId, 'users', { after: first.at(-1), size: 2 });
  expect(rest.map((row) => row.user_id)).toEqual(['00002', '00003']);
});

test('every table of the copy can be read', async () => {
  for (const table of companyCopyParts().tables) expect([table, await all(table, 5)]).toEqual([table, []]);
});

test('rows are told apart by the whole key that their table has', async () => {
  // A file of its own, because only SQLite tells its keys in this way.
  const embedded = openDatabase(new EmbeddedDialect(':memory:'));
  const asked: string[] = [];
  try {
    await migrate(embedded);
    for (const table of companyCopyParts().tables) {
      const columns = await sql<{
        name: string;
        pk: number;
      }>`select name, pk from pragma_table_info(${table})`
        .execute(embedded.whole)
        .then(({ rows }) => rows.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk));
      await store.copies.rows(tenantId, table, { size: 10 });
      asked.push(`${table} order by ${columns.map(({ name }) => `"${name}"`).join(', ')}`);
    }
  } finally {
    await embedded.close();
  }
  const made = database.statements.filter((statement) => statement.includes(' order by "tenant_id"'));
  expect(made.map((each) => each.replace(/^.* from "(\w+)".* (order by .*) offset .*$/, '$1 $2'))).toEqual(
    asked,
  );
});
