/** For whom the rules are otherwise. Their changes are counted with those of the rules. */
import { StoreError } from '../domain/store-error.ts';
import { ruleExceptionSchema, type RuleException } from '../domain/sync-rules.ts';
import { fitting, readJson, readRow, type Database } from './database.ts';
import { countChange } from './sync-rules.ts';
import { batches, rowsPerStatement } from './upsert.ts';

interface PersonsException {
  userId: string;
  exception: RuleException;
  /** The number of the change that made it. */
  version: number;
  savedAt: Date;
}

export interface RuleExceptions {
  /** In the order of people's ids. */
  all(tenantId: string): Promise<PersonsException[]>;
  ofUsers(tenantId: string, userIds: readonly string[]): Promise<PersonsException[]>;
  /**
   * Answers the number of the change; saving what is there already is none, and keeps its number. Rejects with `StoreError`
   * (`conflict`) where the tenant has as many as it may have.
   */
  save(tenantId: string, userId: string, exception: RuleException, at: Date): Promise<number>;
  /** Answers the number of the change; undefined where there was nothing to remove. */
  remove(tenantId: string, userId: string, at: Date): Promise<number | undefined>;
}

/** What holds for more people than this should be the rule. */
export const mostExceptions = 1000;

export function makeRuleExceptions(database: Database, most = mostExceptions): RuleExceptions {
  return {
    all: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      return (await db.selectFrom('rule_exceptions').selectAll().orderBy('user_id').execute()).map(
        toException,
      );
    },
    ofUsers: async (tenantId, userIds) => {
      const { db } = database.inTenant(tenantId);
      const found: PersonsException[] = [];
      const ids = [...new Set(userIds.map((userId) => userId.toLowerCase()))];
      for (const batch of batches(ids, rowsPerStatement(1))) {
        const rows = await db
          .selectFrom('rule_exceptions')
          .selectAll()
          .where('user_id', 'in', batch)
          .execute();
        found.push(...rows.map(toException));
      }
      return found;
    },
    save: (tenantId, given, exception, at) =>
      database.inTenant(tenantId).together(async (scope) => {
        const userId = given.toLowerCase();
        const text = JSON.stringify(exception);
        const held = await scope.db
          .selectFrom('rule_exceptions')
          .selectAll()
          .orderBy('user_id')
          .forUpdate()
          .execute();
        const before = held.find((row) => row.user_id === userId);
        if (before?.exception === text) return before.version;
        if (before === undefined && held.length >= most) {
          throw new StoreError('conflict', 'rule_exceptions.user_id');
        }
        const version = await countChange(scope, at);
        const row = { exception: text, version, saved_at: at.toISOString() };
        const added = fitting('rule_exceptions', { user_id: userId, ...row });
        if (before === undefined) await scope.db.insertInto('rule_exceptions').values(added).execute();
        else await scope.db.updateTable('rule_exceptions').set(row).where('user_id', '=', userId).execute();
        return version;
      }),
    remove: (tenantId, given, at) =>
      database.inTenant(tenantId).together(async (scope) => {
        const userId = given.toLowerCase();
        const held = await scope.db
          .selectFrom('rule_exceptions')
          .select('user_id')
          .where('user_id', '=', userId)
          .forUpdate()
          .executeTakeFirst();
        if (held === undefined) return undefined;
        const version = await countChange(scope, at);
        await scope.db.deleteFrom('rule_exceptions').where('user_id', '=', userId).execute();
        return version;
      }),
  };
}

function toException(held: unknown): PersonsException {
  const row = readRow('rule_exceptions', held);
  return {
    userId: row.user_id,
    exception: readJson(ruleExceptionSchema, row.exception, 'rule_exceptions.exception'),
    version: row.version,
    savedAt: new Date(row.saved_at),
  };
}
