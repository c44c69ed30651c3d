/** SQLite's SQL, for queries written for all engines alike. */
import { SqliteQueryCompiler as KyselySqliteQueryCompiler, type SelectQueryNode } from 'kysely';

/** Leaves out `forUpdate`: a writing transaction has the whole file to itself. */
export class SqliteQueryCompiler extends KyselySqliteQueryCompiler {
  protected override visitSelectQuery({ endModifiers: _locks, ...node }: SelectQueryNode): void {
    super.visitSelectQuery(node);
  }
}
