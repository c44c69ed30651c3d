/** More people than seats: the first assigned are looked after, and the others as soon as there are seats for them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { watchedUserIds } from '../../clients/graph/presence-filter.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import { StackWithData, person } from '../support/stack-with-data.ts';
import { expectInSync } from '../support/in-sync.ts';

let world: StackWithData;

beforeEach(async () => {
  world = await StackWithData.start();
});
afterEach(() => world.end());

type Person = Customer['users'][number];

/** The customer changes the number of its seats at the marketplace, which tells the app. */
async function buy({ subscriptionId: id }: Customer, quantity: number): Promise<void> {
  await world.stack.post(`/marketplace/${id}/change-quantity`, { quantity });
  await world.stack.advance('PT1M');
}

/** As if these people had been assigned one after the other, on a day each. */
function assignInOrder(people: readonly Person[]): void {
  for (const [day, { userId }] of people.entries()) {
    const at = `2026-02-0${day + 1}T08:00:00.000Z`;
    world.sql(`UPDATE mappings SET assigned_at = '${at}' WHERE user_id = '${userId}'`);
  }
}

/** What they do on one side does not show on the other, now or after the nightly look. */
async function expectLeftAlone(inTeams: Person, inRingCentral: Person): Promise<void> {
  const { stack } = world;
  const before = await writes();
  await stack.setTeams(inTeams.userId, 'Busy', 'InACall');
  await stack.setRingCentral(inRingCentral.extensionId, { telephonyStatus: 'CallConnected' });
  await stack.advance('PT25H');
  expect(await stack.ringCentral(inTeams.extensionId)).toMatchObject({ presenceStatus: 'Available' });
  expect(await stack.teams(inRingCentral.userId)).toMatchObject({ availability: 'Available' });
  await stack.setTeams(inTeams.userId, 'Available', 'Available');
  await stack.setRingCentral(inRingCentral.extensionId, { telephonyStatus: 'NoCall' });
  await stack.idle();
  expect(await writes()).toBe(before);
}

async function writes(): Promise<number> {
  const toRingCentral = await world.requests('ringCentral', /^PUT \S+\/presence/);
  const toTeams = await world.requests('graph', /^POST \S+\/(setPresence|clearPresence)/);
  return toRingCentral.length + toTeams.length;
}

/** Whom the newest subscription at Graph watches. */
async function watched(): Promise<readonly string[]> {
  const made = await world.requests('graph', /^POST \S+\/subscriptions 201/);
  const { resource } = z.object({ resource: z.string() }).parse(made.at(-1)?.body);
  return (watchedUserIds(resource) ?? []).toSorted();
}

const ids = (...people: Person[]) => people.map(({ userId }) => userId).toSorted();

test('with too few seats the newest are left alone, and are looked after again once there are enough', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 4 });
  const [ada, bob, cyd, dan] = [0, 1, 2, 3].map((n) => person(customer, n)) as [
    Person,
    Person,
    Person,
    Person,
  ];
  expect(await watched()).toEqual(ids(ada, bob, cyd, dan));
  assignInOrder([cyd, ada, dan, bob]);

  await buy(customer, 2);
  expect(await watched()).toEqual(ids(ada, cyd));
  await expectLeftAlone(dan, bob);
  for (const each of [cyd, ada]) await expectInSync(world.stack, each);

  await buy(customer, 3);
  expect(await watched()).toEqual(ids(ada, cyd, dan));
  await expectInSync(world.stack, dan);

  await buy(customer, 4);
  expect(await watched()).toEqual(ids(ada, bob, cyd, dan));
  for (const each of customer.users) await expectInSync(world.stack, each);
});

