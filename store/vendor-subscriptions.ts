/** The webhook subscriptions we hold at the vendors, and what the vendors have said about them. */
import { readRow, type Database } from './database.ts';
import type { Row } from './tables.ts';
import { upsert } from './upsert.ts';

export interface SubscriptionKey {
  tenantId: string;
  vendor: 'graph' | 'ringCentral';
  shard: number;
}

export type Attention = 'reauthorize' | 'missed' | 'removed' | 'silent';

export interface SubscriptionRow {
  subscriptionId: string;
  fingerprint: string;
  expiresAt: Date;
  renewedAt: Date;
  attention: Attention | undefined;
}

export interface VendorSubscriptions {
  find(key: SubscriptionKey): Promise<SubscriptionRow | undefined>;
  /** Those held for a tenant. */
  keys(tenantId: string): Promise<SubscriptionKey[]>;
  /** Forgets one that stands no longer. */
  remove(key: SubscriptionKey): Promise<void>;
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
   * Notes what the vendor said about this very subscription, or that it says nothing; false when it is not the one we hold. The graver
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
  silent: ['reauthorize', 'missed', 'removed', 'silent'],
};

export function makeVendorSubscriptions(database: Database): VendorSubscriptions {
  return {
    find: async (key) => {
      const held = await database
        .inTenant(key.tenantId)
        .db.selectFrom('vendor_subscriptions')
        .selectAll()
        .where((condition) => condition.and(within(key)))
        .executeTakeFirst();
      if (held === undefined) return undefined;
      const row = readRow('vendor_subscriptions', held);
      return {
        subscriptionId: row.subscription_id,
        fingerprint: row.fingerprint,
        expiresAt: new Date(row.expires_at),
        renewedAt: new Date(row.renewed_at),
        attention: row.attention ?? undefined,
      };
    },
    keys: async (tenantId) => {
      const held = await database
        .inTenant(tenantId)
        .db.selectFrom('vendor_subscriptions')
        .select(['vendor', 'shard'])
        .orderBy('vendor')
        .orderBy('shard')
        .execute();
      return held.map((each) => ({ tenantId, vendor: each.vendor, shard: each.shard }));
    },
    remove: async (key) => {
      await database
        .inTenant(key.tenantId)
        .db.deleteFrom('vendor_subscriptions')
        .where((condition) => condition.and(within(key)))
        .execute();
    },
    save: (key, row, seen) =>
      database.inTenant(key.tenantId).together(async (scope) => {
        const held = await scope.db
          .selectFrom('vendor_subscriptions')
          .select(['subscription_id', 'attention'])
          .where((condition) => condition.and(within(key)))
          .forUpdate()
          .executeTakeFirst();
        const saidSince = held?.subscription_id === row.subscriptionId && held.attention !== (seen ?? null);
        const values = {
          ...within(key),
          subscription_id: row.subscriptionId,
          fingerprint: row.fingerprint,
          expires_at: row.expiresAt.toISOString(),
          renewed_at: row.renewedAt.toISOString(),
          attention: saidSince ? held.attention : null,
        };
        await upsert(scope, 'vendor_subscriptions', [values], {
          within: { vendor: key.vendor },
          by: 'shard',
        });
      }),
    noteAttention: (key, subscriptionId, attention) =>
      database.inTenant(key.tenantId).together(async ({ db }) => {
        const held = await db
          .selectFrom('vendor_subscriptions')
          .select('subscription_id')
          .where((condition) => condition.and({ ...within(key), subscription_id: subscriptionId }))
          .forUpdate()
          .executeTakeFirst();
        if (held === undefined) return false;
        await db
          .updateTable('vendor_subscriptions')
          .set({ attention })
          .where((condition) => condition.and({ ...within(key), subscription_id: subscriptionId }))
          .where((condition) =>
            condition.or([
              condition('attention', 'is', null),
              condition('attention', 'in', outweighedBy[attention]),
            ]),
          )
          .execute();
        return true;
      }),
    clearAttention: async (key, seen) => {
      await database
        .inTenant(key.tenantId)
        .db.updateTable('vendor_subscriptions')
        .set({ attention: null })
        .where((condition) => condition.and({ ...within(key), attention: seen }))
        .execute();
    },
  };
}

function within({ vendor, shard }: SubscriptionKey): Pick<Row<'vendor_subscriptions'>, 'vendor' | 'shard'> {
  return { vendor, shard };
}
