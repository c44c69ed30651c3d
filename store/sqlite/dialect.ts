/** Kysely's SQLite dialect, made for better-sqlite3, on Node's own `node:sqlite`. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CompiledQuery,
  type Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely';
import { StoreError } from '../../domain/store-error.ts';
import type { CommonSchema } from '../tables.ts';
import { SqliteQueryCompiler } from './query-compiler.ts';

/** How long a writer waits for another's, in milliseconds: not long, because the whole process waits with it. */
const busyTimeoutMs = 50;

/** A dialect on the file at `path`, which is made when missing; `:memory:` lives as long as the connection. */
export class EmbeddedDialect extends SqliteDialect {
  readonly #path: string;

  constructor(path: string) {
    super({ database: () => Promise.resolve(open(path)) });
    this.#path = path;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: () => Promise.resolve(open(this.#path)) });
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }

  override createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
}

/** A transaction that reads before it writes must have the file to itself from its begin: taken later, the lock may be refused. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** SQLite rolls back changes of the schema, too: a migration that breaks off leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const gatheringMs = 100;
const mostPrepared = 500;
const rebuild = CompiledQuery.raw('VACUUM');
const checkpoint = CompiledQuery.raw('PRAGMA wal_checkpoint(TRUNCATE)');

/**
 * Builds all pages anew, because parts of keys stay in what pages of an index do not use, secure deletion or not; then
 * empties the write-ahead log, which holds pages as they were before. Waits a moment first, because it costs the same for one
 * erasure and for all that come within that moment. Rejects where somebody else is reading the file.
 */
export async function scrubFiles(db: Kysely<CommonSchema>): Promise<void> {
  await pause(gatheringMs);
  await db.executeQuery(rebuild);
  const { rows } = await db.executeQuery<{ busy: number }>(checkpoint);
  if (rows.some(({ busy }) => busy !== 0)) throw new StoreError('unavailable', 'CHECKPOINT');
}

function open(path: string): SqliteDatabase {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  // What is deleted is overwritten, and no copy is made of the file while it is rebuilt.
  database.exec('PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
  // The same few statements come again and again; the builder gives values as parameters.
  const prepared = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = adaptStatement(database.prepare(sql));
    if (prepared.size < mostPrepared) prepared.set(sql, statement);
    return statement;
  };
  return { close: () => database.close(), prepare };
}

type Parameters = Parameters_<StatementSync['all']>;
type Parameters_<F> = F extends (...parameters: infer P) => unknown ? P : never;

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as Parameters)),
    run: (parameters) => {
      const { changes, lastInsertRowid } = statement.run(...(parameters as Parameters));
      return { changes, lastInsertRowid };
    },
    iterate: (parameters) => statement.iterate(...(parameters as Parameters)),
  };
}
