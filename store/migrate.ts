/** Brings a database's schema up to date, or tells that it is not. */
import { Migrator } from 'kysely/migration';
import { StoreError } from '../domain/store-error.ts';
import type { Database } from './database.ts';
import { migrations } from './migrations.ts';
import { storeTrouble } from './trouble.ts';

function migratorOf({ whole }: Database, known: typeof migrations): Migrator {
  return new Migrator({ db: whole, provider: { getMigrations: () => Promise.resolve(known) } });
}

/**
 * Runs the migrations that have not run yet, all or none, one runner at a time; answers their names. Rejects with
 * `StoreError` (`outdated`) where the database is of a newer version than this.
 */
export async function migrate(database: Database, known = migrations): Promise<string[]> {
  const { error, results = [] } = await migratorOf(database, known).migrateToLatest();
  if (error !== undefined) throw migrationTrouble(error);
  return results.map((result) => result.migrationName);
}

/** Rejects with `StoreError` (`outdated`) where migrations have to be run first, or the database is of a newer version. */
export async function assertUpToDate(database: Database): Promise<void> {
  let known: Awaited<ReturnType<Migrator['getMigrations']>>;
  try {
    known = await migratorOf(database, migrations).getMigrations();
  } catch (error) {
    throw migrationTrouble(error);
  }
  const missing = known.find((migration) => migration.executedAt === undefined);
  if (missing !== undefined) throw new StoreError('outdated', missing.name);
}

/** What Kysely finds wrong with the list of migrations is no driver's error: the list is another version's. */
function migrationTrouble(error: unknown): StoreError {
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) {
    return new StoreError('outdated', 'migrationsOfAnotherVersion');
  }
  const trouble = storeTrouble(error);
  // What a migration finds is not what the version before has left.
  const isUnfit = trouble.failure === 'rejected' || trouble.failure === 'conflict';
  return isUnfit ? new StoreError('outdated', trouble.code) : trouble;
}
