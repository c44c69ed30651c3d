/** Which Microsoft 365 user is which RingCentral extension. */
import type { Kysely, Selectable } from 'kysely';
import type { Schema } from './schema.ts';

interface MappingRow {
  userId: string;
  extensionId: string;
  shard: number;
}

export interface Mappings {
  /** Adds mappings; those of people who are there already stay as they are. */
  add(tenantId: string, mappings: readonly MappingRow[]): Promise<void>;
  /** A page of people, in the order of their ids. `page` counts from 0. */
  page(tenantId: string, page: number, size: number): Promise<MappingRow[]>;
  ofShard(tenantId: string, shard: number): Promise<MappingRow[]>;
  ofExtension(tenantId: string, extensionId: string): Promise<MappingRow | undefined>;
  ofExtensions(tenantId: string, extensionIds: readonly string[]): Promise<MappingRow[]>;
  ofUsers(tenantId: string, userIds: readonly string[]): Promise<MappingRow[]>;
  /** The shards in use, in order. */
  shards(tenantId: string): Promise<number[]>;
}

/** SQLite and SQL Server both bound the number of parameters of a statement. */
const rowsPerInsert = 200;

export function makeMappings(db: Kysely<Schema>): Mappings {
  const ofTenant = (tenantId: string) =>
    db.selectFrom('mappings').selectAll().where('tenant_id', '=', tenantId);
  return {
    add: (tenantId, mappings) =>
      db.transaction().execute(async (transaction) => {
        for (let start = 0; start < mappings.length; start += rowsPerInsert) {
          const rows = mappings.slice(start, start + rowsPerInsert).map((mapping) => ({
            tenant_id: tenantId,
            user_id: mapping.userId.toLowerCase(),
            extension_id: mapping.extensionId,
            shard: mapping.shard,
          }));
          await transaction
            .insertInto('mappings')
            .values(rows)
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        }
      }),
    page: async (tenantId, page, size) =>
      (
        await ofTenant(tenantId)
          .orderBy('user_id')
          .offset(page * size)
          .limit(size)
          .execute()
      ).map(toMapping),
    ofShard: async (tenantId, shard) =>
      (await ofTenant(tenantId).where('shard', '=', shard).orderBy('user_id').execute()).map(toMapping),
    ofExtension: async (tenantId, extensionId) => {
      const row = await ofTenant(tenantId).where('extension_id', '=', extensionId).executeTakeFirst();
      return row === undefined ? undefined : toMapping(row);
    },
    ofExtensions: async (tenantId, extensionIds) => {
      if (extensionIds.length === 0) return [];
      return (await ofTenant(tenantId).where('extension_id', 'in', extensionIds).execute()).map(toMapping);
    },
    ofUsers: async (tenantId, userIds) => {
      if (userIds.length === 0) return [];
      return (await ofTenant(tenantId).where('user_id', 'in', userIds).execute()).map(toMapping);
    },
    shards: async (tenantId) => {
      const rows = await db
        .selectFrom('mappings')
        .select('shard')
        .distinct()
        .where('tenant_id', '=', tenantId)
        .orderBy('shard')
        .execute();
      return rows.map((row) => row.shard);
    },
  };
}

function toMapping(row: Selectable<Schema['mappings']>): MappingRow {
  return { userId: row.user_id, extensionId: row.extension_id, shard: row.shard };
}
