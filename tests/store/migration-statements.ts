/** The migrations as SQL Server is told them; needs no server. */
import { DummyDriver, Kysely } from 'kysely';
import { migrations } from '../../store/migrations.ts';
import { SqlServerDialect } from '../../store/sql-server/dialect.ts';
import { heard } from './statements.ts';

/** A dialect of SQL Server that reaches none and finds nothing. */
class UnconnectedDialect extends SqlServerDialect {
  constructor() {
    super({ server: 'nowhere' });
  }

  override createDriver(): never {
    return new DummyDriver() as never;
  }
}

export async function migrationStatements(): Promise<string[]> {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: heard(new UnconnectedDialect(), ({ statement }) => statements.push(statement)),
  });
  for (const migration of Object.values(migrations)) await migration.up(db);
  return statements;
}
