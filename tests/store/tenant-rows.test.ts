/** A tenant's rows as a whole: erased without touching anybody else's, and gone from the file as well. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { erasurePlan } from '../../domain/erasure-plan.ts';
import { ByteSearch, type Needle } from '../../local/residue/byte-search.ts';
import { makeStore, openSettings, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { aUser, many, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore('file' in database.settings ? openSettings(database.settings) : database.open());
});

afterEach(async () => {
  if ('file' in database.settings) await store.close();
  await database.remove();
});

const serviceTables = erasurePlan(tenantId, 'service').tables;

/** People with as much said of them as there may be, some of it said anew. */
async function fill(id: string, mark: string): Promise<void> {
  const users = many(800, (text) => aUser(`${mark}-${text}`, { displayName: `Name ${mark} ${text}` }));
  await store.tenants.add({ tenantId: id, microsoftTenantId: `m-${mark}`, ringCentralAccountId: 'r' }, now);
  await store.users.upsert(id, users, now);
  const moved = users.filter((_, index) => index % 3 === 0);
  await store.users.upsert(
    id,
    moved.map((user) => ({ ...user, jobTitle: `Job ${mark} `.repeat(20).trim() })),
    now,
  );
  await store.users.remove(
    id,
    users.slice(0, 100).map(({ userId }) => userId),
  );
  const happening = { kind: 'peopleEnrolled', people: 3 } as const;
  await store.customerLog.append(
    id,
    many(300, (once) => ({ happening, at: now, once: `${mark}${once}` })),
  );
  await store.mappings.add(
    id,
    many(200, (text) => ({ userId: `${mark}-${text}`, extensionId: text, shard: 0 })),
    now,
  );
}

async function erase(): Promise<number> {
  let rows = 0;
  for (const table of serviceTables) rows += await store.tenantRows.erase(tenantId, table);
  return rows;
}

async function count(id: string): Promise<number> {
  let rows = 0;
  for (const table of serviceTables) rows += await store.tenantRows.count(id, table);
  return rows;
}

test("a tenant's rows are counted and erased, the other's stay", async () => {
  await fill(tenantId, 'gone');
  await fill(otherId, 'kept');
  const [before, others] = [await count(tenantId), await count(otherId)];
  expect(before).toBe(1 + 700 + 300 + 200);
  expect(await erase()).toBe(before);
  expect(await count(tenantId)).toBe(0);
  expect(await erase()).toBe(0);
  expect(await count(otherId)).toBe(others);
});

test('whoever has a row of any category is found', async () => {
  expect(await store.tenantRows.tenantIds()).toEqual([]);
  await store.licences.save(otherId, { planId: 'pro', quantity: 1, assigned: 0 }, now);
  await store.dueDeletions.set(tenantId, { category: 'billing', reason: 'cancelled', dueAt: now });
  expect(await store.tenantRows.tenantIds()).toEqual([tenantId, otherId].toSorted());
});

test('of what was erased no byte is left, neither in free pages nor in the write-ahead log', async () => {
  if (!('file' in database.settings)) return;
  const { file } = database.settings;
  await fill(otherId, 'kept');
  await fill(tenantId, 'gone');
  const needles: Needle[] = [
    { text: 'gone-00', kind: 'directoryId', label: 'a directory id' },
    { text: 'Name gone', kind: 'name', label: 'a name' },
    { text: 'Job gone', kind: 'job', label: 'a job' },
    { text: 'gone-00500@example.com', kind: 'mail', label: 'a mail address' },
    { text: tenantId, kind: 'companyId', label: 'the tenant id' },
  ];
  const found = (): string[] => {
    const files = [file, `${file}-wal`].filter((path) => existsSync(path));
    const hits = files.flatMap((path) => new ByteSearch(needles).in(readFileSync(path)));
    return [...new Set(hits.map(({ needle }) => needle.label))];
  };
  await store.scrub();
  expect(found()).toHaveLength(needles.length);
  await erase();
  await store.scrub();
  expect(found()).toEqual([]);
  expect(await count(otherId)).toBeGreaterThan(0);
});
