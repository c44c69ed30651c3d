/** The migration with which the directories of both vendors came to be read. */
import type { Kysely } from 'kysely';
import { nvarchar, ownedTable, varchar } from './migration-words.ts';

/** Adds what people and extensions are matched by, how far a reading has come, and whose traces are still to go. */
export async function addDirectory(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('user_principal_name', nvarchar(320)).execute();
  await db.schema.alterTable('extensions').addColumn('mail', nvarchar(320)).execute();
  await db.schema.alterTable('extensions').addColumn('phone', nvarchar(64)).execute();
  for (const table of ['users', 'extensions']) {
    await db.schema
      .alterTable(table)
      .addColumn('seen_in', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  }
  // Whoever was mapped before has been told of it.
  await db.schema
    .alterTable('mappings')
    .addColumn('enrolled', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await ownedTable(db, 'directory_syncs')
    .addColumn('run', 'integer', (column) => column.notNull())
    .addColumn('outcome', varchar(16), (column) => column.notNull())
    .addColumn('code', varchar(80))
    .addColumn('requested_at', varchar(30))
    .addColumn('started_at', varchar(30))
    .addColumn('finished_at', varchar(30))
    .addColumn('users_link', 'text')
    .addColumn('users_whole_since', 'integer')
    .addPrimaryKeyConstraint('pk_directory_syncs', ['tenant_id'])
    .execute();
  await ownedTable(db, 'departures')
    .addColumn('user_id', varchar(36), (column) => column.notNull())
    .addColumn('extension_id', varchar(64), (column) => column.notNull())
    .addColumn('since', varchar(30), (column) => column.notNull())
    .addPrimaryKeyConstraint('pk_departures', ['tenant_id', 'user_id'])
    .execute();
}
