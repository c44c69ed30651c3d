/** What is away comes back: our own store, our secrets, a vendor. Nothing may be lost for it, or go on for ever. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { StackWithData, person } from '../support/stack-with-data.ts';
import type { Customer } from '../../local/stack/stack-process.ts';

let world: StackWithData;
let customer: Customer;
let ada: Customer['users'][number];

beforeAll(async () => {
  world = await StackWithData.start();
}, 60_000);
beforeEach(async () => {
  customer = await world.stack.customer({ users: 1 });
  ada = person(customer);
});
afterEach(() => world.stack.delete('/faults'));
afterAll(() => world.end());

async function callInTeams(): Promise<void> {
  await world.stack.setTeams(ada.userId, 'Busy', 'InACall');
  await world.stack.idle();
}

const onRingCentral = async () => (await world.stack.ringCentral(ada.extensionId)).presenceStatus;
const onTeams = async () => (await world.stack.teams(ada.userId)).activity;

const instanceSchema = z.looseObject({
  runtimeStatus: z.string(),
  historyEvents: z.array(z.unknown()).default([]),
});
const instance = async (id: string) =>
  instanceSchema.parse(await world.operator(`instances/${id}?showHistory=true`));

test('a wish whose delivery was ended by force is written after the nightly tending at the latest', async () => {
  const { subscriptionId: id } = customer;
  await world.withoutTable('delivery_attempts', async () => {
    await callInTeams();
    await world.operator(`instances/deliver:${id}:ringCentral:1/terminate?reason=test`, {});
    await world.stack.idle();
  });
  expect(await onRingCentral()).not.toBe('Busy');
  await world.stack.advance('PT25H');
  expect(await onRingCentral()).toBe('Busy');
});

describe('when our own store was away', () => {
  test('for longer than any retry, the keepers live on, subscriptions are renewed, and a call shows', async () => {
    const { subscriptionId: id } = customer;
    await world.withoutTable('vendor_subscriptions', () => world.stack.advance('PT1H30M'));
    await world.stack.advance('PT30M');
    expect(await instance(`graph:${id}:0`)).toMatchObject({ runtimeStatus: 'Running' });
    expect(await instance(`ringcentral:${id}`)).toMatchObject({ runtimeStatus: 'Running' });
    await callInTeams();
    expect(await onRingCentral()).toBe('Busy');
  });

  test('a wish in flight that outlasts the retries of its delivery is written once the store is back', async () => {
    await world.withoutTable('delivery_attempts', async () => {
      await callInTeams();
      await world.stack.advance('PT1H');
    });
    expect(await onRingCentral()).not.toBe('Busy');
    await world.stack.advance('PT5M');
    expect(await onRingCentral()).toBe('Busy');
  });

  test('what RingCentral told in that minute, and never tells again, is read afterwards', async () => {
    await world.stack.setTeams(ada.userId, 'Available', 'Available');
    await world.stack.setRingCentral(ada.extensionId, { telephonyStatus: 'CallConnected' });
    await world.stack.idle();
    expect(await onTeams()).toBe('InACall');
    await world.withoutTable('mappings', async () => {
      await world.stack.setRingCentral(ada.extensionId, { telephonyStatus: 'NoCall' });
      await world.stack.advance('PT1M');
    });
    await world.stack.advance('PT5M');
    expect(await onTeams()).toBe('Available');
  });

  test('also where it told it after a reading of the same minute had gone by', async () => {
    await world.stack.setTeams(ada.userId, 'Available', 'Available');
    const seconds = 60 - new Date(await world.stack.now()).getUTCSeconds();
    await world.stack.advance(`PT${seconds}S`);
    for (const telephonyStatus of ['CallConnected', 'NoCall', 'CallConnected']) {
      await world.withoutTable('mappings', async () => {
        await world.stack.setRingCentral(ada.extensionId, { telephonyStatus });
        await world.stack.idle();
      });
      await world.stack.advance('PT15S');
    }
    expect(await onTeams()).toBe('InACall');
    await world.stack.setRingCentral(ada.extensionId, { telephonyStatus: 'NoCall' });
    await world.stack.idle();
  });
});

test('a write is made after the vault has refused us for a while', async () => {
  await world.stack.setTeams(ada.userId, 'Available', 'Available');
  await world.stack.fault({
    vendor: 'keyVault',
    kind: 'status',
    status: 403,
    match: '/secrets/ringcentral-',
  });
  await world.stack.advance('PT80M');
  await callInTeams();
  await world.stack.advance('PT1M');
  expect(await onRingCentral()).not.toBe('Busy');
  await world.stack.delete('/faults');
  await world.stack.advance('PT20M');
  expect(await onRingCentral()).toBe('Busy');
});

describe('when a vendor', () => {
  test('answers a write with 401 twice and then not any more, the write is made without anybody reconnecting', async () => {
    await world.stack.fault({
      vendor: 'ringCentral',
      kind: 'status',
      status: 401,
      match: '/presence',
      count: 2,
    });
    await callInTeams();
    await world.stack.advance('PT20M');
    expect(await onRingCentral()).toBe('Busy');
  });

  test('lets no presence be read for hours, its subscription is renewed all the same, and histories stay small', async () => {
    const { subscriptionId: id, microsoftTenantId } = customer;
    await world.stack.fault({ vendor: 'graph', kind: 'status', status: 503, match: 'getPresencesByUserId' });
    await world.stack.fault({ vendor: 'graph', kind: 'lifecycle', microsoftTenantId, event: 'missed' });
    const renewals = async () => (await world.requests('graph', /^PATCH .*\/subscriptions\/\S+ 200/)).length;
    await world.stack.idle();
    const before = await renewals();
    await world.stack.advance('PT3H');
    expect((await renewals()) - before).toBeGreaterThanOrEqual(3);
    expect((await instance(`graph:${id}:0`)).historyEvents.length).toBeLessThan(20);
    const running = z
      .array(instanceSchema.extend({ instanceId: z.string() }))
      .parse(await world.operator('instances?runtimeStatus=Running'));
    for (const { instanceId } of running) {
      expect((await instance(instanceId)).historyEvents.length).toBeLessThan(200);
    }
    await world.stack.delete('/faults');
    await callInTeams();
    expect(await onRingCentral()).toBe('Busy');
  });

  test('refuses a subscription, it is asked about every hour, not every minute', async () => {
    const { ringCentralAccountId } = customer;
    await world.stack.fault({
      vendor: 'ringCentral',
      kind: 'status',
      status: 403,
      match: 'POST /restapi/v1.0/subscription',
    });
    await world.stack.fault({ vendor: 'ringCentral', kind: 'removeSubscription', ringCentralAccountId });
    await world.stack.advance('PT4H');
    const refused = await world.requests('ringCentral', /^POST \S+\/subscription 403/);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    expect(refused.length).toBeLessThanOrEqual(5);
    await world.stack.delete('/faults');
    await callInTeams();
    await world.stack.advance('PT1H');
    await world.stack.setRingCentral(ada.extensionId, { telephonyStatus: 'CallConnected' });
    await world.stack.setTeams(ada.userId, 'Available', 'Available');
    await world.stack.idle();
    expect(await onTeams()).toBe('InACall');
  });

  test('takes a write, loses its answer, and throttles the look at what it shows, it is not written twice', async () => {
    const { stack } = world;
    await stack.fault({ vendor: 'ringCentral', kind: 'dropResponse', match: 'PUT', count: 1 });
    await stack.fault({
      vendor: 'ringCentral',
      kind: 'throttle',
      retryAfterSeconds: 60,
      match: 'GET /restapi/v1.0/account/~/extension',
      count: 1,
    });
    await callInTeams();
    await stack.advance('PT10M');
    expect(await onRingCentral()).toBe('Busy');
    const about = `/extension/${ada.extensionId}/presence`;
    expect(await world.requests('ringCentral', new RegExp(`^PUT \\S+${about} `))).toHaveLength(1);
    expect(await world.requests('ringCentral', new RegExp(`^GET \\S+${about} `))).toHaveLength(2);
  });
});
