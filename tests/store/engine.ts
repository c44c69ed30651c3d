/**
 * The database that the store's tests run on: a SQLite file of their own, or with `npm run test:store` the SQL Server that
 * the environment names. Every query made through it is heard, and known to the snapshot of our statements.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { sql, type Dialect } from 'kysely';
import { readDatabaseConfig } from '../../config.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { sqlServerConfig } from '../../store/sql-server/config.ts';
import { SqlServerDialect } from '../../store/sql-server/dialect.ts';
import { EmbeddedDialect } from '../../store/sqlite/dialect.ts';
import type { DatabaseSettings } from '../../store/store.ts';
import { commonTables, tenantTables } from '../../store/tables.ts';
import { heard, type Query } from './statements.ts';

declare global {
  /** Set by jest's project `store`. */
  var storeOfEnvironment: boolean | undefined;
}

/** True where the tests run on the server that the environment names, if it names one. */
const onServer = globalThis.storeOfEnvironment === true && process.env['SQL_SERVER'] !== undefined;

export interface TestDatabase {
  readonly settings: DatabaseSettings;
  /** What was asked through the databases opened here, in T-SQL, in order. */
  readonly statements: readonly string[];
  /** Another connection to the same database; closed with it. */
  open(): Database;
  /** Leaves nothing behind. Fails where a query was made that the snapshot of our statements does not hold. */
  remove(): Promise<void>;
}

/** `product`: only the store's own queries are made through it. `adHoc`: the test makes its own, too. */
type Use = 'product' | 'adHoc';

/** An empty database, without a schema. */
export async function anEmptyDatabase(use: Use = 'adHoc'): Promise<TestDatabase> {
  const directory = onServer ? undefined : mkdtempSync(join(tmpdir(), 'store-'));
  const settings: DatabaseSettings =
    directory === undefined ? serverSettings() : { file: join(directory, 'sql', 'hub.sqlite') };
  const opened: Database[] = [];
  const statements: string[] = [];
  const note = (query: Query) => statements.push(query.statement);
  if (directory === undefined) await dropTables(settings);
  return {
    settings,
    statements,
    open: () => {
      const database = openDatabase(heard(dialectFor(settings), note));
      opened.push(database);
      return database;
    },
    remove: async () => {
      for (const database of opened) await database.close();
      if (directory === undefined) await dropTables(settings);
      else rmSync(directory, { recursive: true });
      if (use === 'product') assertKnown(statements);
    },
  };
}

/** A database with the newest schema and no rows. */
export async function aDatabase(use: Use = 'product'): Promise<TestDatabase> {
  const database = await anEmptyDatabase(use);
  const unheard = openDatabase(dialectFor(database.settings));
  await migrate(unheard);
  await unheard.close();
  return database;
}

function dialectFor(settings: DatabaseSettings): Dialect {
  if ('file' in settings) return new EmbeddedDialect(settings.file);
  return new SqlServerDialect(sqlServerConfig(settings));
}

/** In tests a server elsewhere may have a certificate of its own making, or none. */
function serverSettings(): DatabaseSettings {
  const { SQL_ENCRYPT: encrypt, SQL_TRUST_SERVER_CERTIFICATE: trust, ...environment } = process.env;
  return {
    ...readDatabaseConfig(environment),
    encrypt: encrypt !== 'false',
    trustServerCertificate: trust === 'true',
  };
}

const ours = [
  ...Object.keys(tenantTables),
  ...Object.keys(commonTables),
  'kysely_migration',
  'kysely_migration_lock',
];

async function dropTables(settings: DatabaseSettings): Promise<void> {
  const database = openDatabase(dialectFor(settings));
  const tables = await database.whole.introspection.getTables({ withInternalKyselyTables: true });
  for (const { name } of tables) {
    if (ours.includes(name)) await sql`drop table ${sql.table(name)}`.execute(database.whole);
  }
  await database.close();
}

const snapshot = join(import.meta.dirname, '__snapshots__', 'statements.test.ts.snap');

/** The snapshot is written by `every-operation.ts`: a statement that it lacks comes of a branch that is not exercised there. */
function assertKnown(statements: readonly string[]): void {
  const known = new Set(readFileSync(snapshot, 'utf8').split('\n'));
  expect([...new Set(statements)].filter((statement) => !known.has(`${statement};`))).toEqual([]);
}
