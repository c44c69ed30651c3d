/** Remembers which wish was last sent towards a vendor, so that a write whose outcome is unknown is not sent twice. */
import type { Side } from '../domain/presence.ts';
import type { Database } from './database.ts';
import { batches, rowsPerStatement, upsert } from './upsert.ts';

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

export function makeDeliveryAttempts(database: Database): DeliveryAttempts {
  return {
    begin: async (tenantId, side, attempts) => {
      if (attempts.length === 0) return new Set();
      return database.inTenant(tenantId).together(async (scope) => {
        const revisions = new Map<string, number>();
        for (const batch of batches(attempts, rowsPerStatement(1))) {
          const known = await scope.db
            .selectFrom('delivery_attempts')
            .select(['target_id', 'revision'])
            .where('side', '=', side)
            .where(
              'target_id',
              'in',
              batch.map((attempt) => attempt.targetId),
            )
            .forUpdate()
            .execute();
          for (const row of known) revisions.set(row.target_id, row.revision);
        }
        const rows = attempts.map(({ targetId, revision }) => ({ side, target_id: targetId, revision }));
        await upsert(scope, 'delivery_attempts', rows, { within: { side }, by: 'target_id' });
        const isRepeated = ({ targetId, revision }: Attempt) => revisions.get(targetId) === revision;
        return new Set(attempts.filter(isRepeated).map((attempt) => attempt.targetId));
      });
    },
    forget: async (tenantId, side, targetIds) => {
      const { db } = database.inTenant(tenantId);
      for (const batch of batches(targetIds, rowsPerStatement(1))) {
        await db
          .deleteFrom('delivery_attempts')
          .where('side', '=', side)
          .where('target_id', 'in', batch)
          .execute();
      }
    },
  };
}
