/** Writes rows that may be there already: reads them under lock, then updates those that differ and inserts those that are new. */
import { sql, type Kysely } from 'kysely';
import { fitting, type TenantTransaction } from './database.ts';
import type { Row, TenantTable } from './tables.ts';

export interface UpsertCounts {
  readonly inserted: number;
  readonly updated: number;
}

interface Upserted<T extends TenantTable> extends UpsertCounts {
  /** Those that were there already, just so. */
  readonly unchanged: readonly Row<T>[];
}

/** Which rows a batch is about: those that share `within` and are told apart by `by`; together the key besides the tenant. */
interface Key<T extends TenantTable> {
  readonly within?: Partial<Row<T>>;
  readonly by: keyof Row<T> & string;
  /** Columns whose change alone is not worth a write. */
  readonly except?: readonly (keyof Row<T> & string)[];
}

type AnyRow = Record<string, string | number | null>;
type AnyTable = Kysely<Record<string, AnyRow>>;

/**
 * Rejects with `StoreError` (`rejected`) before anything is written when a row does not fit. Of rows with the same key the
 * last one holds.
 */
export async function upsert<T extends TenantTable>(
  scope: TenantTransaction,
  table: T,
  rows: readonly Row<T>[],
  key: Key<T>,
): Promise<Upserted<T>> {
  const checked = lastOfEach(
    rows.map((row) => fitting(table, row) as AnyRow),
    key.by,
  );
  const columns = Object.keys(checked[0] ?? {});
  const counts = { inserted: 0, updated: 0 };
  const unchanged: AnyRow[] = [];
  for (const batch of batches(checked, rowsPerStatement(columns.length))) {
    const held = await readForUpdate(scope, table, batch, key);
    const isNew = (row: AnyRow) => !held.has(row[key.by] ?? null);
    const ignored = new Set<string>(key.except);
    const differs = (row: AnyRow) => {
      const before = held.get(row[key.by] ?? null);
      return before !== undefined && columns.some((name) => !ignored.has(name) && before[name] !== row[name]);
    };
    const [changed, added] = [batch.filter(differs), batch.filter(isNew)];
    await updateAll(scope, table, changed, [...Object.keys(key.within ?? {}), key.by]);
    if (added.length > 0) await (scope.db as unknown as AnyTable).insertInto(table).values(added).execute();
    counts.inserted += added.length;
    counts.updated += changed.length;
    unchanged.push(...batch.filter((row) => !isNew(row) && !differs(row)));
  }
  return { ...counts, unchanged: unchanged as Row<T>[] };
}

function lastOfEach(rows: readonly AnyRow[], by: string): AnyRow[] {
  return [...new Map(rows.map((row) => [row[by], row])).values()];
}

/** SQLite chains at most 500 selects (its limits), SQL Server takes at most 2,100 parameters (its maximum capacities). */
export function rowsPerStatement(columns: number): number {
  return Math.min(400, Math.floor(2000 / (columns + 1)));
}

/** `rows` in pieces of at most `size`. */
export function batches<T>(rows: readonly T[], size: number): T[][] {
  const count = Math.ceil(rows.length / size);
  return Array.from({ length: count }, (_, index) => rows.slice(index * size, (index + 1) * size));
}

async function readForUpdate(
  scope: TenantTransaction,
  table: string,
  batch: readonly AnyRow[],
  { within = {}, by }: { within?: Partial<AnyRow>; by: string },
): Promise<Map<string | number | null, AnyRow>> {
  const keys = batch.map((row) => row[by] ?? null);
  const rows = await (scope.db as unknown as AnyTable)
    .selectFrom(table)
    .selectAll()
    .where((condition) => {
      const shared = Object.entries(within).map(([name, value]) => condition(name, '=', value ?? null));
      return condition.and([...shared, condition(by, 'in', keys)]);
    })
    .forUpdate()
    .execute();
  return new Map(rows.map((row) => [row[by] ?? null, row]));
}

/** One statement for all: each row's new values stand in a derived table beside its key. */
async function updateAll(
  { db, tenantId }: TenantTransaction,
  table: string,
  rows: readonly AnyRow[],
  keys: readonly string[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const target = sql.table(table);
  const fresh = rows.map(
    (row) => sql`select ${sql.join(columns.map((name) => sql`${row[name] ?? null} as ${sql.ref(name)}`))}`,
  );
  const changes = columns
    .filter((name) => !keys.includes(name))
    .map((name) => sql`${sql.ref(name)} = fresh.${sql.ref(name)}`);
  const same = keys.map((name) => sql`${target}.${sql.ref(name)} = fresh.${sql.ref(name)}`);
  await sql`update ${target} set ${sql.join(changes)} from (${sql.join(fresh, sql` union all `)}) as fresh
    where ${target}.tenant_id = ${tenantId} and ${sql.join(same, sql` and `)}`.execute(db.withoutPlugins());
}
