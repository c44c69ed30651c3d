/** Has the mappings of a tenant be what its directories say, all at once: so a subscription is made anew once at most. */
import { fitting, readRow, type Database, type TenantTransaction } from './database.ts';
import { seatPeople, type MappingRow, type Seating } from './mappings.ts';
import type { Row } from './tables.ts';
import { batches, rowsPerStatement } from './upsert.ts';

/** Who came, went, has another extension, or is read by another service user now: how many. */
interface PlacementChanges {
  joined: number;
  left: number;
  moved: number;
  regrouped: number;
}

export interface Departure {
  userId: string;
  extensionId: string;
  /** When they were found to be mapped no more. */
  since: Date;
}

export interface Placements {
  /**
   * Has exactly these people mapped, and seats people anew. Who is mapped no more becomes a departure; who is back is none.
   * People who are as they were stay untouched.
   */
  place(
    tenantId: string,
    people: readonly MappingRow[],
    how: { seats: number | null; at: Date },
  ): Promise<PlacementChanges & { seating: Seating }>;
  /** Those with a seat whose entity has not been told of their extension yet, at most `atMost`. */
  unenrolled(tenantId: string, atMost: number): Promise<MappingRow[]>;
  /** Their entities have been told of these extensions. */
  noteEnrolled(
    tenantId: string,
    people: readonly Pick<MappingRow, 'userId' | 'extensionId'>[],
  ): Promise<void>;
  /** Whose traces are still to go, at most `atMost`, in the order of their ids, those after `after`. */
  departures(tenantId: string, atMost: number, after?: string): Promise<Departure[]>;
  /**
   * Removes what is left of a person who has gone: their log entries unless the directory still has them, what was last
   * sent for them, and the departure itself. Nothing happens where they are back.
   */
  forget(tenantId: string, departure: Omit<Departure, 'since'>): Promise<void>;
}

type Mapping = Row<'mappings'>;

export function makePlacements(database: Database): Placements {
  return {
    place: (tenantId, people, { seats, at }) =>
      database.inTenant(tenantId).together(async (scope) => {
        const changes = await place(scope, people, at.toISOString());
        return { ...changes, seating: await seatPeople(scope, seats) };
      }),
    unenrolled: async (tenantId, atMost) => {
      const rows = await database
        .inTenant(tenantId)
        .db.selectFrom('mappings')
        .selectAll()
        .where('seated', '=', 1)
        .where('enrolled', '=', 0)
        .orderBy('user_id')
        .limit(atMost)
        .execute();
      return rows.map((row) => {
        const { user_id: userId, extension_id: extensionId, shard } = readRow('mappings', row);
        return { userId, extensionId, shard };
      });
    },
    noteEnrolled: (tenantId, people) =>
      database.inTenant(tenantId).together(async ({ db }) => {
        // A user's extension may have changed since it was told.
        for (const batch of batches(people, rowsPerStatement(2))) {
          await db
            .updateTable('mappings')
            .set({ enrolled: 1 })
            .where(
              'user_id',
              'in',
              batch.map(({ userId }) => userId),
            )
            .where(
              'extension_id',
              'in',
              batch.map(({ extensionId }) => extensionId),
            )
            .execute();
        }
      }),
    departures: async (tenantId, atMost, after = '') => {
      const rows = await database
        .inTenant(tenantId)
        .db.selectFrom('departures')
        .selectAll()
        .where('user_id', '>', after)
        .orderBy('user_id')
        .limit(atMost)
        .execute();
      return rows
        .map((row) => readRow('departures', row))
        .map((row) => ({
          userId: row.user_id,
          extensionId: row.extension_id,
          since: new Date(row.since),
        }));
    },
    forget: (tenantId, departure) =>
      database.inTenant(tenantId).together((scope) => forget(scope, departure)),
  };
}

async function place(
  scope: TenantTransaction,
  people: readonly MappingRow[],
  at: string,
): Promise<PlacementChanges> {
  const { db } = scope;
  const held = await db.selectFrom('mappings').selectAll().orderBy('user_id').forUpdate().execute();
  const before = new Map(held.map((row) => readRow('mappings', row)).map((row) => [row.user_id, row]));
  const wanted = new Map(people.map((person) => [person.userId, person]));
  const gone = [...before.values()].filter((row) => !wanted.has(row.user_id));
  const joined: Mapping[] = [];
  const moved: Mapping[] = [];
  const regrouped: Mapping[] = [];
  for (const { userId, extensionId, shard } of people) {
    const row = before.get(userId);
    const after = { user_id: userId, extension_id: extensionId, shard };
    if (row === undefined) joined.push({ ...after, assigned_at: at, seated: 1, enrolled: 0 });
    else if (row.extension_id !== extensionId) moved.push({ ...row, ...after, enrolled: 0 });
    else if (row.shard !== shard) regrouped.push({ ...row, ...after });
  }
  // Taken out before they are put in: an extension may pass from one person to another.
  await removeRows(scope, 'mappings', [...gone, ...moved, ...regrouped].map(userIdOf));
  await insertMappings(scope, [...joined, ...moved, ...regrouped]);
  await removeRows(scope, 'departures', [...joined.map(userIdOf), ...gone.map(userIdOf)]);
  for (const batch of batches(gone, rowsPerStatement(3))) {
    const rows = batch.map((row) => ({
      user_id: row.user_id,
      extension_id: row.extension_id,
      since: at,
    }));
    await db.insertInto('departures').values(rows).execute();
  }
  return {
    joined: joined.length,
    left: gone.length,
    moved: moved.length,
    regrouped: regrouped.length,
  };
}

async function insertMappings({ db }: TenantTransaction, rows: readonly Mapping[]): Promise<void> {
  const checked = rows.map((row) => fitting('mappings', row));
  for (const batch of batches(checked, rowsPerStatement(6))) {
    await db.insertInto('mappings').values(batch).execute();
  }
}

async function removeRows(
  { db }: TenantTransaction,
  table: 'mappings' | 'departures',
  userIds: readonly string[],
): Promise<void> {
  for (const batch of batches(userIds, rowsPerStatement(1))) {
    await db.deleteFrom(table).where('user_id', 'in', batch).execute();
  }
}

async function forget(
  { db }: TenantTransaction,
  { userId, extensionId }: Omit<Departure, 'since'>,
): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('departures')
    .where('user_id', '=', userId)
    .where('extension_id', '=', extensionId)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) return;
  const attempts = db.deleteFrom('delivery_attempts');
  await attempts.where('side', '=', 'teams').where('target_id', '=', userId).execute();
  const successor = await db
    .selectFrom('mappings')
    .select('user_id')
    .where('extension_id', '=', extensionId)
    .executeTakeFirst();
  if (successor === undefined) {
    await attempts.where('side', '=', 'ringCentral').where('target_id', '=', extensionId).execute();
  }
  const known = await db
    .selectFrom('users')
    .select('user_id')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (known !== undefined) return;
  await db.deleteFrom('log_entries').where('user_id', '=', userId).execute();
  await db.deleteFrom('rule_exceptions').where('user_id', '=', userId).execute();
}

function userIdOf(row: Mapping): string {
  return row.user_id;
}
