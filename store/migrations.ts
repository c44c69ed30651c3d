/** The schema's history, forward only. A migration that has been released is never edited. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const migrations: Record<string, Migration> = {
  '0001-tenants-and-mappings': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('tenants')
        .addColumn('tenant_id', 'varchar(36)', (column) => column.primaryKey())
        .addColumn('microsoft_tenant_id', 'varchar(36)', (column) => column.notNull())
        .addColumn('ring_central_account_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('created_at', 'varchar(30)', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('mappings')
        .addColumn('tenant_id', 'varchar(36)', (column) => column.notNull())
        .addColumn('user_id', 'varchar(36)', (column) => column.notNull())
        .addColumn('extension_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('shard', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('pk_mappings', ['tenant_id', 'user_id'])
        .addUniqueConstraint('uq_mappings_extension', ['tenant_id', 'extension_id'])
        .execute();
      await db.schema
        .createIndex('ix_mappings_shard')
        .on('mappings')
        .columns(['tenant_id', 'shard', 'user_id'])
        .execute();
    },
  },
  '0002-vendor-subscriptions': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('vendor_subscriptions')
        .addColumn('tenant_id', 'varchar(36)', (column) => column.notNull())
        .addColumn('vendor', 'varchar(16)', (column) => column.notNull())
        .addColumn('shard', 'integer', (column) => column.notNull())
        .addColumn('subscription_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('fingerprint', 'varchar(64)', (column) => column.notNull())
        .addColumn('expires_at', 'varchar(30)', (column) => column.notNull())
        .addColumn('renewed_at', 'varchar(30)', (column) => column.notNull())
        .addColumn('attention', 'varchar(16)')
        .addPrimaryKeyConstraint('pk_vendor_subscriptions', ['tenant_id', 'vendor', 'shard'])
        .execute();
    },
  },
  '0003-delivery-attempts': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('delivery_attempts')
        .addColumn('tenant_id', 'varchar(36)', (column) => column.notNull())
        .addColumn('side', 'varchar(16)', (column) => column.notNull())
        .addColumn('target_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('pk_delivery_attempts', ['tenant_id', 'side', 'target_id'])
        .execute();
    },
  },
  '0004-connection-leases': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('connection_leases')
        .addColumn('tenant_id', 'varchar(36)', (column) => column.notNull())
        .addColumn('connection', 'varchar(32)', (column) => column.notNull())
        .addColumn('holder', 'varchar(36)', (column) => column.notNull())
        .addColumn('expires_at', 'varchar(30)', (column) => column.notNull())
        .addPrimaryKeyConstraint('pk_connection_leases', ['tenant_id', 'connection'])
        .execute();
    },
  },
};
