/** One database behind Kysely, whichever engine: whole for what is nobody's, else one tenant at a time. */
import { Kysely, type Dialect, type Transaction } from 'kysely';
import { z } from 'zod';
import { coalesced } from '../domain/coalesced.ts';
import { jsonText } from '../domain/json-text.ts';
import { StoreError } from '../domain/store-error.ts';
import { tenantTables, type CommonSchema, type Row, type TenantSchema, type TenantTable } from './tables.ts';
import { tenantScopePlugin } from './tenant-scope.ts';

/** One tenant's rows; queries made here are completed with its id. */
export interface TenantScope {
  readonly tenantId: string;
  readonly db: Kysely<TenantSchema>;
  /** Runs `work` whole or not at all, with the rows it reads `forUpdate` kept for it. */
  together<T>(work: (scope: TenantTransaction) => Promise<T>): Promise<T>;
}

export interface TenantTransaction {
  readonly tenantId: string;
  readonly db: Transaction<TenantSchema>;
}

export interface Database {
  /** Throws `StoreError` (`rejected`) where `tenantId` is no GUID. */
  inTenant(tenantId: string): TenantScope;
  /** What may be asked across tenants, and what belongs to none. */
  readonly common: Kysely<CommonSchema>;
  /** Everything there is, for migrations and for nothing else. */
  readonly whole: Kysely<CommonSchema>;
  /** Leaves nothing of what was deleted in the database's files, where they are ours; a server's are not. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

const tenantIdSchema = z.guid().toLowerCase();

/** `scrub` is how the engine's files are rid of what was deleted. */
export function openDatabase(
  dialect: Dialect,
  scrub: (whole: Kysely<CommonSchema>) => Promise<void> = () => Promise.resolve(),
): Database {
  const whole = new Kysely<CommonSchema>({ dialect });
  return {
    inTenant: (given) => {
      const tenantId = tenantIdSchema.safeParse(given).data;
      if (tenantId === undefined) throw new StoreError('rejected', 'tenant_id');
      const db = whole.withPlugin(tenantScopePlugin(tenantId)) as unknown as Kysely<TenantSchema>;
      return {
        tenantId,
        db,
        together: (work) => db.transaction().execute((transaction) => work({ tenantId, db: transaction })),
      };
    },
    common: whole,
    whole,
    scrub: coalesced(() => scrub(whole)),
    close: () => whole.destroy(),
  };
}

/**
 * The row if every column of it fits its table. Throws `StoreError` (`rejected`) that names the first column that does
 * not, for example `users.display_name`.
 */
export function fitting<T extends TenantTable>(table: T, row: Row<T>): Row<T> {
  const { data, error } = tenantTables[table].safeParse(row);
  if (data !== undefined) return data as Row<T>;
  throw new StoreError('rejected', `${table}.${error?.issues[0]?.path.join('.') ?? ''}`);
}

/** What a text that was read holds. Throws `StoreError` (`outdated`) that names the column where it is none of this version's. */
export function readJson<S extends z.ZodType>(schema: S, text: string, column: string): z.infer<S> {
  const parsed = jsonText.pipe(schema).safeParse(text);
  if (parsed.success) return parsed.data;
  throw new StoreError('outdated', column);
}

/** A row as it was read. Throws `StoreError` (`outdated`) where it is none of this version's. */
export function readRow<T extends TenantTable>(table: T, row: unknown): Row<T> {
  const { data, error } = tenantTables[table].safeParse(row);
  if (data !== undefined) return data as Row<T>;
  throw new StoreError('outdated', `${table}.${error?.issues[0]?.path.join('.') ?? ''}`);
}
