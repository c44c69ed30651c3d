/** A tenant's rows as a whole, for their erasure. */
import type { ErasedTable } from '../domain/erasure-plan.ts';
import type { Database } from './database.ts';

export interface TenantRows {
  /** Deletes all rows of a tenant's in one table; how many there were. */
  erase(tenantId: string, table: ErasedTable): Promise<number>;
  count(tenantId: string, table: ErasedTable): Promise<number>;
  /** Everybody of whom there is a row that others of theirs depend on. */
  tenantIds(): Promise<string[]>;
}

const lastOfEach = ['tenants', 'licences', 'billing_events', 'subscriptions', 'due_deletions'] as const;

export function makeTenantRows(database: Database): TenantRows {
  return {
    erase: async (tenantId, table) => {
      const { numDeletedRows } = await database.inTenant(tenantId).db.deleteFrom(table).executeTakeFirst();
      return Number(numDeletedRows);
    },
    count: async (tenantId, table) => {
      const { db } = database.inTenant(tenantId);
      const { rows } = await db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow();
      return rows;
    },
    tenantIds: async () => {
      const ids = new Set<string>();
      for (const table of lastOfEach) {
        const rows = await database.common.selectFrom(table).select('tenant_id').distinct().execute();
        for (const { tenant_id: id } of rows) ids.add(id);
      }
      return [...ids].toSorted();
    },
  };
}
