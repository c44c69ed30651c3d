/** Hears what a database is asked, and tells it in T-SQL whatever engine it runs on. */
import type { Dialect } from 'kysely';
import { SqlServerQueryCompiler } from '../../store/sql-server/query-compiler.ts';

type QueryCompiler = ReturnType<Dialect['createQueryCompiler']>;
type RootNode = Parameters<QueryCompiler['compileQuery']>[0];
type QueryId = Parameters<QueryCompiler['compileQuery']>[1];

export interface Query {
  readonly node: RootNode;
  /** T-SQL in which all batches look alike: parameters without numbers, and of a list the first entry. */
  readonly statement: string;
}

/** The same dialect, that notes every query before it is run. */
export function heard(dialect: Dialect, note: (query: Query) => void): Dialect {
  return {
    createDriver: () => dialect.createDriver(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => {
      const compiler = dialect.createQueryCompiler();
      return {
        compileQuery: (node, queryId) => {
          note({ node, statement: statementOf(node, queryId) });
          return compiler.compileQuery(node, queryId);
        },
      };
    },
  };
}

function statementOf(node: RootNode, queryId: QueryId): string {
  const { sql: text } = new SqlServerQueryCompiler().compileQuery(node, queryId);
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/@\d+/g, '@')
    .replaceAll(/ in \(@(?:, @)*\)/g, ' in (@, …)')
    .replaceAll(/ values (\([@, ]+\))(?:, \1)*/g, ' values $1, …')
    .replaceAll(/ from \((select [^()]+?)(?: union all \1)*\)/g, ' from ($1 union all …)');
}
