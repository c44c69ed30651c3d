/** Brings a database's schema up to date, or tells that it is not. */
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration';
import type { Kysely, Transaction } from 'kysely';
import { StoreError } from '../domain/store-error.ts';
import type { Database } from './database.ts';
import { migrations } from './migrations.ts';
import { withPatience } from './patience.ts';
import type { CommonSchema } from './tables.ts';

/**
 * Runs the migrations that have not run yet, all or none, one runner at a time; answers their names. Rejects with
 * `StoreError` (`outdated`) where the database is of a newer version than this.
 */
export async function migrate({ whole }: Database, known = migrations): Promise<string[]> {
  try {
    // One transaction for all of it: Kysely by itself would lock before it begins one, and so for no time at all.
    return await withPatience(() => whole.transaction().execute((transaction) => runAll(transaction, known)));
  } catch (error) {
    throw migrationTrouble(error);
  }
}

async function runAll(db: Transaction<CommonSchema>, known: typeof migrations): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(known) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return results.map((result) => result.migrationName);
}

/** Rejects with `StoreError` (`outdated`) where migrations have to be run first, or the database is of a newer version. */
export async function assertUpToDate({ whole }: Database): Promise<void> {
  const run = await withPatience(() => namesOfRun(whole as unknown as Kysely<WithMigrations>));
  const missing = Object.keys(migrations).find((name) => !run.has(name));
  if (missing !== undefined) throw new StoreError('outdated', missing);
  if (run.size > Object.keys(migrations).length) throw new StoreError('outdated', ofAnotherVersion);
}

type WithMigrations = Record<typeof DEFAULT_MIGRATION_TABLE, { name: string }>;

async function namesOfRun(db: Kysely<WithMigrations>): Promise<Set<string>> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.every((table) => table.name !== DEFAULT_MIGRATION_TABLE)) return new Set();
  const rows = await db.selectFrom(DEFAULT_MIGRATION_TABLE).select('name').execute();
  return new Set(rows.map((row) => row.name));
}

const ofAnotherVersion = 'migrationsOfAnotherVersion';

/** What Kysely finds wrong with the list of migrations is no driver's error: the list is another version's. */
function migrationTrouble(error: unknown): unknown {
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) {
    return new StoreError('outdated', ofAnotherVersion);
  }
  if (!(error instanceof StoreError)) return error;
  // What a migration finds is not what the version before has left.
  const isUnfit = error.failure === 'rejected' || error.failure === 'conflict';
  return isUnfit ? new StoreError('outdated', error.code) : error;
}
