/** A customer that does not pay, pays again, or leaves: what it, its people and both vendors see. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Customer } from '../../local/stack/stack-process.ts';
import { said } from '../support/leaving-customer.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';
import { thoroughTest } from '../support/thorough.ts';

const inCall = { telephonyStatus: 'CallConnected' };
const hungUp = { telephonyStatus: 'NoCall' };
const dayMs = 24 * 3_600_000;

let world: StackWithData;
let customer: Customer;
beforeEach(async () => {
  world = await StackWithData.start();
  customer = await world.stack.customer({ users: 2 });
}, 60_000);
afterEach(() => world.end());

const happens = async (action: string): Promise<void> => {
  await world.stack.post(`/marketplace/${customer.subscriptionId}/${action}`, {});
  await world.stack.idle();
};

async function ask(path = '/api/subscription', method = 'GET'): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${await world.stack.customerCode(customer.subscriptionId)}`;
  const response = await fetch(`${world.stack.app}${path}`, { method, headers: { authorization } });
  return z.record(z.string(), z.unknown()).parse(await response.json());
}

async function callIn(n: number, telephony: object): Promise<string> {
  await world.stack.setRingCentral(person(customer, n).extensionId, { ...telephony });
  await world.stack.idle();
  return (await world.stack.teams(person(customer, n).userId)).availability;
}

const asked = async (): Promise<number> =>
  (await world.stack.journal('graph')).length + (await world.stack.journal('ringCentral')).length;
const count = (table: string): unknown =>
  world.rows(`select count(*) as n from ${table} where tenant_id = '${customer.subscriptionId}'`)[0]?.['n'];
const vaultHolds = (): number =>
  world.vaultSecrets().filter(({ name }) => name.includes(customer.subscriptionId)).length;

test('not paid for, it is left as if we had never been there; paid again within the week, all resumes without new consent', async () => {
  expect(await callIn(0, inCall)).toBe('Busy');
  await happens('suspend');
  expect((await world.stack.teams(person(customer).userId)).availability).toBe('Available');
  await world.stack.advance('PT15M');
  const quiet = await asked();
  expect(await callIn(1, inCall)).not.toBe('Busy');
  await world.stack.advance('P6D');
  expect(await asked()).toBe(quiet);
  expect(await ask()).toMatchObject({ state: 'suspended', nextStep: 'pay' });
  expect(count('users')).toBe(2);

  await happens('reinstate');
  await world.stack.advance('PT1M');
  expect(await ask()).toMatchObject({ state: 'active', nextStep: 'none', deletions: [] });
  // The call that had begun meanwhile shows, and its end does.
  expect((await world.stack.teams(person(customer, 1).userId)).availability).toBe('Busy');
  expect(await callIn(1, hungUp)).toBe('Available');
  await world.stack.advance('P2D');
  expect(count('users')).toBe(2);
});

test('paid again after the week, it is led to connect anew, and nothing is asked of the vendors until it does', async () => {
  await happens('suspend');
  await world.stack.advance('P7DT15M');
  expect(await ask()).toMatchObject({ state: 'lapsed', nextStep: 'pay', deletions: [] });
  expect([count('users'), count('tenants'), count('licences'), count('billing_events')]).toEqual([
    0, 0, 1, 2,
  ]);
  expect(vaultHolds()).toBe(0);
  const quiet = await asked();
  await happens('reinstate');
  await world.stack.advance('P1D');
  expect(await ask()).toMatchObject({ state: 'active', nextStep: 'connect' });
  expect(await asked()).toBe(quiet);
});

test('cancelled, its consents are given back, and a copy is offered until it is erased', async () => {
  await happens('unsubscribe');
  await world.stack.advance('PT15M');
  expect(await world.requests('ringCentral', /^POST \/restapi\/oauth\/revoke 200/)).toHaveLength(1);
  expect(world.vaultSecrets().filter(({ name }) => /^(graph|ringcentral)-/.test(name))).toEqual([]);
  expect(await ask()).toMatchObject({
    state: 'cancelled',
    nextStep: 'buyAgain',
    export: { available: true },
  });
  const { link } = z.object({ link: z.string() }).parse(await ask('/api/subscription/export'));
  expect(await (await fetch(link)).text()).toContain(person(customer).mail);
  await world.stack.advance('P1D');
  expect(await ask()).toMatchObject({ export: { available: false } });
  expect((await fetch(link)).ok).toBe(false);
  expect(vaultHolds()).toBe(0);
});

test('what falls due while the machine is off is erased as soon as it is on again, and said to be late', async () => {
  await happens('unsubscribe');
  await world.stack.advance('PT15M');
  await world.powerCut(Date.parse(await world.stack.now()) + 3 * dayMs);
  await world.stack.advance('PT5M');
  expect(count('users')).toBe(0);
  expect(vaultHolds()).toBe(0);
  expect((await said(world, 'erasureOverdue')).length).toBeGreaterThan(0);
  await world.stack.advance('PT15M');
  expect(await ask()).toMatchObject({ deletions: [{ category: 'licence' }, { category: 'billing' }] });
});

thoroughTest('what the marketplace says while the machine is off is heard once it is on again', async () => {
  await world.stack.fault({ vendor: 'marketplace', kind: 'late', delaySeconds: 600, count: 1 });
  await world.stack.post(`/marketplace/${customer.subscriptionId}/suspend`, {});
  await world.powerCut();
  await world.stack.advance('PT20M');
  expect(await ask()).toMatchObject({ state: 'suspended' });
  expect(await callIn(0, inCall)).toBe('Available');
});

test('suspended while a write is on its way and a vendor is slow, nothing of ours is left', async () => {
  await world.stack.fault({ vendor: 'graph', kind: 'throttle', retryAfterSeconds: 120, count: 1 });
  await world.stack.setRingCentral(person(customer).extensionId, inCall);
  await happens('suspend');
  await world.stack.advance('PT30M');
  expect((await world.stack.teams(person(customer).userId)).availability).toBe('Available');
  expect(await ask()).toMatchObject({ state: 'suspended' });
});
