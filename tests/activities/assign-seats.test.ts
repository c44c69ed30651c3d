/** Seats are given by what was bought, and whoever has none is told so, whatever interrupts or changes meanwhile. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import { makeEnrolUsers } from '../../activities/enrol-users.ts';
import { assignSeats } from '../../activities/shared/assign-seats.ts';
import { userPresenceKey } from '../../contracts/identities.ts';
import { enrolUsers } from '../../contracts/onboard-tenant.ts';
import { publishedPlans } from '../../domain/plans.ts';
import { silentTelemetry, type Telemetry } from '../../domain/telemetry.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from '../store/engine.ts';
import { aTenant, many, minutesLater, now, tenantId } from '../store/samples.ts';

let database: TestDatabase;
let store: Store;
/** The keys of the entities that were told to leave, and the versions they were told. */
let left: [key: string, version: number][];
let recorded: string[];

const idOf = (text: string): string => `0f6a8e9e-4d5f-4c8a-9a52-3d6f000${text}`;
const keyOf = (text: string): string => userPresenceKey(tenantId, idOf(text));
const run = now.toISOString();

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
  left = [];
  recorded = [];
  await store.tenants.add(aTenant, now);
});

afterEach(() => database.remove());

/** So many people, mapped one after the other. */
async function mapped(count: number): Promise<void> {
  for (const [minute, each] of many(count, (text) => ({ userId: idOf(text), extensionId: text })).entries()) {
    await store.mappings.add(tenantId, [{ ...each, shard: 0 }], minutesLater(minute));
  }
}

const bought = (quantity: number | null, planId = 'standard') =>
  store.licences.save(tenantId, { planId, quantity, assigned: 0 }, now);

const durable: Pick<DurableClient, 'signalEntity' | 'readEntityState'> = {
  signalEntity: (id, operation, input) => {
    if (operation !== 'leave') return Promise.resolve();
    left.push([id.key, (input as { version: number }).version]);
    return Promise.resolve();
  },
  readEntityState: () => Promise.reject(new Error('Nobody reads it.')),
};
const telemetry: Telemetry = { ...silentTelemetry, record: (event) => void recorded.push(event) };

/** Answers who has a seat then. */
async function assign({ using = store, client = durable, version = 1 } = {}): Promise<string[]> {
  const dependencies = { store: using, plans: publishedPlans, clock: () => now };
  await assignSeats(
    dependencies,
    { durable: client as DurableClient, telemetry },
    { tenantId, version, run },
  );
  return (await store.seated.page(tenantId, 0, 1000)).map(({ extensionId }) => extensionId);
}

const logged = async () =>
  (await store.customerLog.page(tenantId, { size: 10 })).map(({ happening }) => happening);

test('whoever was mapped last is told to leave, and the customer that there are too few seats', async () => {
  await mapped(4);
  await bought(2);
  expect(await assign({ version: 7 })).toEqual(['00000', '00001']);
  expect(left).toEqual([
    [keyOf('00002'), 7],
    [keyOf('00003'), 7],
  ]);
  expect(await store.licences.find(tenantId)).toEqual({ planId: 'standard', quantity: 2, assigned: 2 });
  expect(await logged()).toEqual([{ kind: 'seatsExceeded', people: 4, seats: 2 }]);
  expect(recorded).toEqual([]);
});

test('run again, it tells the people again and the customer nothing new', async () => {
  await mapped(2);
  await bought(1);
  const interrupted = { ...durable, signalEntity: () => Promise.reject(new Error('The power is cut.')) };
  await expect(assign({ client: interrupted })).rejects.toThrow('power');
  await assign();
  await assign();
  expect(left).toEqual([
    [keyOf('00001'), 1],
    [keyOf('00001'), 1],
  ]);
  expect(await logged()).toHaveLength(1);
});

test('with enough seats again nobody is told to leave, and the customer is told', async () => {
  await mapped(2);
  await bought(1);
  await assign();
  left = [];
  await bought(5);
  expect(await assign()).toEqual(['00000', '00001']);
  expect(left).toEqual([]);
  expect((await logged())[0]).toEqual({ kind: 'seatsRestored', people: 2 });
  expect(await store.licences.find(tenantId)).toMatchObject({ quantity: 5, assigned: 2 });
});

