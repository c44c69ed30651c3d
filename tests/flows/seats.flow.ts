/** More people than seats: the newest assignments stop first, nothing of theirs is deleted, and they come back with more seats. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Customer } from '../../local/stack/stack-process.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';

let world: StackWithData;
let customer: Customer;
beforeAll(async () => {
  world = await StackWithData.start();
  customer = await world.stack.customer({ users: 4 });
  customer.users.forEach(({ userId }, index) =>
    world.sql(
      `update mappings set assigned_at = '2026-03-0${index + 1}T08:00:00.000Z' where user_id = '${userId}'`,
    ),
  );
}, 60_000);
afterAll(() => world.end());

const changeSeats = async (quantity: number) => {
  await world.stack.post(`/marketplace/${customer.subscriptionId}/change-quantity`, { quantity });
  await world.stack.advance('PT1M');
};
const call = async (n: number, telephonyStatus: 'CallConnected' | 'NoCall') => {
  await world.stack.setRingCentral(person(customer, n).extensionId, { telephonyStatus });
  await world.stack.advance('PT30S');
};
const teamsOf = async (n: number) => (await world.stack.teams(person(customer, n).userId)).availability;

test('with fewer seats the newest assignments stop: what we held is taken back, and the oldest go on', async () => {
  await call(3, 'CallConnected');
  expect(await teamsOf(3)).toBe('Busy');
  await changeSeats(2);
  expect(await teamsOf(3)).toBe('Available');
  await call(0, 'CallConnected');
  await call(2, 'CallConnected');
  expect([await teamsOf(0), await teamsOf(2)]).toEqual(['Busy', 'Available']);
  await call(0, 'NoCall');
  await call(2, 'NoCall');
  expect([await teamsOf(0), await teamsOf(2)]).toEqual(['Available', 'Available']);
});

test('people without a seat are told of to the customer, in no subscription, and all there still', async () => {
  const seats = world.rows('select seated from mappings order by assigned_at').map((row) => row['seated']);
  expect(seats).toEqual([1, 1, 0, 0]);
  expect(world.rows('select quantity, assigned from licences')).toEqual([{ quantity: 2, assigned: 2 }]);
  const log = await world.stack.customerLog(customer.subscriptionId);
  expect(log.map(({ happening }) => happening)).toContainEqual({
    kind: 'seatsExceeded',
    people: 4,
    seats: 2,
  });
  const [made] = (await world.requests('graph', /^POST \S*\/subscriptions 201/)).slice(-1);
  expect(JSON.stringify(made?.body)).toContain(person(customer, 1).userId);
  expect(JSON.stringify(made?.body)).not.toContain(person(customer, 2).userId);
  expect(world.rows('select user_id from users')).toHaveLength(4);
});

test('with seats for all again, all are looked after again', async () => {
  await changeSeats(4);
  expect(world.rows('select quantity, assigned from licences')).toEqual([{ quantity: 4, assigned: 4 }]);
  // A call that is on as they come back shows, too.
  await call(3, 'NoCall');
  await call(2, 'CallConnected');
  await call(3, 'CallConnected');
  expect([await teamsOf(2), await teamsOf(3)]).toEqual(['Busy', 'Busy']);
});

test('a plan that is not sold by the seat is for as many as it includes', async () => {
  await world.stack.post(`/marketplace/${customer.subscriptionId}/change-plan`, { planId: 'team' });
  await world.stack.advance('PT1M');
  expect(world.rows('select plan_id, quantity, assigned from licences')).toEqual([
    { plan_id: 'team', quantity: null, assigned: 4 },
  ]);
});
