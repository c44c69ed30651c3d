/** Lets Kysely's SQLite dialect, made for better-sqlite3, run on Node's own `node:sqlite`. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';

/** How long a writer waits for another process's writer, in milliseconds. */
const busyTimeoutMs = 5000;

/** A dialect on the file at `path`, which is made when missing; `:memory:` lives as long as the connection. */
export function sqliteDialect(path: string): SqliteDialect {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  const adapted: SqliteDatabase = {
    close: () => database.close(),
    prepare: (sql) => adaptStatement(database.prepare(sql)),
  };
  return new SqliteDialect({ database: adapted });
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
