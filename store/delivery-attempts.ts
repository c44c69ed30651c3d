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
        const rows = attempts.map(({ targetId, revision }) => ({ side, target_id: targetId, revision }));
        const key = { within: { side }, by: 'target_id' } as const;
        const { unchanged } = await upsert(scope, 'delivery_attempts', rows, key);
        return new Set(unchanged.map((row) => row.target_id));
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
