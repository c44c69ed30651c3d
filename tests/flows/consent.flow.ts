import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { StackProcess, type Customer } from '../../local/stack/stack-process.ts';

let data: string;
let stack: StackProcess;
let customer: Customer;
let person: Customer['users'][number];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'presence-hub-test-'));
  stack = await StackProcess.start({ clock: 'virtual', data });
  customer = await stack.customer({ users: 1 });
  const [first] = customer.users;
  if (first === undefined) throw new Error('The customer has no people.');
  person = first;
});
afterEach(async () => {
  await stack.stop();
  await rm(data, { recursive: true, force: true });
});

/** What an operator reads of the tenant, at the host's own address. */
async function connections(): Promise<unknown> {
  const keys = z
    .object({ durableTask: z.string() })
    .parse(JSON.parse(await readFile(join(data, 'app/task-hub/keys.json'), 'utf8')));
  const url = `${stack.app}/runtime/webhooks/durabletask/entities/tenant/${customer.subscriptionId}`;
  const state: unknown = await (await fetch(`${url}?code=${keys.durableTask}`)).json();
  return z.object({ connections: z.unknown() }).parse(state).connections;
}

test('when RingCentral access is revoked, all calls stop until the customer reconnects, and then all goes on by itself', async () => {
  expect(await connections()).toMatchObject({
    teams: { health: 'connected' },
    ringCentral: { health: 'connected' },
  });
  const { ringCentralAccountId, subscriptionId } = customer;
  await stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
  await stack.setTeams(person.userId, 'Busy', 'InACall');
  await stack.advance('PT20M');
  expect(await connections()).toMatchObject({
    teams: { health: 'connected' },
    ringCentral: { health: 'reconnectRequired' },
  });
  const before = (await stack.journal('ringCentral')).length;
  await stack.advance('PT20H');
  expect(await stack.journal('ringCentral')).toHaveLength(before);

  await stack.post(`/customers/${subscriptionId}/reconnect`, {});
  await stack.idle();
  expect(await connections()).toMatchObject({ ringCentral: { health: 'connected' } });
  expect(await stack.ringCentral(person.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  await stack.setTeams(person.userId, 'Available', 'Available');
  await stack.idle();
  await stack.setRingCentral(person.extensionId, { telephonyStatus: 'CallConnected' });
  await stack.idle();
  expect(await stack.teams(person.userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
});

test.each(['consent', 'sessions'])(
  'when Microsoft access is revoked (%s), it is seen, and a reconnect makes all go on by itself',
  async (how) => {
    const { microsoftTenantId, subscriptionId } = customer;
    await stack.fault({ vendor: 'entra', kind: 'revoke', microsoftTenantId, how });
    await stack.advance('PT1H');
    expect(await connections()).toMatchObject({ teams: { health: 'reconnectRequired' } });
    await stack.setRingCentral(person.extensionId, { telephonyStatus: 'CallConnected' });
    await stack.idle();

    await stack.post(`/customers/${subscriptionId}/reconnect`, {});
    await stack.idle();
    expect(await connections()).toMatchObject({ teams: { health: 'connected' } });
    expect(await stack.teams(person.userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
    await stack.setRingCentral(person.extensionId, { telephonyStatus: 'NoCall' });
    await stack.setTeams(person.userId, 'Busy', 'InAMeeting');
    await stack.idle();
    expect(await stack.ringCentral(person.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  },
);
