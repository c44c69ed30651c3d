/**
 * The database that the store's tests run on: a SQLite file of their own, or with `npm run test:store` the SQL Server that
 * the environment names.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { readDatabaseConfig } from '../../config.ts';
import type { Database } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { openSettings, type DatabaseSettings } from '../../store/store.ts';
import { commonTables, tenantTables } from '../../store/tables.ts';

declare global {
  /** Set by jest's project `store`. */
  var storeOfEnvironment: boolean | undefined;
}

/** True where the tests run on the server that the environment names, if it names one. */
export const onServer = globalThis.storeOfEnvironment === true && process.env['SQL_SERVER'] !== undefined;

export interface TestDatabase {
  readonly settings: DatabaseSettings;
  /** Another connection to the same database; closed with it. */
  open(): Database;
  /** Leaves nothing behind. */
  remove(): Promise<void>;
}

/** An empty database, without a schema. */
export async function anEmptyDatabase(): Promise<TestDatabase> {
  const directory = onServer ? undefined : mkdtempSync(join(tmpdir(), 'store-'));
  const settings: DatabaseSettings =
    directory === undefined ? serverSettings() : { file: join(directory, 'sql', 'hub.sqlite') };
  const opened: Database[] = [];
  const open = (): Database => {
    const database = openSettings(settings);
    opened.push(database);
    return database;
  };
  if (directory === undefined) await dropTables(open());
  return {
    settings,
    open,
    remove: async () => {
      if (directory === undefined) await dropTables(open());
      for (const database of opened) await database.close();
      if (directory !== undefined) rmSync(directory, { recursive: true });
    },
  };
}

/** A database with the newest schema and no rows. */
export async function aDatabase(): Promise<TestDatabase> {
  const database = await anEmptyDatabase();
  await migrate(database.open());
  return database;
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

async function dropTables({ whole }: Database): Promise<void> {
  const tables = await whole.introspection.getTables({ withInternalKyselyTables: true });
  for (const { name } of tables)
    if (ours.includes(name)) await sql`drop table ${sql.table(name)}`.execute(whole);
}
