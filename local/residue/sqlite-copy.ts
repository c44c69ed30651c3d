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

export class SqliteCopy implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sqlite-copy-'));
  readonly #database: DatabaseSync;

  constructor(file: string) {
    const copy = join(this.#folder, 'copy.sqlite');
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    this.#database = new DatabaseSync(copy);
  }

  tables(): string[] {
    return this.#all("select name from sqlite_master where type = 'table'").map(({ name }) => String(name));
  }

  /** No rows where there is no such table. */
  rows(table: string): Row[] {
    if (!this.tables().includes(table)) return [];
    return this.#all(`select * from "${table.replaceAll('"', '""')}"`);
  }

  [Symbol.dispose](): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #all(query: string): Row[] {
    return this.#database.prepare(query).all();
  }
}
