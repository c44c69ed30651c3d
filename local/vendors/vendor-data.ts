/** Where the simulators keep what belongs to the vendors: small JSON documents in SQLite, safe against a killed process. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Documents of one kind, each under a key. What is read is a copy: a change lasts only once it is put back. */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  /** Answers whether there was such a document. */
  delete(key: string): boolean;
  /** Every document whose key begins with `prefix`, in the order of the keys. */
  all(prefix?: string): T[];
  /** Every key that begins with `prefix`, in order. */
  keys(prefix?: string): string[];
  find(matches: (value: T) => boolean): T | undefined;
  /** The greatest key, in the order of the characters' codes. */
  lastKey(): string | undefined;
}

/** The documents of one simulator. */
export class VendorData {
  readonly #database: DatabaseSync;

  /** Opens `directory`/`name`.sqlite, made when missing; without a directory the documents live in memory. */
  constructor(name: string, directory?: string) {
    if (directory !== undefined) mkdirSync(directory, { recursive: true });
    this.#database = new DatabaseSync(
      directory === undefined ? ':memory:' : join(directory, `${name}.sqlite`),
    );
    this.#database.exec(
      'pragma journal_mode = wal; pragma synchronous = normal; pragma secure_delete = on; pragma wal_autocheckpoint = 10000; pragma busy_timeout = 5000;',
    );
  }

  /** The documents called `name` (letters only), made when missing. */
  collection<T>(name: string): Collection<T> {
    if (!/^[A-Za-z]+$/.test(name)) throw new Error(`A collection's name is letters only, not ${name}.`);
    this.#database.exec(
      `create table if not exists "${name}" (key text primary key, value text not null) without rowid`,
    );
    const get = this.#database.prepare(`select value from "${name}" where key = ?`);
    const put = this.#database.prepare(`insert or replace into "${name}" (key, value) values (?, ?)`);
    const remove = this.#database.prepare(`delete from "${name}" where key = ?`);
    const from = this.#database.prepare(
      `select key, value from "${name}" where key >= ? and key < ? || char(1114111) order by key`,
    );
    const last = this.#database.prepare(`select max(key) as value from "${name}"`);
    const read = (value: unknown): T => JSON.parse(String(value)) as T;
    const all = (prefix = ''): T[] => from.all(prefix, prefix).map((row) => read(row['value']));
    return {
      get: (key) => {
        const row = get.get(key);
        return row === undefined ? undefined : read(row['value']);
      },
      put: (key, value) => void put.run(key, JSON.stringify(value)),
      delete: (key) => Number(remove.run(key).changes) > 0,
      all,
      keys: (prefix = '') => from.all(prefix, prefix).map((row) => String(row['key'])),
      find: (matches) => all().find(matches),
      lastKey: () => {
        const key = last.get()?.['value'];
        return typeof key === 'string' ? key : undefined;
      },
    };
  }

  /** Makes all that `run` writes last together, or not at all when it throws. Must not be nested. */
  together<T>(run: () => T): T {
    this.#database.exec('begin immediate');
    try {
      const result = run();
      this.#database.exec('commit');
      return result;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }

  /** Leaves nothing of what was deleted on the disk, in the write-ahead log neither. */
  forgetDeleted(): void {
    this.#database.exec('pragma wal_checkpoint(truncate)');
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
