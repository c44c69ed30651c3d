/** On SQL Server the lock of the migrations is a row's, held by a transaction: it has to be taken within the one they run in. */
import { expect, test } from '@jest/globals';
import type { CompiledQuery, Driver, QueryResult } from 'kysely';
import { openDatabase } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';
import { migrations } from '../../store/migrations.ts';
import { SqlServerDialect } from '../../store/sql-server/dialect.ts';

/** Notes what a server would be told, and answers that nothing is there. */
class NotingDriver implements Driver {
  readonly told: string[] = [];

  init = () => Promise.resolve();
  destroy = () => Promise.resolve();
  releaseConnection = () => Promise.resolve();
  acquireConnection = () =>
    Promise.resolve({
      executeQuery: <R>({ sql }: CompiledQuery): Promise<QueryResult<R>> => {
        this.told.push(sql);
        return Promise.resolve({ rows: [] });
      },
      streamQuery: () => {
        throw new Error('Nothing is streamed.');
      },
    });
  beginTransaction = () => this.#note('begin');
  commitTransaction = () => this.#note('commit');
  rollbackTransaction = () => this.#note('rollback');

  #note(what: string): Promise<void> {
    this.told.push(what);
    return Promise.resolve();
  }
}

class NotingDialect extends SqlServerDialect {
  readonly driver = new NotingDriver();

  override createDriver(): never {
    return this.driver as never;
  }
}

test('a runner has the lock before it looks what to run, and until all of it is committed', async () => {
  const dialect = new NotingDialect({ server: 'nowhere' });
  expect(await migrate(openDatabase(dialect))).toEqual(Object.keys(migrations));
  const { told } = dialect.driver;
  const place = (start: string) => told.findIndex((each) => each.startsWith(start));
  const places = [
    place('begin'),
    place('update "kysely_migration_lock" with (updlock, holdlock) set is_locked = 0'),
    place('select "name", "timestamp" from "kysely_migration"'),
    place('create table "tenants"'),
    place('commit'),
  ];
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(places.at(-1)).toBe(told.length - 1);
  expect(told.filter((each) => ['begin', 'commit', 'rollback'].includes(each))).toEqual(['begin', 'commit']);
});
