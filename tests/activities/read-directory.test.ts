/** How the directories are read: cut off, replayed, too old, lying, or by two at once. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { makeReadDirectoryExtensions } from '../../activities/read-directory-extensions.ts';
import { makeReadDirectoryUsers } from '../../activities/read-directory-users.ts';
import type { GraphClient } from '../../clients/graph/graph-client.ts';
import type { UserChanges } from '../../clients/graph/user-changes.ts';
import type { RingCentralClient } from '../../clients/ring-central/ring-central-client.ts';
import { emptyOutbox } from '../../domain/outbox.ts';
import type { UserSaid } from '../../domain/directory-user.ts';
import { silentTelemetry } from '../../domain/telemetry.ts';
import { VendorError } from '../../domain/vendor-error.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from '../store/engine.ts';
import { aTenant, aUser, now, tenantId } from '../store/samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
  await store.tenants.add(aTenant, now);
  const plan = { planId: 'standard', quantity: 5 };
  const noted = { eventId: 'e-1', termUnit: 'P1M', purchaser: { mail: null, objectId: null } };
  await store.subscriptions.change(tenantId, { event: 'paid', plan, at: now }, noted);
});
afterEach(() => database.remove());

const tools = {
  durable: { readEntityState: () => Promise.resolve({ entityExists: false }) } as unknown as DurableClient,
  telemetry: silentTelemetry,
};
const begin = () => store.directorySyncs.begin(tenantId, now);

const plans = [{ servicePlanId: '57ff2da0-773e-42df-b2af-ffb7a2317929', capabilityStatus: 'Enabled' }];
const said = (userId: string, more: Partial<UserSaid> = {}): UserSaid => ({
  userId,
  displayName: userId,
  accountEnabled: true,
  assignedPlans: plans,
  ...more,
});
const page = (link: string, more: boolean, ...people: UserSaid[]): UserChanges => ({
  said: people,
  removedIds: [],
  link,
  more,
});

type Pages = Record<string, UserChanges | undefined>;

/** Graph with these pages by their links; the first is the page of everybody. */
function readUsers(pages: Pages, users: Record<string, UserSaid> = {}) {
  const asked: string[] = [];
  const graph = {
    readUserChanges: (_tenant: unknown, link = 'first') => {
      asked.push(link);
      if (!(link in pages)) return Promise.reject(new VendorError('unavailable', 'HTTP503'));
      return Promise.resolve(pages[link]);
    },
    readUser: (_tenant: unknown, userId: string) => Promise.resolve(users[userId]),
  } as unknown as GraphClient;
  const read = makeReadDirectoryUsers({ store, graph, clock: () => now });
  return { asked, read: (run: number) => read({ tenantId, run }, tools) };
}

const known = async () => (await store.users.page(tenantId, 0, 100)).map(({ userId }) => userId);

test('a reading that was cut off goes on where it was, and whoever was read before is not taken for gone', async () => {
  await store.users.upsert(tenantId, [aUser('old')], now, 0);
  const pages: Pages = { first: page('second', true, said('ada')) };
  const broken = readUsers(pages);
  expect(await broken.read(await begin())).toEqual({ kind: 'wait', seconds: 30 });
  expect(await known()).toEqual(['ada', 'old']);

  const whole = readUsers({ ...pages, second: page('delta', false, said('bob')) });
  expect(await whole.read(await begin())).toEqual({ kind: 'read', more: false });
  expect(whole.asked).toEqual(['second']);
  expect(await known()).toEqual(['ada', 'bob']);
});

test('pages that come again change nothing', async () => {
  const run = await begin();
  const { read } = readUsers({
    first: page('delta', false, said('ada')),
    delta: page('delta', false, said('ada')),
  });
  await read(run);
  const before = await store.users.page(tenantId, 0, 10);
  await read(run);
  await read(run);
  expect(await store.users.page(tenantId, 0, 10)).toEqual(before);
});

test('of somebody who is licensed now all is asked, and of whom else nothing', async () => {
  const run = await begin();
  const ada = { userId: 'ada', assignedPlans: plans };
  const { read } = readUsers(
    {
      first: page('delta', false, said('bob')),
      delta: page('next', false, ada, { userId: 'cyd', jobTitle: 'Agent' }),
    },
    { ada: said('ada', { displayName: 'Ada' }) },
  );
  await read(run);
  await read(run);
  expect(await known()).toEqual(['ada', 'bob']);
  expect(await store.users.find(tenantId, ['ada'])).toMatchObject([{ displayName: 'Ada' }]);
});

