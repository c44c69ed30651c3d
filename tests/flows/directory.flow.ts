/** People join, change and leave at both vendors, and the app follows without anybody doing anything. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { watchedUserIds } from '../../clients/graph/presence-filter.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import { DirectoryDoor } from '../support/directory-door.ts';
import { expectInSync } from '../support/in-sync.ts';
import { StackWithData, person } from '../support/stack-with-data.ts';
import { thoroughTest } from '../support/thorough.ts';

let world: StackWithData;

beforeEach(async () => {
  world = await StackWithData.start();
});
afterEach(() => world.end());

const grace = { givenName: 'Grace', surname: 'Hopper' };

async function aCompany(request: Record<string, unknown> = {}): Promise<[Customer, DirectoryDoor]> {
  const customer = await world.stack.customer(request);
  // So that seats are not what this is about.
  await world.stack.post(`/marketplace/${customer.subscriptionId}/change-quantity`, { quantity: 2000 });
  await world.stack.advance('PT1M');
  return [customer, new DirectoryDoor(world, customer)];
}

const mapped = () => world.rows('select user_id, extension_id from mappings order by user_id');

async function made(): Promise<{ resource: string }[]> {
  const entries = await world.requests('graph', /^POST \S+\/subscriptions 201/);
  return entries.map(({ body }) => z.object({ resource: z.string() }).parse(body));
}

/** Nothing in the app's rows or durable state tells of these ids any more. */
async function expectForgotten(tenantId: string, userId: string): Promise<void> {
  for (const table of ['mappings', 'users', 'departures', 'log_entries']) {
    expect([table, world.rows(`select user_id from ${table} where user_id = '${userId}'`)]).toEqual([
      table,
      [],
    ]);
  }
  expect(world.rows(`select target_id from delivery_attempts where target_id = '${userId}'`)).toEqual([]);
  await expect(world.operator(`instances/@userpresence@${tenantId}:${userId}`)).rejects.toThrow('404');
}

thoroughTest('a company is found out by reading its directories, with nobody but its people', async () => {
  const [customer, door] = await aCompany({ users: 3 });
  expect(mapped()).toEqual(
    customer.users
      .map(({ userId, extensionId }) => ({ user_id: userId, extension_id: extensionId }))
      .toSorted((one, other) => (one.user_id < other.user_id ? -1 : 1)),
  );
  const { lastRun, counts, unmatchedExtensions } = await door.page();
  expect(lastRun).toEqual({ outcome: 'done', code: null });
  expect(counts).toMatchObject({ users: 3, extensions: 4, matched: 3, unmatchedUsers: 0, places: 650 });
  expect(unmatchedExtensions.map(({ name }) => name)).toEqual(['Phone Administrator']);
  await expectInSync(world.stack, person(customer));
});

