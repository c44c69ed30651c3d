/** The people on the Microsoft side, the extensions on the RingCentral side, and the service users that read presence. */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { DirectoryUser } from '../domain/directory-user.ts';
import { readJson, readRow, type Database } from './database.ts';
import type { Row, TenantTable } from './tables.ts';
import { batches, rowsPerStatement, upsert, type UpsertCounts } from './upsert.ts';

export type User = DirectoryUser;

export interface Extension {
  extensionId: string;
  extensionNumber: string | null;
  name: string;
  mail: string | null;
  /** The direct number. */
  phone: string | null;
}

interface ServiceUser {
  /** Which presence subscription the user's consent carries, from 0. */
  shard: number;
  userId: string;
  connectedAt: Date;
}

/** One kind of record. Whole calls succeed or fail; a record that does not fit makes the whole call fail. */
interface Records<Item> {
  /** Adds what is new, changes what differs, and leaves the rest alone. `run` is the reading in which they were found. */
  upsert(tenantId: string, items: readonly Item[], at: Date, run?: number): Promise<UpsertCounts>;
  /** How many there are, and how many of them have not been found since the reading `run`. */
  census(tenantId: string, run: number): Promise<{ all: number; unseen: number }>;
  /** Removes those that have not been found since the reading `run`. */
  removeUnseen(tenantId: string, run: number): Promise<void>;
  /** A page, in the order of their ids. `page` counts from 0. */
  page(tenantId: string, page: number, size: number): Promise<Item[]>;
  /** Those there are of these, each once, in no order. */
  find(tenantId: string, ids: readonly string[]): Promise<Item[]>;
  /** Removes those there are; answers how many. */
  remove(tenantId: string, ids: readonly string[]): Promise<number>;
}

export type Users = Records<User>;
export type Extensions = Records<Extension>;

export interface ServiceUsers {
  save(tenantId: string, serviceUsers: readonly ServiceUser[]): Promise<void>;
  /** In the order of their shards. */
  all(tenantId: string): Promise<ServiceUser[]>;
}

export function makeUsers(database: Database): Users {
  return makeRecords(database, {
    table: 'users',
    id: 'user_id',
    idOf: (given) => given.toLowerCase(),
    toRow: (user: User, seen) => ({
      user_id: user.userId.toLowerCase(),
      display_name: user.displayName,
      mail: user.mail,
      user_principal_name: user.userPrincipalName,
      given_name: user.givenName,
      surname: user.surname,
      department: user.department,
      job_title: user.jobTitle,
      business_phones: JSON.stringify(user.businessPhones),
      ...seen,
    }),
    toItem: (row) => ({
      userId: row.user_id,
      displayName: row.display_name,
      mail: row.mail,
      userPrincipalName: row.user_principal_name,
      givenName: row.given_name,
      surname: row.surname,
      department: row.department,
      jobTitle: row.job_title,
      businessPhones: readJson(phones, row.business_phones, 'users.business_phones'),
    }),
  });
}

const phones = z.array(z.string());

export function makeExtensions(database: Database): Extensions {
  return makeRecords(database, {
    table: 'extensions',
    id: 'extension_id',
    idOf: (given) => given,
    toRow: ({ extensionId, extensionNumber, name, mail, phone }: Extension, seen) => ({
      extension_id: extensionId,
      extension_number: extensionNumber,
      name,
      mail,
      phone,
      ...seen,
    }),
    toItem: (row) => ({
      extensionId: row.extension_id,
      extensionNumber: row.extension_number,
      name: row.name,
      mail: row.mail,
      phone: row.phone,
    }),
  });
}

export function makeServiceUsers(database: Database): ServiceUsers {
  return {
    save: async (tenantId, serviceUsers) => {
      const rows = serviceUsers.map(({ shard, userId, connectedAt }) => ({
        shard,
        user_id: userId.toLowerCase(),
        connected_at: connectedAt.toISOString(),
      }));
      await database
        .inTenant(tenantId)
        .together((scope) => upsert(scope, 'service_users', rows, { by: 'shard' }));
    },
    all: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const rows = await db.selectFrom('service_users').selectAll().orderBy('shard').execute();
      return rows
        .map((row) => readRow('service_users', row))
        .map((row) => ({
          shard: row.shard,
          userId: row.user_id,
          connectedAt: new Date(row.connected_at),
        }));
    },
  };
}

/** How a kind of record lies in its table. */
interface Shape<T extends TenantTable, Item> {
  table: T;
  id: keyof Row<T> & string;
  /** An id as it is held. */
  idOf: (given: string) => string;
  toRow: (item: Item, seen: { seen_in: number; updated_at: string }) => Row<T>;
  toItem: (row: Row<T>) => Item;
}

function makeRecords<T extends 'users' | 'extensions', Item>(
  database: Database,
  { table, id, idOf, toRow, toItem }: Shape<T, Item>,
): Records<Item> {
  // Kysely cannot tell the columns of a table that is a type parameter; `toItem` gets what `readRow` has checked.
  const ofTenant = (tenantId: string) => database.inTenant(tenantId).db as unknown as AnyRecords;
  const [name, key]: [string, string] = [table, id];
  const batchesOf = (ids: readonly string[]) => batches([...new Set(ids.map(idOf))], rowsPerStatement(1));
  const toItems = (rows: readonly unknown[]) => rows.map((row) => toItem(readRow(table, row)));
  return {
    upsert: (tenantId, items, at, run = 0) =>
      database.inTenant(tenantId).together(async (scope) => {
        const seen = { seen_in: run, updated_at: at.toISOString() };
        const rows = items.map((item) => toRow(item, seen));
        const { inserted, updated } = await upsert(scope, table, rows, { by: id, except: ['updated_at'] });
        return { inserted, updated };
      }),
    census: async (tenantId, run) => {
      const count = async (people: Counted) => {
        const { total } = await people
          .select((all) => all.fn.countAll().as('total'))
          .executeTakeFirstOrThrow();
        return Number(total);
      };
      const all = countable(database, tenantId, table);
      return { all: await count(all), unseen: await count(all.where('seen_in', '<', run)) };
    },
    removeUnseen: async (tenantId, run) => {
      const { db } = database.inTenant(tenantId);
      await db
        .deleteFrom(table as 'users')
        .where('seen_in', '<', run)
        .execute();
    },
    page: async (tenantId, page, size) =>
      toItems(
        await ofTenant(tenantId)
          .selectFrom(name)
          .selectAll()
          .orderBy(key)
          .offset(page * size)
          .limit(size)
          .execute(),
      ),
    find: async (tenantId, ids) => {
      const found: Item[] = [];
      for (const batch of batchesOf(ids)) {
        found.push(
          ...toItems(await ofTenant(tenantId).selectFrom(name).selectAll().where(key, 'in', batch).execute()),
        );
      }
      return found;
    },
    remove: (tenantId, ids) =>
      database.inTenant(tenantId).together(async ({ db }) => {
        let removed = 0;
        for (const batch of batchesOf(ids)) {
          const [{ numDeletedRows } = { numDeletedRows: 0n }] = await (db as unknown as AnyRecords)
            .deleteFrom(name)
            .where(key, 'in', batch)
            .execute();
          removed += Number(numDeletedRows);
        }
        return removed;
      }),
  };
}

type AnyRecords = Kysely<Record<string, Record<string, string>>>;

/** Both tables have what is asked of them here. */
const countable = (database: Database, tenantId: string, table: 'users' | 'extensions') =>
  database.inTenant(tenantId).db.selectFrom(table as 'users');
type Counted = ReturnType<typeof countable>;