test('a quantity that changes while people are seated counts, and is not overwritten', async () => {
  await mapped(3);
  await bought(3);
  let changed = false;
  const mappings = {
    ...store.mappings,
    seat: async (customer: string, seats: number | null) => {
      if (!changed) await bought(1);
      changed = true;
      return store.mappings.seat(customer, seats);
    },
  };
  expect(await assign({ using: { ...store, mappings } })).toEqual(['00000']);
  expect(left.map(([key]) => key)).toEqual([keyOf('00001'), keyOf('00002')]);
  expect(await store.licences.find(tenantId)).toMatchObject({ quantity: 1, assigned: 1 });
});

test('a plan at one price is for as many people as it includes, all of whom are told', async () => {
  await mapped(230);
  await bought(null, 'team');
  expect(await assign()).toHaveLength(25);
  expect(new Set(left.map(([key]) => key)).size).toBe(205);
});

test('of a plan that nobody knows what was bought counts, and operators hear of it', async () => {
  await mapped(3);
  await bought(2, 'platinum');
  expect(await assign()).toEqual(['00000', '00001']);
  await bought(null, 'platinum');
  expect(await assign()).toHaveLength(3);
  expect(recorded).toEqual(['planUnknown', 'planUnknown']);
});

test('of whom no licence is known, everybody has a seat', async () => {
  await mapped(3);
  expect(await assign()).toHaveLength(3);
  expect(recorded).toEqual(['planUnknown']);
});

test('who loses their seat is told an instant no later than that of their seating', async () => {
  await mapped(1);
  await bought(0);
  const clock = { minutes: 0 };
  const mappings = {
    ...store.mappings,
    seat: (customer: string, seats: number | null) => {
      clock.minutes = 5;
      return store.mappings.seat(customer, seats);
    },
  };
  const told: unknown[] = [];
  const client = {
    signalEntity: (_id: unknown, _operation: unknown, input: unknown) =>
      Promise.resolve(void told.push(input)),
  } as unknown as DurableClient;
  const dependencies = {
    store: { ...store, mappings },
    plans: publishedPlans,
    clock: () => minutesLater(clock.minutes),
  };
  await assignSeats(dependencies, { durable: client, telemetry }, { tenantId, version: 1, run });
  expect(told).toEqual([{ version: 1, at: minutesLater(0).toISOString() }]);
});

describe('an onboarding', () => {
  const noted = { eventId: 'e', termUnit: null, purchaser: { mail: null, objectId: null } };
  const change = (event: 'paid' | 'unpaid', quantity: number) =>
    store.subscriptions.change(tenantId, { event, plan: { planId: 'standard', quantity }, at: now }, noted);
  const enrol = (input: { after?: string; version?: number } = {}) => {
    const activity = makeEnrolUsers({ store, plans: publishedPlans, clock: () => now });
    return activity(enrolUsers.input.parse({ tenantId, run, ...input }), {
      durable: durable as DurableClient,
      telemetry,
    });
  };

  test('gives out the seats before its first page, and tells those without the version that it is of', async () => {
    await mapped(2);
    await change('paid', 2);
    await change('paid', 1);
    expect(await enrol()).toEqual({ enrolled: 1, served: true, version: 2 });
    expect(await enrol({ version: 1 })).toEqual({ enrolled: 1, served: true, version: 1 });
    expect(left).toEqual([
      [keyOf('00001'), 2],
      [keyOf('00001'), 1],
    ]);
    await enrol({ after: idOf('00000') });
    expect(left).toHaveLength(2);
  });

  test('of a tenant that is served no more gives out none', async () => {
    await mapped(2);
    await change('paid', 2);
    await change('unpaid', 1);
    expect(await enrol()).toMatchObject({ enrolled: 0, served: false });
    expect(left).toEqual([]);
    expect(await store.seated.page(tenantId, 0, 10)).toHaveLength(2);
  });
});
