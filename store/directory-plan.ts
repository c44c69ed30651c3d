/** What both directories, as they were last read, come to: who is whom, and who is read by which service user. */
import { matchPeople, type Matching } from '../domain/matching.ts';
import { placePeople, shardCapacity } from '../domain/shards.ts';
import type { Extension, User } from './directory.ts';
import type { MappingRow } from './mappings.ts';
import type { Store } from './store.ts';

export interface DirectoryPlan {
  /** Who is to be mapped, in the order of their ids. */
  people: MappingRow[];
  /** How many are mapped now, and how many of those would be no more. */
  mapped: number;
  leaving: number;
  matching: Matching;
  /** Who would be mapped if there were room, by id. */
  unplaced: string[];
  /** How many people the service users there are can read. */
  places: number;
  users: User[];
  extensions: Extension[];
}

type Sources = Pick<Store, 'users' | 'extensions' | 'mappings' | 'serviceUsers'>;

/** Everybody is read, because who is whom depends on all; no more than as many as a customer has. */
export async function planDirectory(store: Sources, tenantId: string): Promise<DirectoryPlan> {
  const users = await allOf((page, size) => store.users.page(tenantId, page, size));
  const extensions = await allOf((page, size) => store.extensions.page(tenantId, page, size));
  const existing = await allOf((page, size) => store.mappings.page(tenantId, page, size));
  const shards = (await store.serviceUsers.all(tenantId)).map(({ shard }) => shard);
  const matching = matchPeople({ users, extensions, existing });
  const shardOf = new Map(existing.map(({ userId, shard }) => [userId, shard]));
  const extensionOf = new Map(matching.pairs.map(({ userId, extensionId }) => [userId, extensionId]));
  const { placed, unplaced } = placePeople(
    matching.pairs.map(({ userId }) => ({ userId, shard: shardOf.get(userId) })),
    shards,
  );
  const people = placed.map((each) => ({ ...each, extensionId: extensionOf.get(each.userId) ?? '' }));
  const staying = new Set(people.map(({ userId }) => userId));
  const leaving = existing.filter(({ userId }) => !staying.has(userId)).length;
  const now = { mapped: existing.length, leaving };
  return { people, ...now, matching, unplaced, places: shards.length * shardCapacity, users, extensions };
}

const pageSize = 1000;

async function allOf<T>(read: (page: number, size: number) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let page = 0; ; page++) {
    const found = await read(page, pageSize);
    all.push(...found);
    if (found.length < pageSize) return all;
  }
}
