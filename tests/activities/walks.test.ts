/** Walks over a tenant's people, page by page, pass nobody by who stays, whoever is mapped no more or loses their seat meanwhile. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { makeEnrolUsers } from '../../activities/enrol-users.ts';
import { makeObserveTeamsPresence } from '../../activities/observe-teams-presence.ts';
import { makeReconsiderUsers } from '../../activities/reconsider-users.ts';
import type { Effect } from '../../activities/shared/activity.ts';
import { makeTellRules } from '../../activities/tell-rules.ts';
import type { GraphClient } from '../../clients/graph/graph-client.ts';
import type { ActivityContract } from '../../contracts/durable.ts';
import { entityNames, parseUserPresenceKey } from '../../contracts/identities.ts';
import { enrolUsers } from '../../contracts/onboard-tenant.ts';
import { observeTeamsPresence } from '../../contracts/resync-presence.ts';
import { reconsiderUsers, tellRules } from '../../contracts/sync-rules.ts';
import { publishedPlans } from '../../domain/plans.ts';
import { defaultRules } from '../../domain/sync-rules.ts';
import { silentTelemetry } from '../../domain/telemetry.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from '../store/engine.ts';
import { aTenant, many, now, tenantId } from '../store/samples.ts';

let database: TestDatabase;
let store: Store;
/** Who was told something, or read. */
let reached: string[];

/** More than two pages of any walk. */
const people = many(1400, (text) => ({
  userId: `0f6a8e9e-4d5f-4c8a-9a52-3d6f000${text}`,
  extensionId: text,
  shard: 0,
}));
const clock = () => now;
const at = now.toISOString();

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
  reached = [];
  await store.tenants.add(aTenant, now);
  const plan = { planId: 'standard', quantity: people.length };
  const noted = { eventId: 'e', termUnit: null, purchaser: { mail: null, objectId: null } };
  await store.subscriptions.change(tenantId, { event: 'paid', plan, at: now }, noted);
  await store.mappings.add(tenantId, people, now);
  await store.syncRules.save(tenantId, defaultRules, { at: now });
});

afterEach(() => database.remove());

const durable: Pick<DurableClient, 'signalEntity' | 'readEntityState'> = {
  signalEntity: ({ name, key }) => {
    if (name === entityNames.userPresence) reached.push(parseUserPresenceKey(key).userId);
    return Promise.resolve();
  },
  readEntityState: () => Promise.reject(new Error('Nobody reads it.')),
};
const graph: Pick<GraphClient, 'readPresences'> = {
  readPresences: (_tenant, userIds) => {
    reached.push(...userIds);
    return Promise.resolve([]);
  },
};

type Given = Record<string, unknown>;
/** Where an answer says that the walk goes on, as the input of the next page; undefined where it has ended. */
type Page = (given: Given) => Promise<Given | undefined>;

/** Has a page done as its orchestration does: what passes between them is what the contract lets pass. */
async function done<Contract extends ActivityContract>(
  contract: Contract,
  effect: Effect<Contract>,
  given: Given,
): Promise<Given> {
  const input = contract.input.parse({ tenantId, ...given }) as Parameters<Effect<Contract>>[0];
  const answer = await effect(input, { durable: durable as DurableClient, telemetry: silentTelemetry });
  return contract.output.parse(answer) as Given;
}

const nextOf = ({ next }: Given): Given | undefined => (next === undefined ? undefined : { after: next });

const walks: Record<string, Page> = {
  tellRules: async (given) => nextOf(await done(tellRules, makeTellRules({ store, clock }), given)),
  reconsiderUsers: async (given) =>
    nextOf(await done(reconsiderUsers, makeReconsiderUsers({ store, clock }), { at, ...given })),
  enrolUsers: async (given) => {
    const enrol = makeEnrolUsers({ store, plans: publishedPlans, clock });
    return nextOf(await done(enrolUsers, enrol, { run: at, ...given }));
  },
  observeTeamsPresence: async (given) => {
    const observe = makeObserveTeamsPresence({ store, graph: graph as GraphClient, clock });
    const { next, after } = await done(observeTeamsPresence, observe, { page: 0, reading: 'r', ...given });
    return next === undefined ? undefined : { page: next, after };
  },
};

async function walkOn(page: Page, from: Given | undefined): Promise<void> {
  for (let given = from; given !== undefined; given = await page(given));
}

const ids = (of: readonly { userId: string }[]): string[] => of.map(({ userId }) => userId);
const staying = people.filter((_, n) => n % 3 !== 0);

test.each(Object.entries(walks))('%s passes nobody by when others go between two pages', async (_, page) => {
  const next = await page({});
  expect(reached.length).toBeLessThan(people.length / 2);
  await store.placements.place(tenantId, staying, { seats: null, at: now });
  await walkOn(page, next);
  expect(ids(staying).filter((userId) => !reached.includes(userId))).toEqual([]);
  expect(new Set(reached).size).toBe(reached.length);
});

test.each(Object.entries(walks))('%s begun when pages were counted walks from the start', async (_, page) => {
  await walkOn(page, { page: 3 });
  expect(reached.toSorted()).toEqual(ids(people));
});

test('an answer of when pages were counted has the walk begin again', () => {
  const { output } = tellRules;
  expect(output.parse({ served: true, next: 1 })).toEqual({ served: true, next: '' });
  expect(output.parse({ served: true })).toEqual({ served: true });
});

test('an onboarding counts the people of all its pages', async () => {
  const enrol = makeEnrolUsers({ store, plans: publishedPlans, clock });
  const after = ids(people)[1199];
  expect(await done(enrolUsers, enrol, { run: at, after, before: 1200 })).toMatchObject({ enrolled: 200 });
  expect(await done(enrolUsers, enrol, { run: at, after: ids(people)[1399], before: 1400 })).toMatchObject({
    enrolled: 0,
  });
  const [entry] = await store.customerLog.page(tenantId, { size: 1 });
  expect(entry?.happening).toEqual({ kind: 'peopleEnrolled', people: 1400 });
});
