/**
 * What the store asks SQL Server, operation by operation: a change of any statement shows here. Servers of its protocol that
 * are not SQL Server run these, too, so they are as plain as can be.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import { commonTables, tenantTables } from '../../store/tables.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { everyOperation } from './every-operation.ts';
import { migrationStatements } from './migration-statements.ts';

let database: TestDatabase;
let store: Store;
const statements = new Map<string, readonly string[]>();

beforeAll(async () => {
  database = await aDatabase('adHoc');
  store = makeStore(database.open());
  for (const [operation, use] of Object.entries(everyOperation)) {
    const before = database.statements.length;
    await use(store);
    statements.set(operation, [...new Set(database.statements.slice(before))]);
  }
});

afterAll(() => database.remove());

const all = (): string[] => [...new Set([...statements.values()].flat())];
const tableOf = (statement: string): string =>
  /^(?:insert into|update|.*? from) "(\w+)"/.exec(statement)?.[1] ?? '';

describe('the statements in T-SQL', () => {
  test('are made by every operation that the store has', () => {
    const { close: _close, ...repositories } = store;
    const operations = Object.entries(repositories).flatMap(([repository, itsOperations]) =>
      Object.keys(itsOperations).map((operation) => `${repository}.${operation}`),
    );
    expect([...statements.keys()].toSorted()).toEqual(operations.toSorted());
    for (const [operation, made] of statements) expect([operation, made.length]).not.toEqual([operation, 0]);
  });

  test.each(Object.keys(everyOperation))('of %s', (operation) => {
    expect(
      `\n${(statements.get(operation) ?? []).map((statement) => `${statement};\n`).join('')}`,
    ).toMatchSnapshot();
  });

  test('of the migrations', async () => {
    const made = await migrationStatements();
    expect(`\n${made.map((statement) => `${statement};\n`).join('')}`).toMatchSnapshot();
  });

  test('name a table of ours first', () => {
    const known = [...Object.keys(tenantTables), ...Object.keys(commonTables)];
    for (const statement of all()) expect(known).toContain(tableOf(statement));
  });

  test('are kept to one tenant, but for those that ask whose turn it is', () => {
    const acrossTenants = new Set([
      ...(statements.get('tenants.ids') ?? []),
      ...(statements.get('dueDeletions.due') ?? []),
      ...(statements.get('subscriptions.unbegun') ?? []),
      ...(statements.get('tenantRows.tenantIds') ?? []),
    ]);
    expect(acrossTenants.size).toBe(9);
    const owned = all().filter((each) => tableOf(each) in tenantTables && !acrossTenants.has(each));
    expect(owned.length).toBeGreaterThan(60);
    for (const statement of owned) {
      const table = tableOf(statement);
      if (statement.startsWith('insert'))
        expect(statement).toContain(`insert into "${table}" ("tenant_id", `);
      else
        expect(statement).toMatch(
          new RegExp(`where (?:"${table}"\\.)?"?tenant_id"? = @(?: and |$| order by )`),
        );
    }
  });

  test('are selects, inserts, updates and deletes, and nothing fancy', async () => {
    for (const statement of all()) expect(statement).toMatch(/^(select|insert into|update|delete from) /);
    for (const statement of [...all(), ...(await migrationStatements())]) {
      expect(statement).not.toMatch(
        /\b(merge|limit|on conflict|returning|output|top|exec|declare|for update)\b/i,
      );
      expect(statement).not.toMatch(/^with\b|if not exists|["`]\s*collate|[`;]/i);
      expect(statement.replaceAll(' with (updlock, holdlock)', '')).not.toMatch(/\bwith\b/i);
    }
  });

  test('take pages of what is in order', () => {
    const paged = all().filter((statement) => /offset|fetch/.test(statement));
    expect(paged.length).toBeGreaterThan(5);
    for (const statement of paged) {
      expect(statement).toMatch(/ order by .* offset (?:@|0) rows fetch next @ rows only$/);
    }
  });

  test('lock what they read before they write', () => {
    for (const [operation, made] of statements) {
      if (!made.some((statement) => statement.startsWith('insert'))) continue;
      expect([operation, made[0]]).toEqual([operation, expect.stringContaining(' with (updlock, holdlock)')]);
    }
  });
});
