/** The webhook subscriptions we hold at the vendors, and what the vendors have said about them. */
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

export interface SubscriptionKey {
  tenantId: string;
  vendor: 'graph' | 'ringCentral';
  shard: number;
}

export type Attention = 'reauthorize' | 'missed' | 'removed';

export interface SubscriptionRow {
  subscriptionId: string;
  fingerprint: string;
  expiresAt: Date;
  renewedAt: Date;
  attention: Attention | undefined;
}

export interface VendorSubscriptions {
  find(key: SubscriptionKey): Promise<SubscriptionRow | undefined>;
  /**
   * Keeps what now stands at the vendor, in place of what was known. The attention that was `seen` is thereby done
   * with; what the vendor has said about the same subscription since then stays.
   */
  save(
    key: SubscriptionKey,
    row: Omit<SubscriptionRow, 'attention'>,
    seen: Attention | undefined,
  ): Promise<void>;
  /**
   * Notes what the vendor said about this very subscription; false when it is not the one we hold. The graver
   * word stays: a removed subscription is not asked to be reauthorized.
   */
  noteAttention(key: SubscriptionKey, subscriptionId: string, attention: Attention): Promise<boolean>;
  /** The attention that was `seen` needs no change at the vendor; what has been said since stays. */
  clearAttention(key: SubscriptionKey, seen: Attention): Promise<void>;
}

const outweighedBy: Record<Attention, Attention[]> = {
  reauthorize: ['reauthorize'],
  missed: ['reauthorize', 'missed'],
  removed: ['reauthorize', 'missed', 'removed'],
};

export function makeVendorSubscriptions(db: Kysely<Schema>): VendorSubscriptions {
  const where = (key: SubscriptionKey) => ({
    tenant_id: key.tenantId,
    vendor: key.vendor,
    shard: key.shard,
  });
  return {
    find: async (key) => {
      const row = await db
        .selectFrom('vendor_subscriptions')
        .selectAll()
        .where((expression) => expression.and(where(key)))
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        subscriptionId: row.subscription_id,
        fingerprint: row.fingerprint,
        expiresAt: new Date(row.expires_at),
        renewedAt: new Date(row.renewed_at),
        attention: row.attention ?? undefined,
      };
    },
    save: (key, row, seen) =>
      db.transaction().execute(async (transaction) => {
        const held = await transaction
          .selectFrom('vendor_subscriptions')
          .select(['subscription_id', 'attention'])
          .where((expression) => expression.and(where(key)))
          .executeTakeFirst();
        const saidSince = held?.subscription_id === row.subscriptionId && held.attention !== (seen ?? null);
        const values = {
          subscription_id: row.subscriptionId,
          fingerprint: row.fingerprint,
          expires_at: row.expiresAt.toISOString(),
          renewed_at: row.renewedAt.toISOString(),
          attention: saidSince ? held.attention : null,
        };
        await transaction
          .insertInto('vendor_subscriptions')
          .values({ ...where(key), ...values })
          .onConflict((conflict) => conflict.columns(['tenant_id', 'vendor', 'shard']).doUpdateSet(values))
          .execute();
      }),
    noteAttention: async (key, subscriptionId, attention) => {
      const held = await db
        .selectFrom('vendor_subscriptions')
        .select('subscription_id')
        .where((expression) => expression.and({ ...where(key), subscription_id: subscriptionId }))
        .executeTakeFirst();
      if (held === undefined) return false;
      await db
        .updateTable('vendor_subscriptions')
        .set({ attention })
        .where((expression) => expression.and({ ...where(key), subscription_id: subscriptionId }))
        .where((expression) =>
          expression.or([
            expression('attention', 'is', null),
            expression('attention', 'in', outweighedBy[attention]),
          ]),
        )
        .execute();
      return true;
    },
    clearAttention: async (key, seen) => {
      await db
        .updateTable('vendor_subscriptions')
        .set({ attention: null })
        .where((expression) => expression.and({ ...where(key), attention: seen }))
        .execute();
    },
  };
}
