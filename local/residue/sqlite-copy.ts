/** Reads a SQLite file as it is on the disk, from a copy: neither is it changed, nor is whoever has it open disturbed. */
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

export function isSqlite(file: string): boolean {
  const magic = Buffer.alloc(16);
  const handle = openSync(file, 'r');
  readSync(handle, magic);
  closeSync(handle);
  return magic.toString('latin1') === 'SQLite format 3\0';
}

/** What a database holds. */
export interface SqliteCopy {
  readonly tables: readonly string[];
  /** No rows where there is no such table. */
  rows(table: string): Row[];
}

/** Answers what `read` makes of the database; afterwards the copy is gone. */
export function readSqlite<T>(file: string, read: (copy: SqliteCopy) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-copy-'));
  try {
    const copy = join(folder, 'copy.sqlite');
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const database = new DatabaseSync(copy);
    try {
      return read(contentsOf(database));
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function contentsOf(database: DatabaseSync): SqliteCopy {
  const all = (query: string): Row[] => database.prepare(query).all();
  const tables = all("select name from sqlite_master where type = 'table'").map(({ name }) => String(name));
  return {
    tables,
    rows: (table) => (tables.includes(table) ? all(`select * from "${table.replaceAll('"', '""')}"`) : []),
  };
}
