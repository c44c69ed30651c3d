/** The company's copy as a text: whole, valid and in pieces, however many people there are. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EntityId } from 'durable-functions';
import { z } from 'zod';
import { companyCopy, type CopySources } from '../../activities/shared/company-copy.ts';
import { graphGrantName, ringCentralGrantName } from '../../domain/secret-names.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aVault } from '../clients/fakes.ts';
import { aDatabase, type TestDatabase } from '../store/engine.ts';
import { aTenant, aUser, many, now, otherId, tenantId } from '../store/samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

const copySchema = z.object({
  about: z.looseObject({ subscription: z.string() }),
  data: z.record(z.string(), z.array(z.unknown())),
});

/** Entities that all exist; notes how many are read at once. */
function someEntities() {
  const noted = { now: 0, most: 0, asked: [] as string[] };
  const readEntityState = async ({ key }: EntityId) => {
    noted.asked.push(key);
    noted.most = Math.max(noted.most, (noted.now += 1));
    await Promise.resolve();
    noted.now -= 1;
    return { entityExists: !key.endsWith('gone'), entityState: { version: 1 } };
  };
  return { noted, readEntityState } as unknown as CopySources['durable'] & { noted: typeof noted };
}

async function copyOf(sources: CopySources) {
  const parts: string[] = [];
  for await (const part of companyCopy(sources, tenantId, now)) parts.push(part);
  return { parts, copy: copySchema.parse(JSON.parse(parts.join(''))) };
}

test('of nothing it is still a copy, with an empty list for each place', async () => {
  const { copy } = await copyOf({ store, secrets: aVault(), durable: someEntities() });
  expect(copy.data['sql:users']).toEqual([]);
  expect(copy.data['secret:graphGrantName']).toEqual([]);
  expect(copy.about).toMatchObject({ subscription: tenantId, madeAt: now.toISOString() });
});

test('of many people it comes in small pieces, everybody once, with few entities read at once', async () => {
  const mapped = many(1203, (id) => `m${id}`);
  const users = [...mapped.slice(0, 700), ...many(505, (id) => `u${id}`), 'is-gone'];
  await store.mappings.add(
    tenantId,
    mapped.map((userId) => ({ userId, extensionId: `x-${userId}`, shard: 0 })),
    now,
  );
  // Who has no seat is there no less, and no more often.
  await store.mappings.seat(tenantId, 300);
  await store.users.upsert(
    tenantId,
    users.map((id) => aUser(id)),
    now,
  );
  await store.tenants.add(aTenant, now);
  await store.users.upsert(otherId, [aUser('theirs')], now);

  const durable = someEntities();
  const { parts, copy } = await copyOf({ store, secrets: aVault(), durable });
  expect(copy.data['sql:mappings']).toHaveLength(1203);
  expect(copy.data['sql:users']).toHaveLength(1206);
  const people = z.array(z.object({ key: z.string() })).parse(copy.data['entity:userPresence']);
  expect(people.map(({ key }) => key).toSorted()).toEqual(
    [...mapped, ...many(505, (id) => `u${id}`)].map((id) => `${tenantId}:${id}`).toSorted(),
  );
  expect(durable.noted.asked.filter((key) => key.endsWith('gone'))).toHaveLength(1);
  expect(durable.noted.most).toBeLessThanOrEqual(10);
  // What the copy says of itself is the longest.
  expect(Math.max(...parts.slice(1).map((part) => part.length))).toBeLessThan(1000);
  expect(parts.join('')).not.toContain('theirs');
});

test('secrets are there by name, those that are not yet purged included, and nobody else’s', async () => {
  const vault = aVault({
    [ringCentralGrantName(tenantId)]: { refreshToken: 'a-secret-token' },
    [graphGrantName(otherId, 0)]: { refreshToken: 'a-secret-token' },
  });
  const names = async () => ({
    live: (await vault.names()).live,
    deleted: [graphGrantName(tenantId, 1), graphGrantName(tenantId, 0)],
  });
  const { parts, copy } = await copyOf({ store, secrets: { names }, durable: someEntities() });
  expect(copy.data['secret:graphGrantName']).toEqual([
    graphGrantName(tenantId, 0),
    graphGrantName(tenantId, 1),
  ]);
  expect(copy.data['secret:ringCentralGrantName']).toEqual([ringCentralGrantName(tenantId)]);
  expect(copy.data['secret:pseudonymKeyName']).toEqual([]);
  expect(parts.join('')).not.toContain('a-secret-token');
  expect(vault.reads).toBe(0);
});
