/** Which Microsoft 365 user is which RingCentral extension. */
import { seatedOf } from '../domain/seats.ts';
import { fitting, readRow, type Database, type TenantTransaction } from './database.ts';
import type { Row } from './tables.ts';
import { batches, rowsPerStatement } from './upsert.ts';

export interface MappingRow {
  userId: string;
  extensionId: string;
  shard: number;
}

/** How people came to be seated. */
export interface Seating {
  /** How many have a seat. */
  seated: number;
  unseated: string[];
  newlySeated: string[];
  newlyUnseated: string[];
}

/** Everybody who is mapped, with a seat or without. */
export interface Mappings {
  /**
   * Adds mappings, with a seat until people are seated anew; those of people, or with extensions, that are there already
   * stay as they are. The first of a call wins.
   */
  add(tenantId: string, mappings: readonly MappingRow[], at: Date): Promise<void>;
  /** Gives the seats to people by the rule; `seats` is null where there is no limit. */
  seat(tenantId: string, seats: number | null): Promise<Seating>;
  /**
   * A page of people, in the order of their ids. `page` counts from 0: where somebody goes while pages are walked over, those that
   * follow move up, and one person may be passed by.
   */
  page(tenantId: string, page: number, size: number): Promise<MappingRow[]>;
  ofUsers(tenantId: string, userIds: readonly string[]): Promise<MappingRow[]>;
  /** The shards in use, in order. */
  shards(tenantId: string): Promise<number[]>;
}

/** Those who have a seat: whose presence is read, written and watched. */
export interface Seated extends Pick<Mappings, 'page' | 'ofUsers'> {
  /**
   * The first `size` people whose ids come after this one, in order; none comes before ''. In a walk from the last of a page to the
   * next nobody who stays is passed by, whoever goes.
   */
  after(tenantId: string, userId: string, size: number): Promise<MappingRow[]>;
  ofShard(tenantId: string, shard: number): Promise<MappingRow[]>;
  ofExtension(tenantId: string, extensionId: string): Promise<MappingRow | undefined>;
  ofExtensions(tenantId: string, extensionIds: readonly string[]): Promise<MappingRow[]>;
}

type Column = 'user_id' | 'extension_id';
type People = ReturnType<typeof everybody>;

const everybody = (database: Database, tenantId: string) =>
  database.inTenant(tenantId).db.selectFrom('mappings').selectAll();

export function makeMappings(database: Database): Mappings {
  const ofTenant = (tenantId: string) => everybody(database, tenantId);
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
            enrolled: 0,
          }),
        );
        for (const batch of batches(rows, rowsPerStatement(6))) await addMissing(scope, batch);
      }),
    seat: (tenantId, seats) => database.inTenant(tenantId).together((scope) => seatPeople(scope, seats)),
    page: (tenantId, page, size) => pageOf(ofTenant(tenantId), page, size),
    ofUsers: (tenantId, userIds) => ofUsers(ofTenant(tenantId), userIds),
    shards: async (tenantId) => {
      const rows = await database
        .inTenant(tenantId)
        .db.selectFrom('mappings')
        .select('shard')
        .distinct()
        .orderBy('shard')
        .execute();
      return rows.map((row) => row.shard);
    },
  };
}

export function makeSeated(database: Database): Seated {
  const ofTenant = (tenantId: string) => everybody(database, tenantId).where('seated', '=', 1);
  return {
    page: (tenantId, page, size) => pageOf(ofTenant(tenantId), page, size),
    after: async (tenantId, userId, size) => {
      const later = ofTenant(tenantId).where('user_id', '>', userId.toLowerCase());
      return (await later.orderBy('user_id').limit(size).execute()).map(toMapping);
    },
    ofUsers: (tenantId, userIds) => ofUsers(ofTenant(tenantId), userIds),
    ofShard: async (tenantId, shard) =>
      (await ofTenant(tenantId).where('shard', '=', shard).orderBy('user_id').execute()).map(toMapping),
    ofExtension: async (tenantId, extensionId) => {
      const row = await ofTenant(tenantId).where('extension_id', '=', extensionId).executeTakeFirst();
      return row === undefined ? undefined : toMapping(row);
    },
    ofExtensions: (tenantId, extensionIds) => having(ofTenant(tenantId), 'extension_id', extensionIds),
  };
}

async function pageOf(people: People, page: number, size: number): Promise<MappingRow[]> {
  const rows = await people
    .orderBy('user_id')
    .offset(page * size)
    .limit(size)
    .execute();
  return rows.map(toMapping);
}

function ofUsers(people: People, userIds: readonly string[]): Promise<MappingRow[]> {
  return having(
    people,
    'user_id',
    userIds.map((userId) => userId.toLowerCase()),
  );
}

async function having(people: People, column: Column, values: readonly string[]): Promise<MappingRow[]> {
  const found: MappingRow[] = [];
  for (const batch of batches([...new Set(values)], rowsPerStatement(1))) {
    found.push(...(await people.where(column, 'in', batch).execute()).map(toMapping));
  }
  return found;
}

/** Everybody is read, because who is seated depends on all; no more than as many as a customer has. */
export async function seatPeople({ db }: TenantTransaction, seats: number | null): Promise<Seating> {
  const rows = await db.selectFrom('mappings').selectAll().orderBy('user_id').forUpdate().execute();
  const people = rows.map((row) => readRow('mappings', row));
  const seated = new Set(
    seatedOf(
      people.map(({ user_id: userId, assigned_at: assignedAt }) => ({ userId, assignedAt })),
      seats,
    ),
  );
  const sitting = people.filter((row) => seated.has(row.user_id));
  const standing = people.filter((row) => !seated.has(row.user_id));
  const idsOf = (some: readonly Row<'mappings'>[]) => some.map((row) => row.user_id);
  const newlySeated = idsOf(sitting.filter((row) => row.seated === 0));
  const newlyUnseated = idsOf(standing.filter((row) => row.seated === 1));
  await mark(db, newlySeated, 1);
  await mark(db, newlyUnseated, 0);
  return { seated: sitting.length, unseated: idsOf(standing), newlySeated, newlyUnseated };
}

/** Who has got a seat, or lost it, has not been told so yet. */
async function mark(db: TenantTransaction['db'], userIds: readonly string[], seated: 0 | 1): Promise<void> {
  for (const batch of batches(userIds, rowsPerStatement(1))) {
    await db.updateTable('mappings').set({ seated, enrolled: 0 }).where('user_id', 'in', batch).execute();
  }
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
