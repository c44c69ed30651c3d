/** Remembers which wish was last sent towards a vendor, so that a write whose outcome is unknown is not sent twice. */
import type { Kysely } from 'kysely';
import type { Side } from '../domain/presence.ts';
import type { Schema } from './schema.ts';

interface Attempt {
  userId: string;
  revision: number;
}

export interface DeliveryAttempts {
  /**
   * Notes the attempts before they are made. Answers the people for whom this very revision was attempted
   * before: the side may show it already.
   */
  begin(tenantId: string, side: Side, attempts: readonly Attempt[]): Promise<Set<string>>;
  /** These certainly did not reach the vendor; another attempt is a first one. */
  forget(tenantId: string, side: Side, userIds: readonly string[]): Promise<void>;
}

export function makeDeliveryAttempts(db: Kysely<Schema>): DeliveryAttempts {
  return {
    begin: async (tenantId, side, attempts) => {
      if (attempts.length === 0) return new Set();
      return db.transaction().execute(async (transaction) => {
        const known = await transaction
          .selectFrom('delivery_attempts')
          .select(['user_id', 'revision'])
          .where('tenant_id', '=', tenantId)
          .where('side', '=', side)
          .where(
            'user_id',
            'in',
            attempts.map((attempt) => attempt.userId),
          )
          .execute();
        const revisions = new Map(known.map((row) => [row.user_id, row.revision]));
        const rows = attempts.map(({ userId, revision }) => ({
          tenant_id: tenantId,
          side,
          user_id: userId,
          revision,
        }));
        await transaction
          .insertInto('delivery_attempts')
          .values(rows)
          .onConflict((conflict) =>
            conflict
              .columns(['tenant_id', 'side', 'user_id'])
              .doUpdateSet((expression) => ({ revision: expression.ref('excluded.revision') })),
          )
          .execute();
        return new Set(
          attempts
            .filter((attempt) => revisions.get(attempt.userId) === attempt.revision)
            .map((attempt) => attempt.userId),
        );
      });
    },
    forget: async (tenantId, side, userIds) => {
      if (userIds.length === 0) return;
      await db
        .deleteFrom('delivery_attempts')
        .where('tenant_id', '=', tenantId)
        .where('side', '=', side)
        .where('user_id', 'in', userIds)
        .execute();
    },
  };
}