test('who joins is in sync once the customer has asked, and else the next morning', async () => {
  const [, door] = await aCompany({ users: 1 });
  const asked = await door.hire(grace);
  await door.sync();
  await expectInSync(world.stack, asked);

  const tomorrow = await door.hire({ givenName: 'Joan', surname: 'Clarke' });
  await world.stack.setTeams(tomorrow.userId, 'Busy', 'InACall');
  await world.stack.advance('PT25H');
  expect(await world.stack.ringCentral(tomorrow.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
});

test('guests and people without a licence are not looked after, and are as soon as they are licensed', async () => {
  const [, door] = await aCompany({ users: 1 });
  const guest = await door.hire({ ...grace, guest: true });
  const joan = await door.hire({ givenName: 'Joan', surname: 'Clarke', licensed: false });
  await door.sync();
  expect(mapped()).toHaveLength(1);
  expect(
    world.rows(`select user_id from users where user_id in ('${guest.userId}', '${joan.userId}')`),
  ).toEqual([]);

  await door.change(joan.userId, { licensed: true });
  await door.sync();
  await expectInSync(world.stack, joan);
});

test('who is deleted, disabled or without a licence is released in RingCentral and forgotten', async () => {
  const [customer, door] = await aCompany({ users: 4 });
  const [ada, bob, cyd] = [person(customer), person(customer, 1), person(customer, 2)];
  const dan = person(customer, 3);
  for (const each of [ada, bob, cyd]) await world.stack.setTeams(each.userId, 'Busy', 'InACall');
  await world.stack.idle();
  expect(await world.stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Busy' });

  await door.remove(ada.userId);
  await door.change(bob.userId, { accountEnabled: false });
  await door.change(cyd.userId, { licensed: false });
  await door.sync();
  for (const each of [ada, bob, cyd]) {
    expect(await world.stack.ringCentral(each.extensionId)).toMatchObject({ presenceStatus: 'Available' });
    await expectForgotten(customer.subscriptionId, each.userId);
  }
  expect(watchedUserIds((await made()).at(-1)?.resource ?? '')).toEqual([dan.userId]);
  await expectInSync(world.stack, dan);
});

test('whose extension is deleted or disabled is released in Teams and forgotten, but stays known as unmatched', async () => {
  const [customer, door] = await aCompany({ users: 3 });
  const [ada, bob, cyd] = [person(customer), person(customer, 1), person(customer, 2)];
  for (const each of [ada, bob]) {
    await world.stack.setRingCentral(each.extensionId, { telephonyStatus: 'CallConnected' });
  }
  await world.stack.idle();
  expect(await world.stack.teams(ada.userId)).toMatchObject({ availability: 'Busy' });
  await door.remove(ada.extensionId);
  await door.change(bob.extensionId, { status: 'Disabled' });
  await door.sync();
  for (const each of [ada, bob]) {
    expect(await world.stack.teams(each.userId)).toMatchObject({ availability: 'Available' });
    await expect(
      world.operator(`instances/@userpresence@${customer.subscriptionId}:${each.userId}`),
    ).rejects.toThrow('404');
  }
  expect(mapped()).toHaveLength(1);
  expect((await door.page()).unmatchedUsers).toHaveLength(2);
  await expectInSync(world.stack, cyd);
});

thoroughTest('a change of name changes the name, and nothing else', async () => {
  const [customer, door] = await aCompany({ users: 2 });
  const ada = person(customer);
  const before = [mapped(), await made()];
  await door.change(ada.userId, {
    displayName: 'Ada King',
    mail: 'king@elsewhere.example',
    userPrincipalName: 'king@elsewhere.example',
  });
  await door.sync();
  expect([mapped(), await made()]).toEqual(before);
  expect(world.rows(`select display_name, mail from users where user_id = '${ada.userId}'`)).toEqual([
    { display_name: 'Ada King', mail: 'king@elsewhere.example' },
  ]);
  await expectInSync(world.stack, ada);
});

test('who gets another extension is released on the old one and goes on with the new', async () => {
  const [customer, door] = await aCompany({ users: 1 });
  const ada = person(customer);
  await world.stack.setTeams(ada.userId, 'Busy', 'InACall');
  await world.stack.idle();
  await door.change(ada.extensionId, { mail: 'spare@elsewhere.example', businessPhone: '+16505559999' });
  const { extensionId } = await door.hire({ ...grace, mail: ada.mail, at: ['ringCentral'] });
  await door.sync();
  expect(await world.stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Available' });
  expect(await world.stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  await world.stack.setTeams(ada.userId, 'Available', 'Available');
  await expectInSync(world.stack, { userId: ada.userId, extensionId });
});

thoroughTest(
  'an extension that is handed on goes to its new owner, and the one before is let go of',
  async () => {
    const [customer, door] = await aCompany({ users: 1 });
    const ada = person(customer);
    await world.stack.setRingCentral(ada.extensionId, { telephonyStatus: 'CallConnected' });
    await world.stack.idle();
    const { userId } = await door.hire({ ...grace, mail: 'grace@x.example', at: ['microsoft'] });
    await door.change(ada.extensionId, { mail: 'grace@x.example' });
    await door.sync();
    expect(mapped()).toEqual([{ user_id: userId, extension_id: ada.extensionId }]);
    expect(await world.stack.teams(ada.userId)).toMatchObject({ availability: 'Available' });
    expect(await world.stack.teams(userId)).toMatchObject({ availability: 'Busy' });
  },
);

test('two people who share an address are both named, and neither is looked after', async () => {
  const [customer, door] = await aCompany({ users: 1 });
  const one = await door.hire({ ...grace, mail: 'shared@x.example' });
  const other = await door.hire({
    givenName: 'Joan',
    surname: 'Clarke',
    mail: 'shared@x.example',
    at: ['microsoft'],
  });
  await door.sync();
  expect(mapped()).toHaveLength(1);
  const { duplicates } = await door.page();
  expect(duplicates).toMatchObject([
    { mails: expect.arrayContaining(['shared@x.example']), extensions: [{ name: 'Grace Hopper' }] },
  ]);
  expect(duplicates[0]?.users.map(({ userId }) => userId).toSorted()).toEqual(
    [one.userId, other.userId].toSorted(),
  );
  const log = await world.stack.customerLog(customer.subscriptionId);
  expect(log.map(({ happening }) => happening)).toContainEqual({ kind: 'peopleUnclear', people: 2 });

  // Once it is put right, both are what they should be.
  await door.change(other.userId, { mail: 'joan@x.example' });
  await door.sync();
  await expectInSync(world.stack, one);
});

thoroughTest(
  'where there is no room for everybody, those who do not fit are named, and get room when somebody leaves',
  async () => {
    const customer = await world.stack.customer({ users: 700, serviceUsers: 1 });
    const door = new DirectoryDoor(world, customer);
    const { counts, unplaced } = await door.page();
    expect(counts).toMatchObject({ matched: 650, unplaced: 50, places: 650 });
    expect(unplaced).toHaveLength(50);
    const names = new Set(customer.users.map(({ displayName }) => displayName));
    for (const { displayName } of unplaced) expect(names).toContain(displayName);
    const log = await world.stack.customerLog(customer.subscriptionId);
    expect(log.map(({ happening }) => happening)).toContainEqual({
      kind: 'peopleUnplaced',
      people: 50,
      places: 650,
    });
    // Somebody new takes nobody's place.
    await door.hire(grace);
    const placed = customer.users.find(({ userId }) => unplaced.every((each) => each.userId !== userId));
    await door.remove(placed?.userId ?? '');
    await door.sync();
    expect((await door.page()).counts).toMatchObject({ matched: 650, unplaced: 50 });
  },
  240_000,
);

thoroughTest('what changes while a subscription is made anew is not lost', async () => {
  const [customer, door] = await aCompany({ users: 2 });
  const ada = person(customer);
  const added = await door.hire(grace);
  // Graph takes the old subscription away and then cannot be had to make the new one.
  await world.stack.fault({
    vendor: 'graph',
    kind: 'status',
    match: 'POST /v1.0/subscriptions',
    status: 503,
    count: 1,
  });
  await door.ask();
  await world.stack.idle();
  await world.stack.setTeams(ada.userId, 'Busy', 'InACall');
  await world.stack.setTeams(added.userId, 'Busy', 'InACall');
  await world.stack.idle();
  expect(await world.stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Available' });
  await world.stack.advance('PT10M');
  for (const { extensionId } of [ada, added]) {
    expect(await world.stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  }
});

test('where Graph has forgotten where we were, everybody is read anew, and who is gone meanwhile is gone', async () => {
  const [customer, door] = await aCompany({ users: 3 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  await world.stack.fault({
    vendor: 'graph',
    kind: 'expireDeltaLinks',
    microsoftTenantId: customer.microsoftTenantId,
  });
  await door.remove(ada.userId);
  const added = await door.hire(grace);
  await door.sync();
  expect(await world.requests('graph', /^GET \/v1.0\/users\/delta\S* 410/)).toHaveLength(1);
  await expectForgotten(customer.subscriptionId, ada.userId);
  await expectInSync(world.stack, added);
  await expectInSync(world.stack, bob);
});

thoroughTest('a vendor that asks for time is given it', async () => {
  const [, door] = await aCompany({ users: 1 });
  const added = await door.hire(grace);
  await world.stack.fault({
    vendor: 'ringCentral',
    kind: 'throttle',
    match: '/extension',
    retryAfterSeconds: 60,
    count: 1,
  });
  await door.ask();
  await world.stack.idle();
  expect((await door.page()).lastRun.outcome).toBe('underWay');
  await world.stack.advance('PT61S');
  expect((await door.page()).lastRun.outcome).toBe('done');
  await expectInSync(world.stack, added);
});

test('who reconnects after a reading that failed has the directories read at once', async () => {
  const [customer, door] = await aCompany({ users: 1 });
  const added = await door.hire(grace);
  const { ringCentralAccountId, subscriptionId } = customer;
  await world.stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
  await door.sync();
  expect((await door.page()).lastRun.outcome).toBe('failed');
  await world.stack.post(`/customers/${subscriptionId}/reconnect`, {});
  await world.stack.idle();
  expect((await door.page()).lastRun.outcome).toBe('done');
  await expectInSync(world.stack, added);
});

/** More than half of 21 people, one of them in a call in Teams that is held in RingCentral. */
async function mostOf21(): Promise<{ door: DirectoryDoor; customer: Customer; most: Customer['users'] }> {
  const [customer, door] = await aCompany({ users: 21 });
  await world.stack.setTeams(person(customer).userId, 'Busy', 'InACall');
  await world.stack.idle();
  return { door, customer, most: customer.users.slice(0, 11) };
}

async function expectHeld(door: DirectoryDoor, { subscriptionId }: Customer): Promise<void> {
  const { lastRun, counts } = await door.page();
  expect(lastRun).toEqual({ outcome: 'failed', code: 'ManyWouldLeave' });
  expect(counts).toMatchObject({ leaving: 11 });
  expect(mapped()).toHaveLength(21);
  expect(world.rows('select user_id from departures')).toEqual([]);
  const log = await world.stack.customerLog(subscriptionId);
  expect(log.map(({ happening }) => happening)).toContainEqual({
    kind: 'departuresHeld',
    leaving: 11,
    people: 21,
  });
}

test('where most of a company would leave at once nobody is let go of, and nothing was lost once it is put right', async () => {
  const { door, customer, most } = await mostOf21();
  for (const { userId } of most) await door.change(userId, { accountEnabled: false });
  await door.sync();
  await expectHeld(door, customer);
  expect(await world.stack.ringCentral(person(customer).extensionId)).toMatchObject({
    presenceStatus: 'Busy',
  });
  for (const { userId } of most) await door.change(userId, { accountEnabled: true });
  await door.sync();
  expect((await door.page()).lastRun).toEqual({ outcome: 'done', code: null });
  expect(mapped()).toHaveLength(21);
  const writes = await world.requests('ringCentral', /PUT \S*\/presence 200/);
  expect(writes).toHaveLength(1);
  await expectInSync(world.stack, person(customer, 1));
});

test('most of a company is let go of once the customer has asked again, and not because they have asked twice before', async () => {
  const { door, customer, most } = await mostOf21();
  for (const { extensionId } of most) await door.remove(extensionId);
  await door.ask();
  await door.sync();
  await expectHeld(door, customer);
  await door.sync();
  expect(mapped()).toHaveLength(10);
  expect((await door.page()).counts).toMatchObject({ leaving: 0, unmatchedUsers: 11 });
  await expectInSync(world.stack, person(customer, 20));
});

thoroughTest('most of a company is let go of once the next night says the same', async () => {
  const { door, customer, most } = await mostOf21();
  for (const { userId } of most) await door.remove(userId);
  await door.sync();
  await expectHeld(door, customer);
  await world.stack.advance('PT25H');
  expect(mapped()).toHaveLength(10);
});

thoroughTest('a vendor that is down for an hour is tried again the next night', async () => {
  const [, door] = await aCompany({ users: 1 });
  const later = await door.hire(grace);
  await world.stack.fault({ vendor: 'graph', kind: 'status', match: '/users/delta', status: 503 });
  await door.ask();
  await world.stack.advance('PT65M');
  expect((await door.page()).lastRun.outcome).toBe('failed');
  await world.stack.delete('/faults');
  await world.stack.advance('PT25H');
  expect((await door.page()).lastRun.outcome).toBe('done');
  await expectInSync(world.stack, later);
});

test('who is deleted at both vendors in the middle of a call is forgotten, and disturbs nobody', async () => {
  const [customer, door] = await aCompany({ users: 2 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  await world.stack.setTeams(ada.userId, 'Busy', 'InACall');
  await door.remove(ada.userId);
  await door.remove(ada.extensionId);
  await world.stack.idle();
  await door.sync();
  await expectForgotten(customer.subscriptionId, ada.userId);
  await expectInSync(world.stack, bob);
});

thoroughTest(
  'who leaves while a vendor is down is released once it is back, and then forgotten',
  async () => {
    const [customer, door] = await aCompany({ users: 1 });
    const ada = person(customer);
    await world.stack.setTeams(ada.userId, 'Busy', 'InACall');
    await world.stack.idle();
    await world.stack.fault({ vendor: 'ringCentral', kind: 'status', match: `PUT`, status: 503 });
    await door.change(ada.userId, { licensed: false });
    await door.sync();
    expect(await world.stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
    expect(world.rows('select user_id from departures')).toHaveLength(1);
    await world.stack.delete('/faults');
    await world.stack.advance('PT10M');
    expect(await world.stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Available' });
    await expectForgotten(customer.subscriptionId, ada.userId);
  },
);

test('who leaves while a vendor stays down is forgotten after an hour, and their name with the last write', async () => {
  const [customer, door] = await aCompany({ users: 1 });
  const bob = person(customer);
  await world.stack.setTeams(bob.userId, 'Busy', 'InACall');
  await world.stack.idle();
  await world.stack.fault({ vendor: 'ringCentral', kind: 'status', match: `PUT`, status: 503 });
  await door.change(bob.userId, { licensed: false });
  await door.sync();
  await world.stack.advance('PT75M');
  const state = `instances/@userpresence@${customer.subscriptionId}:${bob.userId}`;
  await expect(world.operator(state)).rejects.toThrow('404');
  expect(mapped()).toEqual([]);
  // What is still to be written is, and nothing of them is left by it.
  await world.stack.delete('/faults');
  await world.stack.advance('PT10M');
  expect(await world.stack.ringCentral(bob.extensionId)).toMatchObject({ presenceStatus: 'Available' });
  await expectForgotten(customer.subscriptionId, bob.userId);
});

test('who leaves while others are waited for is told at once, and has an hour of their own', async () => {
  const [customer, door] = await aCompany({ users: 2 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  for (const each of [ada, bob]) await world.stack.setTeams(each.userId, 'Busy', 'InACall');
  await world.stack.idle();
  await world.stack.fault({ vendor: 'ringCentral', kind: 'status', match: `PUT`, status: 503 });
  await door.change(ada.userId, { licensed: false });
  await door.sync();
  await world.stack.advance('PT75M');
  await door.change(bob.userId, { licensed: false });
  await door.ask();
  await world.stack.idle();
  const left = `entities/userpresence/${customer.subscriptionId}:${bob.userId}`;
  expect(await world.operator(left)).toMatchObject({ service: { left: true } });
  await world.stack.advance('PT50M');
  expect(await world.operator(left)).toMatchObject({ service: { left: true } });

  await world.stack.delete('/faults');
  await world.stack.advance('PT10M');
  for (const each of [ada, bob]) {
    expect(await world.stack.ringCentral(each.extensionId)).toMatchObject({ presenceStatus: 'Available' });
    await expectForgotten(customer.subscriptionId, each.userId);
  }
});

thoroughTest('who comes back is looked after again', async () => {
  const [customer, door] = await aCompany({ users: 1 });
  const ada = person(customer);
  await door.change(ada.userId, { licensed: false });
  await door.sync();
  expect(mapped()).toEqual([]);
  await door.change(ada.userId, { licensed: true });
  await door.sync();
  await expectInSync(world.stack, ada);
});