test('after a link that is too old everybody is read, and who is not among them is gone', async () => {
  const run = await begin();
  const first = readUsers({ first: page('delta', false, said('ada'), said('bob')) });
  await first.read(run);
  const again = readUsers({ delta: undefined, first: page('delta2', false, said('bob')) });
  expect(await again.read(await begin())).toEqual({ kind: 'read', more: false });
  expect(again.asked).toEqual(['delta', 'first']);
  expect(await known()).toEqual(['bob']);
});

test('a directory in which nobody is found is not believed', async () => {
  await store.users.upsert(tenantId, [aUser('ada')], now, 0);
  const { read } = readUsers({ first: page('delta', false) });
  expect(await read(await begin())).toEqual({ kind: 'gaveUp', code: 'NobodyFound' });
  expect(await known()).toEqual(['ada']);
});

test('a run whose place another has taken is over, and so is one of a tenant that is served no more', async () => {
  const [first, second] = [await begin(), await begin()];
  const { read, asked } = readUsers({ first: page('delta', false, said('ada')) });
  expect(await read(first)).toEqual({ kind: 'over' });
  const noted = { eventId: 'e-2', termUnit: 'P1M', purchaser: { mail: null, objectId: null } };
  await store.subscriptions.change(tenantId, { event: 'unpaid', plan: undefined, at: now }, noted);
  expect(await read(second)).toEqual({ kind: 'over' });
  expect(asked).toEqual([]);
});

const extension = (extensionId: string) => ({
  extensionId,
  extensionNumber: null,
  name: extensionId,
  mail: null,
  phone: null,
});

/** RingCentral that answers these pages one after the other. */
function readExtensions(...pages: { ids: string[]; nextPage?: number; remaining?: number }[]) {
  const ringCentral = {
    listExtensions: () => {
      const { ids, nextPage, remaining = 39 } = pages.shift() ?? { ids: [] };
      return Promise.resolve({
        records: ids.map(extension),
        ...(nextPage !== undefined && { nextPage }),
        budget: { limit: 40, remaining, windowSeconds: 60 },
      });
    },
  } as unknown as RingCentralClient;
  const read = makeReadDirectoryExtensions({ store, ringCentral, clock: () => now });
  return (run: number, at: { page: number; again: boolean } = { page: 1, again: false }) =>
    read({ tenantId, run, listing: at }, tools);
}

const numbers = async () => (await store.extensions.page(tenantId, 0, 100)).map((each) => each.extensionId);

test('who is missing from a list of one page is gone', async () => {
  await readExtensions({ ids: ['1', '2'] })(await begin());
  expect(await readExtensions({ ids: ['2'] })(await begin())).toEqual({ kind: 'read' });
  expect(await numbers()).toEqual(['2']);
});

test('who is missing from a list of two pages is looked for once more', async () => {
  await readExtensions({ ids: ['1', '2', '3'] })(await begin());
  const run = await begin();
  const read = readExtensions(
    { ids: ['1'], nextPage: 2 },
    { ids: ['3'] },
    { ids: ['1', '2'], nextPage: 2 },
    { ids: [] },
  );
  expect(await read(run)).toEqual({ kind: 'read', next: { page: 2, again: false } });
  expect(await read(run, { page: 2, again: false })).toEqual({
    kind: 'read',
    next: { page: 1, again: true },
  });
  expect(await read(run, { page: 1, again: true })).toMatchObject({ next: { page: 2, again: true } });
  expect(await read(run, { page: 2, again: true })).toEqual({ kind: 'read' });
  expect(await numbers()).toEqual(['1', '2', '3']);
});

test('a list in which nobody is found is not believed', async () => {
  await readExtensions({ ids: ['1'] })(await begin());
  expect(await readExtensions({ ids: [] })(await begin())).toEqual({ kind: 'gaveUp', code: 'NobodyFound' });
  expect(await numbers()).toEqual(['1']);
});

test('while a storm of presence needs the whole limit, the list is not asked for', async () => {
  const wish = { hold: 'busy', baseline: null, revision: 1, certain: true, write: {} };
  const waiting = Object.fromEntries(
    Array.from({ length: 41 }, (_, person) => [String(person), { ...wish, userId: 'u', targetId: 'x' }]),
  );
  const entityState = { ...emptyOutbox, waiting };
  const durable = { readEntityState: () => Promise.resolve({ entityExists: true, entityState }) };
  const read = makeReadDirectoryExtensions({ store, ringCentral: {} as RingCentralClient, clock: () => now });
  const listing = { page: 1, again: false };
  const stormy = { ...tools, durable: durable as unknown as DurableClient };
  expect(await read({ tenantId, run: await begin(), listing }, stormy)).toEqual({
    kind: 'wait',
    seconds: 60,
  });
});

test('where little is left of the limit, the next page waits', async () => {
  const read = readExtensions({ ids: ['1'], nextPage: 2, remaining: 10 });
  expect(await read(await begin())).toMatchObject({ pauseSeconds: 60 });
});