test('what is held for somebody who loses their seat is taken back, and held again with a seat', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 2 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  assignInOrder([ada, bob]);
  await stack.setTeams(bob.userId, 'Busy', 'InACall');
  await stack.setRingCentral(ada.extensionId, { telephonyStatus: 'CallConnected' });
  await stack.idle();
  expect(await stack.ringCentral(bob.extensionId)).toMatchObject({ presenceStatus: 'Busy' });

  await buy(customer, 1);
  expect(await stack.ringCentral(bob.extensionId)).toMatchObject({ presenceStatus: 'Available' });
  expect(await stack.teams(ada.userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });

  await buy(customer, 2);
  expect(await stack.ringCentral(bob.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
});

test('a seat that somebody leaves behind goes to the next, though nothing was bought', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 2 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  assignInOrder([ada, bob]);
  await buy(customer, 1);
  await stack.setTeams(bob.userId, 'Busy', 'InACall');
  await stack.idle();
  expect(await stack.ringCentral(bob.extensionId)).toMatchObject({ presenceStatus: 'Available' });

  await world.forget(customer.subscriptionId, ada.userId);
  await world.onboardAgain(customer.subscriptionId);
  expect(await stack.ringCentral(bob.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
});

test('the customer is told when there are too few seats and when there are enough again, however often in a day', async () => {
  const customer = await world.stack.customer({ users: 4 });
  const told = async () => {
    const entries = await world.stack.customerLog(customer.subscriptionId);
    return entries.filter(({ happening }) => happening?.kind.startsWith('seats')).toReversed();
  };
  expect(await told()).toEqual([]);
  await buy(customer, 2);
  await buy(customer, 4);
  await world.onboardAgain(customer.subscriptionId);
  const [exceeded, restored, ...more] = await told();
  expect(exceeded).toMatchObject({ severity: 'warning', happening: { people: 4, seats: 2 } });
  expect(exceeded?.text).toContain('There are seats for 2 of 4 people');
  expect(restored).toMatchObject({ severity: 'info', happening: { kind: 'seatsRestored', people: 4 } });
  expect(more).toEqual([]);

  await buy(customer, 2);
  expect((await told()).map(({ happening }) => happening?.kind)).toEqual([
    'seatsExceeded',
    'seatsRestored',
    'seatsExceeded',
  ]);
});

test('a plan that is not sold by the seat is for as many as it includes', async () => {
  const customer = await world.stack.customer({ users: 4 });
  await buy(customer, 2);
  expect(world.rows('select plan_id, quantity, assigned from licences')).toEqual([
    { plan_id: 'standard', quantity: 2, assigned: 2 },
  ]);
  // Nothing of theirs is deleted who have no seat.
  expect(world.rows('select user_id from users')).toHaveLength(4);
  expect(world.rows('select user_id from mappings')).toHaveLength(4);

  await world.stack.post(`/marketplace/${customer.subscriptionId}/change-plan`, { planId: 'team' });
  await world.stack.advance('PT1M');
  expect(world.rows('select plan_id, quantity, assigned from licences')).toEqual([
    { plan_id: 'team', quantity: null, assigned: 4 },
  ]);
  expect(await watched()).toEqual(ids(...customer.users));
});

test('where nobody of a group has a seat, its subscription at Graph is removed, and made again later', async () => {
  const customer = await world.stack.customer({ users: 3, serviceUsers: 2 });
  const rows = world.rows('select user_id from mappings where shard = 1');
  const [last] = customer.users.filter(({ userId }) => rows.some((row) => row['user_id'] === userId));
  if (last === undefined) throw new Error('Nobody is in the second group.');
  const later = "UPDATE mappings SET assigned_at = '2026-12-31T08:00:00.000Z' WHERE user_id";
  world.sql(`${later} = '${last.userId}'`);
  const made = async () => (await world.requests('graph', /^POST \S+\/subscriptions 201/)).length;
  const removed = async () => (await world.requests('graph', /^DELETE \S+\/subscriptions\/\S+ 204/)).length;
  expect([await made(), await removed()]).toEqual([2, 0]);

  await buy(customer, 2);
  expect([await made(), await removed()]).toEqual([2, 1]);
  await world.stack.advance('PT90M');
  expect([await made(), await removed()]).toEqual([2, 1]);

  await buy(customer, 3);
  expect([await made(), await removed()]).toEqual([3, 1]);
  expect(await watched()).toEqual([last.userId]);
  await expectInSync(world.stack, last);
});
