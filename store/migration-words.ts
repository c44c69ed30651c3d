/** What migrations build tables of. */
import { sql, type Kysely } from 'kysely';

export const varchar = (length: number) => sql`varchar(${sql.lit(length)})`;
export const nvarchar = (length: number) => sql`nvarchar(${sql.lit(length)})`;

/** A tenant-owned table as far as its key, which begins with the tenant. */
export function ownedTable(db: Kysely<unknown>, name: string) {
  return db.schema.createTable(name).addColumn('tenant_id', 'varchar(36)', (column) => column.notNull());
}
