/** Kysely's dialect for Azure SQL and SQL Server 2022. */
import {
  MssqlAdapter,
  sql,
  type DatabaseIntrospector,
  type DatabaseMetadataOptions,
  type Dialect,
  type Kysely,
  type MigrationLockOptions,
  type TableMetadata,
} from 'kysely';
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE } from 'kysely/migration';
import type { config as SqlServerConfig } from 'mssql';
import { SqlServerDriver } from './driver.ts';
import { SqlServerQueryCompiler } from './query-compiler.ts';

export class SqlServerDialect implements Dialect {
  readonly #config: SqlServerConfig;

  constructor(config: SqlServerConfig) {
    this.#config = config;
  }

  createDriver(): SqlServerDriver {
    return new SqlServerDriver(this.#config);
  }

  createQueryCompiler(): SqlServerQueryCompiler {
    return new SqlServerQueryCompiler();
  }

  createAdapter(): SqlServerAdapter {
    return new SqlServerAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqlServerIntrospector {
    return new SqlServerIntrospector(db);
  }
}

/** Locks migrations by a row, within their transaction (`migrate` runs them in one): an application lock of the session would outlive it in the pool. */
class SqlServerAdapter extends MssqlAdapter {
  override async acquireMigrationLock(
    db: Kysely<unknown>,
    { lockTable, lockRowId }: MigrationLockOptions,
  ): Promise<void> {
    await sql`update ${sql.table(lockTable)} with (updlock, holdlock) set is_locked = 0 where id = ${lockRowId}`.execute(
      db,
    );
  }

  override async releaseMigrationLock(): Promise<void> {
    // Goes with the transaction.
  }
}

const tablesOfKysely = [DEFAULT_MIGRATION_TABLE, DEFAULT_MIGRATION_LOCK_TABLE];

interface ColumnRow {
  table_name: string;
  column_name: string;
  data_type: string;
  is_nullable: string;
}

/** Reads the standard's own views, which every server has. */
class SqlServerIntrospector implements DatabaseIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    this.#db = db;
  }

  getSchemas(): Promise<[]> {
    return Promise.resolve([]);
  }

  async getTables(options?: DatabaseMetadataOptions): Promise<TableMetadata[]> {
    const { rows } = await sql<ColumnRow>`
      select TABLE_NAME as table_name, COLUMN_NAME as column_name, DATA_TYPE as data_type, IS_NULLABLE as is_nullable
      from INFORMATION_SCHEMA.COLUMNS
      where TABLE_SCHEMA = schema_name()
      order by TABLE_NAME, ORDINAL_POSITION`.execute(this.#db);
    const columns = Map.groupBy(rows, (row) => row.table_name);
    const asked = [...columns].filter(
      ([name]) => options?.withInternalKyselyTables === true || !tablesOfKysely.includes(name),
    );
    return asked.map(([name, ofTable]) => ({
      name,
      isView: false,
      isForeign: false,
      columns: ofTable.map((row) => ({
        name: row.column_name,
        dataType: row.data_type,
        isNullable: row.is_nullable === 'YES',
        isAutoIncrementing: false,
        hasDefaultValue: false,
      })),
    }));
  }
}
