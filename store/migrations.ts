/** The schema's history, forward only. A migration that has been released is never edited. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addDirectory } from './directory-migration.ts';
import { nvarchar, ownedTable, varchar } from './migration-words.ts';

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
  '0004-data-at-rest': {
    up: async (db: Kysely<unknown>) => {
      await directory(db);
      await commerce(db);
      await logAndRequests(db);
      await erasure(db);
    },
  },
  '0005-lifecycle': {
    up: async (db: Kysely<unknown>) => {
      await subscriptions(db);
      await seats(db);
      await claims(db);
      await signatures(db);
    },
  },
  '0006-sync-rules': {
    up: async (db: Kysely<unknown>) => {
      // It stood ready for rules of any shape, and nothing has ever written to it.
      await db.schema.dropTable('settings').execute();
      await rules(db);
    },
  },
  '0007-directory': { up: addDirectory },
  '0008-trust-but-verify': {
    up: async (db: Kysely<unknown>) => {
      await convergence(db);
      await resyncs(db);
    },
  },
};

async function directory(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'service_users')
    .addColumn('shard', 'integer', (column) => column.notNull())
    .addColumn('user_id', varchar(36), (column) => column.notNull())
    .addColumn('connected_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_service_users', ['tenant_id', 'shard'])
    .execute();
  await ownedTable(db, 'users')
    .addColumn('user_id', varchar(36), (column) => column.notNull())
    .addColumn('display_name', nvarchar(256), (column) => column.notNull())
    .addColumn('mail', nvarchar(320))
    .addColumn('given_name', nvarchar(256))
    .addColumn('surname', nvarchar(256))
    .addColumn('department', nvarchar(256))
    .addColumn('job_title', nvarchar(256))
    .addColumn('business_phones', nvarchar(2000), (column) => column.notNull())
    .addColumn('updated_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_users', ['tenant_id', 'user_id'])
    .execute();
  await ownedTable(db, 'extensions')
    .addColumn('extension_id', varchar(64), (column) => column.notNull())
    .addColumn('extension_number', varchar(32))
    .addColumn('name', nvarchar(256), (column) => column.notNull())
    .addColumn('updated_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_extensions', ['tenant_id', 'extension_id'])
    .execute();
  await ownedTable(db, 'connection_leases')
    .addColumn('connection', varchar(32), (column) => column.notNull())
    .addColumn('holder', varchar(64), (column) => column.notNull())
    .addColumn('expires_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_connection_leases', ['tenant_id', 'connection'])
    .execute();
}

async function commerce(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'settings')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('changed_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_settings', ['tenant_id', 'version'])
    .execute();
  await ownedTable(db, 'licences')
    .addColumn('plan_id', varchar(128), (column) => column.notNull())
    .addColumn('quantity', 'integer')
    .addColumn('assigned', 'integer', (column) => column.notNull())
    .addColumn('updated_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_licences', ['tenant_id'])
    .execute();
  await ownedTable(db, 'billing_events')
    .addColumn('event_id', varchar(64), (column) => column.notNull())
    .addColumn('kind', varchar(32), (column) => column.notNull())
    .addColumn('plan_id', varchar(128), (column) => column.notNull())
    .addColumn('quantity', 'integer')
    .addColumn('term_unit', varchar(16))
    .addColumn('purchaser_mail', nvarchar(320))
    .addColumn('purchaser_object_id', varchar(36))
    .addColumn('happened_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_billing_events', ['tenant_id', 'event_id'])
    .execute();
}

async function logAndRequests(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'log_entries')
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('entry_id', varchar(64), (column) => column.notNull())
    .addColumn('kind', varchar(40), (column) => column.notNull())
    .addColumn('severity', varchar(16), (column) => column.notNull())
    .addColumn('side', varchar(16))
    .addColumn('user_id', varchar(36))
    .addColumn('details', nvarchar(2000), (column) => column.notNull())
    .addColumn('happened_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_log_entries', ['tenant_id', 'sequence'])
    .addUniqueConstraint('uq_log_entries_entry', ['tenant_id', 'entry_id'])
    .execute();
  await ownedTable(db, 'data_requests')
    .addColumn('request_id', varchar(36), (column) => column.notNull())
    .addColumn('kind', varchar(16), (column) => column.notNull())
    .addColumn('user_id', varchar(36))
    .addColumn('status', varchar(16), (column) => column.notNull())
    .addColumn('requested_at', varchar(30), (column) => column.notNull())
    .addColumn('due_at', varchar(30), (column) => column.notNull())
    .addColumn('finished_at', varchar(30))
    .addPrimaryKeyConstraint('pk_data_requests', ['tenant_id', 'request_id'])
    .execute();
}

async function erasure(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'due_deletions')
    .addColumn('category', varchar(16), (column) => column.notNull())
    .addColumn('reason', varchar(16), (column) => column.notNull())
    .addColumn('due_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_due_deletions', ['tenant_id', 'category'])
    .execute();
  await db.schema
    .createIndex('ix_due_deletions_due')
    .on('due_deletions')
    .columns(['due_at', 'tenant_id', 'category'])
    .execute();
  await db.schema
    .createTable('erasure_receipts')
    .addColumn('sequence', 'integer', (column) => column.primaryKey())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('previous_hash', varchar(64), (column) => column.notNull())
    .addColumn('hash', varchar(64), (column) => column.notNull())
    .addColumn('issued_at', varchar(30), (column) => column.notNull())
    .execute();
}

/** Whoever is there already has been served all along. */
async function subscriptions(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'subscriptions')
    .addColumn('state', varchar(16), (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('entered', 'integer', (column) => column.notNull())
    .addColumn('begun', 'integer', (column) => column.notNull())
    .addColumn('changed_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_subscriptions', ['tenant_id'])
    .execute();
  await sql`insert into subscriptions (tenant_id, state, version, entered, begun, changed_at)
    select tenant_id, 'active', 1, 1, 1, created_at from tenants`.execute(db);
}

async function seats(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('mappings')
    .addColumn('assigned_at', varchar(30), (column) => column.notNull().defaultTo('2026-01-01T00:00:00.000Z'))
    .execute();
  await db.schema
    .alterTable('mappings')
    .addColumn('seated', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
}

async function claims(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('erasure_receipts')
    .addColumn('claim_hash', varchar(64), (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema
    .createIndex('ix_erasure_receipts_claim')
    .on('erasure_receipts')
    .columns(['claim_hash', 'sequence'])
    .execute();
}

async function signatures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('erasure_receipts')
    .addColumn('signature', varchar(96), (column) => column.notNull().defaultTo(''))
    .execute();
}

async function rules(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'sync_rules')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('saved_at', varchar(30), (column) => column.notNull())
    .addColumn('restored', 'integer')
    .addColumn('counted', 'integer', (column) => column.notNull())
    .addColumn('applied', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_sync_rules', ['tenant_id', 'version'])
    .execute();
  await ownedTable(db, 'rule_exceptions')
    .addColumn('user_id', varchar(36), (column) => column.notNull())
    .addColumn('exception', nvarchar(2000), (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('saved_at', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_rule_exceptions', ['tenant_id', 'user_id'])
    .execute();
  await ownedTable(db, 'rule_previews')
    .addColumn('part', 'integer', (column) => column.notNull())
    .addColumn('asked_at', varchar(30), (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_rule_previews', ['tenant_id', 'part'])
    .execute();
}

async function convergence(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'convergence')
    .addColumn('side', varchar(16), (column) => column.notNull())
    .addColumn('hour', varchar(30), (column) => column.notNull())
    .addColumn('delays', 'text', (column) => column.notNull())
    .addColumn('refused', 'integer', (column) => column.notNull())
    .addColumn('last_batch', varchar(64), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_convergence', ['tenant_id', 'side', 'hour'])
    .execute();
}

async function resyncs(db: Kysely<unknown>): Promise<void> {
  await ownedTable(db, 'resyncs')
    .addColumn('side', varchar(16), (column) => column.notNull())
    .addColumn('shard', 'integer', (column) => column.notNull())
    .addColumn('asked_at', varchar(30), (column) => column.notNull())
    .addColumn('paused_until', varchar(30))
    .addPrimaryKeyConstraint('pk_resyncs', ['tenant_id', 'side', 'shard'])
    .execute();
}
