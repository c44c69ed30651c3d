/** What rules that hold nowhere would do: one trial of a tenant's at a time, kept until another is begun or its time is over. */
import { syncRulesSchema, type SyncRules } from '../domain/sync-rules.ts';
import { previewPageSchema, type PreviewPage } from '../domain/rules-preview.ts';
import { fitting, readJson, readRow, type Database, type TenantTransaction } from './database.ts';
import { upsert } from './upsert.ts';

interface Trial {
  askedAt: string;
  rules: SyncRules;
}

export interface RulePreviews {
  /** Begins a trial in place of an earlier one, with all that came of that. */
  begin(tenantId: string, trial: Trial): Promise<void>;
  find(tenantId: string): Promise<Trial | undefined>;
  /** Keeps what the rules would do to a page of people; false where another trial has been begun since. */
  savePage(tenantId: string, askedAt: string, page: PreviewPage & { page: number }): Promise<boolean>;
  /** What is known so far of that trial, in the order of pages. */
  pages(tenantId: string, askedAt: string): Promise<PreviewPage[]>;
  remove(tenantId: string, askedAt: string): Promise<void>;
}

/** The part that holds the rules themselves. */
const first = 0;

export function makeRulePreviews(database: Database): RulePreviews {
  return {
    begin: (tenantId, { askedAt, rules }) =>
      database.inTenant(tenantId).together(async ({ db }) => {
        const row = fitting('rule_previews', { part: first, asked_at: askedAt, body: JSON.stringify(rules) });
        await askedForUpdate(db);
        await db.deleteFrom('rule_previews').execute();
        await db.insertInto('rule_previews').values(row).execute();
      }),
    find: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const held = await db
        .selectFrom('rule_previews')
        .selectAll()
        .where('part', '=', first)
        .executeTakeFirst();
      if (held === undefined) return undefined;
      const row = readRow('rule_previews', held);
      return { askedAt: row.asked_at, rules: readJson(syncRulesSchema, row.body, 'rule_previews.body') };
    },
    savePage: (tenantId, askedAt, { page, ...body }) =>
      database.inTenant(tenantId).together(async (scope) => {
        if ((await askedForUpdate(scope.db)) !== askedAt) return false;
        const row = { part: first + 1 + page, asked_at: askedAt, body: JSON.stringify(body) };
        await upsert(scope, 'rule_previews', [row], { by: 'part' });
        return true;
      }),
    pages: async (tenantId, askedAt) => {
      const { db } = database.inTenant(tenantId);
      const rows = await db
        .selectFrom('rule_previews')
        .selectAll()
        .where('part', '>', first)
        .where('asked_at', '=', askedAt)
        .orderBy('part')
        .execute();
      return rows.map((row) =>
        readJson(previewPageSchema, readRow('rule_previews', row).body, 'rule_previews.body'),
      );
    },
    remove: async (tenantId, askedAt) => {
      await database
        .inTenant(tenantId)
        .db.deleteFrom('rule_previews')
        .where('asked_at', '=', askedAt)
        .execute();
    },
  };
}

/** When the trial that stands was asked for; nobody else begins or continues one meanwhile. */
async function askedForUpdate(db: TenantTransaction['db']): Promise<string | undefined> {
  const held = await db
    .selectFrom('rule_previews')
    .select('asked_at')
    .where('part', '=', first)
    .forUpdate()
    .executeTakeFirst();
  return held?.asked_at;
}
