/**
 * The rules of a company, version by version. Each change, of the rules or of an exception to them, gets the next number, so that
 * whoever hears of them late knows which are newer.
 */
import { StoreError } from '../domain/store-error.ts';
import { defaultRules, syncRulesSchema, type SyncRules } from '../domain/sync-rules.ts';
import { fitting, readJson, readRow, type Database, type TenantTransaction } from './database.ts';
import type { Row } from './tables.ts';

interface RulesVersion {
  version: number;
  rules: SyncRules;
  savedAt: Date;
  /** The version that this one has brought back. */
  restored: number | undefined;
}

/** The version that holds. */
export interface HeldRules extends RulesVersion {
  /** The number of the newest change, of the rules or of an exception. */
  counted: number;
  /** The newest number that all people have been told. */
  applied: number;
}

interface Change {
  /** The number of the change that this one is made on top of, 0 where there is none; without it, on top of any. */
  after?: number | undefined;
  at: Date;
  restored?: number;
}

export interface SyncRulesStore {
  /** The version that holds, or undefined where nothing was ever set. */
  newest(tenantId: string): Promise<HeldRules | undefined>;
  find(tenantId: string, version: number): Promise<RulesVersion | undefined>;
  /** All that are kept, the newest first. */
  versions(tenantId: string): Promise<RulesVersion[]>;
  /**
   * Has other rules hold from now on. Saving those that hold is no new version. Rejects with `StoreError` (`conflict`) where
   * something has been changed since `after`.
   */
  save(tenantId: string, rules: SyncRules, change: Change): Promise<HeldRules>;
  /** Everybody has been told all changes up to this number. */
  noteApplied(tenantId: string, number: number): Promise<void>;
}

/** So many versions are kept; the oldest go. */
export const mostRulesVersions = 50;

export function makeSyncRules(database: Database, keep = mostRulesVersions): SyncRulesStore {
  return {
    newest: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const row = await db
        .selectFrom('sync_rules')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toHeld(row);
    },
    find: async (tenantId, version) => {
      const { db } = database.inTenant(tenantId);
      const row = await db
        .selectFrom('sync_rules')
        .selectAll()
        .where('version', '=', version)
        .executeTakeFirst();
      return row && toVersion(row);
    },
    versions: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const rows = await db
        .selectFrom('sync_rules')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(keep)
        .execute();
      return rows.map(toVersion);
    },
    save: (tenantId, rules, change) =>
      database.inTenant(tenantId).together(async (scope) => {
        const held = await newestForUpdate(scope);
        if (held !== undefined && held.rules === JSON.stringify(rules) && isOnTop(held, change)) {
          return toHeld(held);
        }
        if (change.after !== undefined && change.after !== (held?.counted ?? 0)) {
          throw new StoreError('conflict', 'sync_rules.version');
        }
        const row = await insert(scope, rules, { ...change, held });
        await removeOldest(scope, keep);
        return toHeld(row);
      }),
    noteApplied: async (tenantId, number) => {
      await database
        .inTenant(tenantId)
        .db.updateTable('sync_rules')
        .set({ applied: number })
        .where('applied', '<', number)
        .where('counted', '>=', number)
        .execute();
    },
  };
}

/**
 * Gives a change of an exception its number, within a transaction that reads this first: nobody else changes anything meanwhile.
 * Where there are no rules yet, those that hold anyway become the first version.
 */
export async function countChange(scope: TenantTransaction, at: Date): Promise<number> {
  const held = await newestForUpdate(scope);
  if (held === undefined) return (await insert(scope, defaultRules, { at, held })).counted;
  const counted = held.counted + 1;
  await scope.db.updateTable('sync_rules').set({ counted }).where('version', '=', held.version).execute();
  return counted;
}

async function newestForUpdate({ db }: TenantTransaction): Promise<Row<'sync_rules'> | undefined> {
  const row = await db
    .selectFrom('sync_rules')
    .selectAll()
    .orderBy('version', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  return row && readRow('sync_rules', row);
}

/** What is saved twice has been saved on top of what it was saved on the first time, or of itself. */
function isOnTop(held: Row<'sync_rules'>, { after }: Change): boolean {
  return after === undefined || after === held.counted || after === held.version - 1;
}

async function insert(
  { db }: TenantTransaction,
  rules: SyncRules,
  { at, restored, held }: Change & { held: Row<'sync_rules'> | undefined },
): Promise<Row<'sync_rules'>> {
  const version = (held?.counted ?? 0) + 1;
  const row = fitting('sync_rules', {
    version,
    rules: JSON.stringify(rules),
    saved_at: at.toISOString(),
    restored: restored ?? null,
    counted: version,
    applied: held?.applied ?? 0,
  });
  await db.insertInto('sync_rules').values(row).execute();
  return row;
}

/** Versions are no running numbers, because exceptions take some: so the oldest that stays is looked up. */
async function removeOldest({ db }: TenantTransaction, keep: number): Promise<void> {
  const kept = await db
    .selectFrom('sync_rules')
    .select('version')
    .orderBy('version', 'desc')
    .limit(keep)
    .execute();
  const oldest = kept.at(-1)?.version;
  if (kept.length < keep || oldest === undefined) return;
  await db.deleteFrom('sync_rules').where('version', '<', oldest).execute();
}

function toHeld(held: unknown): HeldRules {
  const { counted, applied } = readRow('sync_rules', held);
  return { ...toVersion(held), counted, applied };
}

function toVersion(held: unknown): RulesVersion {
  const row = readRow('sync_rules', held);
  return {
    version: row.version,
    rules: readJson(syncRulesSchema, row.rules, 'sync_rules.rules'),
    savedAt: new Date(row.saved_at),
    restored: row.restored ?? undefined,
  };
}
