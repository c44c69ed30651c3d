/** Remembers which wish was last sent towards a vendor, so that a write whose outcome is unknown is not sent twice. */
import type { Kysely } from 'kysely';
import type { Side } from '../domain/presence.ts';
import type { Schema } from './schema.ts';

interface Attempt {
  targetId: string;
  revision: number;
}

export interface DeliveryAttempts {
  /**
   * Notes the attempts before they are made. Answers those for whom this very revision was attempted
   * before: the side may show it already.
   */
  begin(tenantId: string, side: Side, attempts: readonly Attempt[]): Promise<Set<string>>;
  /** These certainly did not reach the vendor; another attempt is a first one. */
  forget(tenantId: string, side: Side, targetIds: readonly string[]): Promise<void>;
}

export function makeDeliveryAttempts(db: Kysely<Schema>): DeliveryAttempts {
  return {
    begin: async (tenantId, side, attempts) => {
      if (attempts.length === 0) return new Set();
      return db.transaction().execute(async (transaction) => {
        const known = await transaction
          .selectFrom('delivery_attempts')
          .select(['target_id', 'revision'])
          .where('tenant_id', '=', tenantId)
          .where('side', '=', side)
          .where(
            'target_id',
            'in',
            attempts.map((attempt) => attempt.targetId),
          )
          .execute();
        const revisions = new Map(known.map((row) => [row.target_id, row.revision]));
        const rows = attempts.map(({ targetId, revision }) => ({
          tenant_id: tenantId,
          side,
          target_id: targetId,
          revision,
        }));
        await transaction
          .insertInto('delivery_attempts')
          .values(rows)
          .onConflict((conflict) =>
            conflict
              .columns(['tenant_id', 'side', 'target_id'])
              .doUpdateSet((expression) => ({ revision: expression.ref('excluded.revision') })),
          )
          .execute();
        return new Set(
          attempts
            .filter((attempt) => revisions.get(attempt.targetId) === attempt.revision)
            .map((attempt) => attempt.targetId),
        );
      });
    },
    forget: async (tenantId, side, targetIds) => {
      if (targetIds.length === 0) return;
      await db
        .deleteFrom('delivery_attempts')
        .where('tenant_id', '=', tenantId)
        .where('side', '=', side)
        .where('target_id', 'in', targetIds)
        .execute();
    },
  };
}
