/** Which Microsoft 365 user is which RingCentral extension. */
import { seatedOf } from '../domain/seats.ts';
import { fitting, readRow, type Database, type TenantTransaction } from './database.ts';
import type { Row } from './tables.ts';
import { batches, rowsPerStatement } from './upsert.ts';

interface MappingRow {
  userId: string;
  extensionId: string;
  shard: number;
}

export interface Mappings {
  /** Adds mappings; those of people, or with extensions, that are there already stay as they are. The first of a call wins. */
  add(tenantId: string, mappings: readonly MappingRow[], at: Date): Promise<void>;
  /** A page of people, with a seat or without, in the order of their ids. `page` counts from 0. */
  page(tenantId: string, page: number, size: number): Promise<MappingRow[]>;
  /**
   * Gives out so many seats, null for any number, to those who were assigned first. Answers who has none now, in the order of
   * their ids, and how many have one.
   */
  seat(tenantId: string, seats: number | null): Promise<{ seated: number; unseated: string[] }>;
  // All that follow know only those who have a seat.
  seatedPage(tenantId: string, page: number, size: number): Promise<MappingRow[]>;
  ofShard(tenantId: string, shard: number): Promise<MappingRow[]>;
  ofExtension(tenantId: string, extensionId: string): Promise<MappingRow | undefined>;
  ofExtensions(tenantId: string, extensionIds: readonly string[]): Promise<MappingRow[]>;
  ofUsers(tenantId: string, userIds: readonly string[]): Promise<MappingRow[]>;
  /** The shards in use, in order. */
  shards(tenantId: string): Promise<number[]>;
}

type Column = 'user_id' | 'extension_id';

export function makeMappings(database: Database): Mappings {
  const everybody = (tenantId: string) => database.inTenant(tenantId).db.selectFrom('mappings').selectAll();
  const ofTenant = (tenantId: string) => everybody(tenantId).where('seated', '=', 1);
  const having = async (tenantId: string, column: Column, values: readonly string[]) => {
    const found: MappingRow[] = [];
    for (const batch of batches([...new Set(values)], rowsPerStatement(1))) {
      found.push(...(await ofTenant(tenantId).where(column, 'in', batch).execute()).map(toMapping));
    }
    return found;
  };
  return {
    add: (tenantId, mappings, at) =>
      database.inTenant(tenantId).together(async (scope) => {
        const rows = mappings.map((mapping) =>
          fitting('mappings', {
            user_id: mapping.userId.toLowerCase(),
            extension_id: mapping.extensionId,
            shard: mapping.shard,
            assigned_at: at.toISOString(),
            seated: 1,
          }),
        );
        for (const batch of batches(rows, rowsPerStatement(5))) await addMissing(scope, batch);
      }),
    page: async (tenantId, page, size) =>
      (
        await everybody(tenantId)
          .orderBy('user_id')
          .offset(page * size)
          .limit(size)
          .execute()
      ).map(toMapping),
    seat: (tenantId, seats) => database.inTenant(tenantId).together((scope) => giveOutSeats(scope, seats)),
    seatedPage: async (tenantId, page, size) =>
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
    ofExtensions: (tenantId, extensionIds) => having(tenantId, 'extension_id', extensionIds),
    ofUsers: (tenantId, userIds) =>
      having(
        tenantId,
        'user_id',
        userIds.map((userId) => userId.toLowerCase()),
      ),
    shards: async (tenantId) => {
      const rows = await database
        .inTenant(tenantId)
        .db.selectFrom('mappings')
        .where('seated', '=', 1)
        .select('shard')
        .distinct()
        .orderBy('shard')
        .execute();
      return rows.map((row) => row.shard);
    },
  };
}

async function giveOutSeats(
  { db }: TenantTransaction,
  seats: number | null,
): Promise<{ seated: number; unseated: string[] }> {
  const rows = (await db.selectFrom('mappings').selectAll().orderBy('user_id').forUpdate().execute()).map(
    (row) => readRow('mappings', row),
  );
  const seated = seatedOf(
    rows.map((row) => ({ userId: row.user_id, assignedAt: row.assigned_at })),
    seats,
  );
  for (const has of [1, 0]) {
    const changed = rows.filter((row) => row.seated !== has && seated.has(row.user_id) === (has === 1));
    const ids = changed.map((row) => row.user_id);
    for (const batch of batches(ids, rowsPerStatement(1))) {
      await db.updateTable('mappings').set({ seated: has }).where('user_id', 'in', batch).execute();
    }
  }
  const unseated = rows.map((row) => row.user_id).filter((userId) => !seated.has(userId));
  return { seated: seated.size, unseated };
}

async function addMissing({ db }: TenantTransaction, rows: readonly Row<'mappings'>[]): Promise<void> {
  const taken = async (column: Column) => {
    const values = rows.map((row) => row[column]);
    const held = await db
      .selectFrom('mappings')
      .select(column)
      .where(column, 'in', values)
      .forUpdate()
      .execute();
    return new Set(held.map((row) => (row as Row<'mappings'>)[column]));
  };
  const [users, extensions] = [await taken('user_id'), await taken('extension_id')];
  const missing = rows.filter(({ user_id: user, extension_id: extension }) => {
    if (users.has(user) || extensions.has(extension)) return false;
    users.add(user);
    extensions.add(extension);
    return true;
  });
  if (missing.length > 0) await db.insertInto('mappings').values(missing).execute();
}

function toMapping(row: unknown): MappingRow {
  const { user_id: userId, extension_id: extensionId, shard } = readRow('mappings', row);
  return { userId, extensionId, shard };
}
