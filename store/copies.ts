/** What a copy takes from a table: all of a tenant's rows, a page at a time, whichever table it is. */
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { CopiedTable } from '../domain/data-map.ts';
import { readRow, type Database } from './database.ts';
import type { Row } from './tables.ts';

export interface Copies {
  /**
   * At most `size` of the tenant's rows, in the order of their key: the first, or those that come after the row `after`,
   * so that none is passed by when others come or go meanwhile.
   */
  rows<T extends CopiedTable>(
    tenantId: string,
    table: T,
    page: { after?: Row<T> | undefined; size: number },
  ): Promise<Row<T>[]>;
}

/** By what a tenant's rows are told apart: the key of the table after the tenant's id. */
const keys: { readonly [T in CopiedTable]: readonly (keyof Row<T> & string)[] } = {
  billing_events: ['event_id'],
  convergence: ['side', 'hour'],
  data_requests: ['request_id'],
  departures: ['user_id'],
  delivery_attempts: ['side', 'target_id'],
  due_deletions: ['category'],
  extensions: ['extension_id'],
  licences: [],
  log_entries: ['sequence'],
  mappings: ['user_id'],
  rule_exceptions: ['user_id'],
  service_users: ['shard'],
  subscriptions: [],
  sync_rules: ['version'],
  tenants: [],
  users: ['user_id'],
  vendor_subscriptions: ['vendor', 'shard'],
};

export function makeCopies(database: Database): Copies {
  return {
    rows: async <T extends CopiedTable>(
      tenantId: string,
      table: T,
      { after, size }: { after?: Row<T> | undefined; size: number },
    ) => {
      // Kysely cannot tell the columns of a table that is a type parameter; `readRow` checks what comes.
      const db = database.inTenant(tenantId).db as unknown as Kysely<AnyTables>;
      const key: readonly string[] = keys[table];
      let query = db.selectFrom<string>(table).selectAll().limit(size);
      for (const column of ['tenant_id', ...key]) query = query.orderBy(column);
      if (after !== undefined) query = query.where((is) => isAfter(is, key, after as AnyTables[string]));
      return (await query.execute()).map((row) => readRow(table, row));
    },
  };
}

type AnyTables = Record<string, Record<string, string>>;

/** Whether a row's key is greater than that of the row `after`; nothing comes after the only row of a table without one. */
function isAfter(
  is: ExpressionBuilder<AnyTables, string>,
  key: readonly string[],
  after: AnyTables[string],
): Expression<SqlBool> {
  const greater = key.map((column, place) =>
    is.and([
      ...key.slice(0, place).map((earlier) => is(earlier, '=', after[earlier] ?? '')),
      is(column, '>', after[column] ?? ''),
    ]),
  );
  return is.or(greater);
}
