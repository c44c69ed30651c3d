/** Rules that a customer sets change what the other side shows, for everybody or for one, at once and by the clock. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Customer } from '../../local/stack/stack-process.ts';
import { CustomerApi } from '../support/customer-api.ts';
import { DirectoryDoor } from '../support/directory-door.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';

let world: StackWithData;
let customer: Customer;
let api: CustomerApi;

beforeAll(async () => {
  world = await StackWithData.start();
});
afterAll(() => world.end());

beforeEach(async () => {
  customer = await world.stack.customer({ users: 3 });
  api = await CustomerApi.of(world.stack, customer);
});

async function set(rules: Record<string, unknown>): Promise<void> {
  expect(await api.setRules(rules)).toMatchObject({ status: 200 });
  await world.stack.idle();
}

async function callInTeams(n = 0): Promise<void> {
  await world.stack.setTeams(person(customer, n).userId, 'Busy', 'InACall');
  await world.stack.idle();
}

async function phoneCall(n = 0): Promise<void> {
  await world.stack.setRingCentral(person(customer, n).extensionId, { telephonyStatus: 'CallConnected' });
  await world.stack.idle();
}

async function shown(n = 0): Promise<{ teams: string; ringCentral: string; calls: string }> {
  const { userId, extensionId } = person(customer, n);
  const { availability } = await world.stack.teams(userId);
  const { userStatus, dndStatus } = await world.stack.ringCentral(extensionId);
  return { teams: availability, ringCentral: userStatus, calls: dndStatus };
}

/** How RingCentral has answered the writes to an extension. */
async function writesTo(extensionId: string): Promise<number[]> {
  const writes = await world.requests(
    'ringCentral',
    new RegExp(`PUT \\S*/extension/${extensionId}/presence`),
  );
  return writes.map(({ status }) => status);
}

/** How the keepers of the customer's quiet hours are. */
async function keepers(): Promise<string[]> {
  const found = await world.instances(`quiet:${customer.subscriptionId}`);
  return found.map(({ runtimeStatus }) => runtimeStatus);
}

test('a direction takes back what stood the other way, keeps the rest, and holds for what comes', async () => {
  await callInTeams(0);
  await phoneCall(1);
  expect(await shown(0)).toMatchObject({ ringCentral: 'Busy' });
  expect(await shown(1)).toMatchObject({ teams: 'Busy' });

  await set({ direction: 'ringCentralToTeams' });
  expect(await shown(0)).toMatchObject({ ringCentral: 'Available' });
  expect(await shown(1)).toMatchObject({ teams: 'Busy' });
  await callInTeams(2);
  expect(await shown(2)).toMatchObject({ ringCentral: 'Available' });

  await set({});
  expect(await shown(0)).toMatchObject({ ringCentral: 'Busy' });
  expect(await shown(2)).toMatchObject({ ringCentral: 'Busy' });
});

test('a cell of the mapping says what a status does on the other side', async () => {
  await set({ toRingCentral: { inCall: 'doNotDisturb', inMeeting: 'release' } });
  await callInTeams();
  expect(await shown()).toMatchObject({ calls: 'DoNotAcceptAnyCalls' });
  await world.stack.setTeams(person(customer).userId, 'Busy', 'InAMeeting');
  await world.stack.idle();
  expect(await shown()).toMatchObject({ calls: 'TakeAllCalls', ringCentral: 'Available' });
});

test('the policy says what do-not-disturb does to calls, also for whom it is held already, and not for who is excepted', async () => {
  for (const n of [0, 1])
    await world.stack.setTeams(person(customer, n).userId, 'DoNotDisturb', 'Presenting');
  await world.stack.idle();
  expect(await shown(0)).toMatchObject({ calls: 'DoNotAcceptAnyCalls' });

  expect(await api.setException(person(customer, 1).userId, { neverBlockCalls: true })).toMatchObject({
    status: 200,
  });
  await world.stack.idle();
  expect(await shown(0)).toMatchObject({ calls: 'DoNotAcceptAnyCalls' });
  expect(await shown(1)).toMatchObject({ calls: 'TakeAllCalls', ringCentral: 'Busy' });

  await set({ dndPolicy: 'blockQueueCalls' });
  expect(await shown(0)).toMatchObject({ calls: 'DoNotAcceptDepartmentCalls' });
  expect(await shown(1)).toMatchObject({ calls: 'TakeAllCalls', ringCentral: 'Busy' });

  const { userId } = person(customer, 1);
  expect(await api.ask(`people/${userId}/rules`, { method: 'DELETE' })).toMatchObject({ status: 204 });
  await world.stack.idle();
  expect(await shown(1)).toMatchObject({ calls: 'DoNotAcceptDepartmentCalls' });
});

test('who is in no call queue is shown busy in place of it, which is found out once and explained', async () => {
  const door = new DirectoryDoor(world, customer);
  const { userId, extensionId } = await door.hire({ givenName: 'Grace', surname: 'Hopper' });
  await world.stack.post(`/marketplace/${customer.subscriptionId}/change-quantity`, { quantity: 10 });
  await door.sync();
  await set({ dndPolicy: 'blockQueueCalls' });
  const before = await writesTo(extensionId);
  for (const availability of ['DoNotDisturb', 'Available', 'DoNotDisturb']) {
    const activity = availability === 'Available' ? availability : 'Presenting';
    await world.stack.setTeams(userId, availability, activity);
    await world.stack.idle();
  }
  expect(await world.stack.ringCentral(extensionId)).toMatchObject({
    userStatus: 'Busy',
    dndStatus: 'TakeAllCalls',
  });
  const explained = await api.ask(`people/${userId}/explanation`);
  expect(explained).toMatchObject({
    body: {
      sides: {
        ringCentral: {
          wanted: { hold: 'busy', reasons: ['mapping', 'dndQueueCalls', 'queueRefused'] },
          delivery: { state: 'written', hold: 'busy' },
        },
      },
    },
  });
  const answers = (await writesTo(extensionId)).slice(before.length);
  expect(answers).toEqual([400, 200, 200, 200]);
});

test('an earlier version is brought back as a new one, and the log tells of all of it', async () => {
  await set({ direction: 'none' });
  await callInTeams();
  expect(await shown()).toMatchObject({ ringCentral: 'Available' });
  await set({ direction: 'both' });
  expect(await shown()).toMatchObject({ ringCentral: 'Busy' });
  await api.setException(person(customer, 1).userId, { direction: 'none' });
  await world.stack.idle();

  const back = await api.ask('rules/rollback', { method: 'POST', body: { version: 1 } });
  expect(back).toMatchObject({ status: 200, body: { version: 4, rules: { direction: 'none' } } });
  await world.stack.idle();
  expect(await shown()).toMatchObject({ ringCentral: 'Available' });
  const { body } = await api.ask('rules/versions');
  expect(body['versions']).toMatchObject([
    { version: 4, restored: 1, rules: { direction: 'none' } },
    { version: 2, restored: null, rules: { direction: 'both' } },
    { version: 1, restored: null, rules: { direction: 'none' } },
  ]);

  const log = await world.stack.customerLog(customer.subscriptionId);
  const told = log.flatMap(({ happening }) =>
    happening?.kind === 'rulesChanged' || happening?.kind === 'exceptionChanged' ? [happening] : [],
  );
  expect(told.toReversed()).toEqual([
    { kind: 'rulesChanged', version: 1 },
    { kind: 'rulesChanged', version: 2 },
    { kind: 'exceptionChanged', userId: person(customer, 1).userId, removed: false },
    { kind: 'rulesChanged', version: 4, restored: 1 },
  ]);
});

test('rules are told whoever is taken on later, and who comes back', async () => {
  const { subscriptionId } = customer;
  await set({ direction: 'none' });
  await api.setException(person(customer).userId, { direction: 'both' });
  await world.forget(subscriptionId, person(customer, 2).userId);
  world.sql(
    `INSERT INTO mappings (tenant_id, user_id, extension_id, shard, assigned_at, seated) VALUES ('${subscriptionId}',
     '${person(customer, 2).userId}', '${person(customer, 2).extensionId}', 0, '${await world.stack.now()}', 1)`,
  );
  await world.onboardAgain(subscriptionId);
  for (const n of [0, 1, 2]) await callInTeams(n);
  expect(await shown(0)).toMatchObject({ ringCentral: 'Busy' });
  expect(await shown(1)).toMatchObject({ ringCentral: 'Available' });
  expect(await shown(2)).toMatchObject({ ringCentral: 'Available' });

  await world.stack.post(`/marketplace/${subscriptionId}/suspend`, {});
  await world.stack.idle();
  await world.stack.post(`/marketplace/${subscriptionId}/reinstate`, {});
  await world.stack.idle();
  expect(await shown(0)).toMatchObject({ ringCentral: 'Busy' });
  expect(await shown(1)).toMatchObject({ ringCentral: 'Available' });
});

test('quiet hours begin and end on time, also while a call lasts, and not for who does not keep them', async () => {
  const now = new Date(await world.stack.now());
  const inMinutes = (minutes: number): string =>
    new Date(now.getTime() + minutes * 60_000)
      .toISOString()
      .slice('2026-03-02T'.length, '2026-03-02T08:00'.length);
  await callInTeams(0);
  await callInTeams(1);
  await api.setException(person(customer, 1).userId, { ignoresQuietHours: true });
  await set({ quietHours: { timeZone: 'UTC', from: inMinutes(60), to: inMinutes(120) } });
  expect(await keepers()).toEqual(['Running']);

  await world.stack.advance('PT58M');
  expect(await shown(0)).toMatchObject({ ringCentral: 'Busy' });
  await world.stack.advance('PT2M');
  expect(await shown(0)).toMatchObject({ ringCentral: 'Available' });
  expect(await shown(1)).toMatchObject({ ringCentral: 'Busy' });
  expect((await api.explanation(person(customer).userId)).body).toMatchObject({
    quiet: true,
    sides: { ringCentral: { wanted: { hold: null, reasons: ['quietHours'] } } },
  });
  await callInTeams(2);
  expect(await shown(2)).toMatchObject({ ringCentral: 'Available' });

  await world.stack.advance('PT60M');
  expect(await shown(0)).toMatchObject({ ringCentral: 'Busy' });
  expect(await shown(2)).toMatchObject({ ringCentral: 'Busy' });

  await set({});
  expect(await keepers()).toEqual(['Completed']);
});

test('who has no quiet hours has no keeper of them, and one ends when the service does', async () => {
  await set({ wrapUpSeconds: 5 });
  expect(await keepers()).toEqual([]);
  await set({ quietHours: { timeZone: 'UTC', days: ['sunday'] } });
  expect(await keepers()).toEqual(['Running']);
  await world.stack.post(`/marketplace/${customer.subscriptionId}/suspend`, {});
  await world.stack.idle();
  await world.stack.advance('PT1M');
  expect(await keepers()).toEqual(['Completed']);

  await world.stack.post(`/marketplace/${customer.subscriptionId}/reinstate`, {});
  await world.stack.idle();
  expect(await keepers()).toEqual(['Running']);
});

test('a change that was cut off before it was begun holds once the company is seen to again', async () => {
  await callInTeams();
  const { subscriptionId } = customer;
  world.sql(
    `INSERT INTO sync_rules (tenant_id, version, rules, saved_at, restored, counted, applied) VALUES
     ('${subscriptionId}', 1, '{"direction":"none"}', '${await world.stack.now()}', NULL, 1, 0)`,
  );
  await world.operator(`orchestrators/tendTenant/tending:${subscriptionId}:now`, {
    tenantId: subscriptionId,
  });
  await world.stack.idle();
  expect(await shown()).toMatchObject({ ringCentral: 'Available' });
  expect(world.rows(`SELECT applied FROM sync_rules WHERE tenant_id = '${subscriptionId}'`)).toEqual([
    { applied: 1 },
  ]);
});

test('rules and quiet hours hold for the last of many, also by a run that was begun when pages were counted', async () => {
  customer = await world.stack.customer({ users: 401 });
  api = await CustomerApi.of(world.stack, customer);
  const { subscriptionId, users } = customer;
  const last = users
    .map(({ userId }) => userId)
    .toSorted()
    .at(-1);
  const n = users.findIndex(({ userId }) => userId === last);
  await callInTeams(n);
  expect(await shown(n)).toMatchObject({ ringCentral: 'Busy' });
  world.sql(
    `INSERT INTO sync_rules (tenant_id, version, rules, saved_at, restored, counted, applied) VALUES
     ('${subscriptionId}', 1, '{"direction":"none"}', '${await world.stack.now()}', NULL, 1, 0)`,
  );
  const old = { tenantId: subscriptionId, number: 1, page: 20 };
  await world.operator(`orchestrators/applyRules/rules:${subscriptionId}:1`, old);
  await world.stack.idle();
  expect(await shown(n)).toMatchObject({ ringCentral: 'Available' });

  const now = Date.parse(await world.stack.now());
  const inMinutes = (minutes: number): string => new Date(now + minutes * 60_000).toISOString().slice(11, 16);
  await set({ quietHours: { timeZone: 'UTC', from: inMinutes(30), to: inMinutes(60) } });
  expect(await shown(n)).toMatchObject({ ringCentral: 'Busy' });
  await world.stack.advance('PT30M');
  expect(await shown(n)).toMatchObject({ ringCentral: 'Available' });
});

test('who joins later is held by the rules that the company has set before', async () => {
  await set({ direction: 'ringCentralToTeams' });
  await world.stack.post(`/marketplace/${customer.subscriptionId}/change-quantity`, { quantity: 10 });
  await world.stack.advance('PT1M');
  const door = new DirectoryDoor(world, customer);
  const { userId, extensionId } = await door.hire({ givenName: 'Grace', surname: 'Hopper' });
  await door.sync();
  await world.stack.setTeams(userId, 'Busy', 'InACall');
  await world.stack.idle();
  expect(await world.stack.ringCentral(extensionId)).toMatchObject({ userStatus: 'Available' });
  await world.stack.setTeams(userId, 'Available', 'Available');
  await world.stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
  await world.stack.idle();
  expect(await world.stack.teams(userId)).toMatchObject({ availability: 'Busy' });
});

test('while suspended nothing is written by any rules, and none can be set', async () => {
  await set({ direction: 'both' });
  await callInTeams();
  await world.stack.post(`/marketplace/${customer.subscriptionId}/suspend`, {});
  await world.stack.idle();
  await world.stack.advance('PT1M');
  const writes = () => world.requests('ringCentral', /^PUT .*presence/);
  const before = (await writes()).length;
  for (const refused of [
    await api.setRules({ direction: 'none' }),
    await api.setException(person(customer).userId, { direction: 'none' }),
    await api.ask('rules/rollback', { method: 'POST', body: { version: 1 } }),
    await api.ask('rules/preview', { method: 'POST', body: { rules: {} } }),
    await api.ask(`people/${person(customer).userId}/rules`, { method: 'DELETE' }),
  ]) {
    expect(refused).toMatchObject({ status: 409 });
  }
  // A run that was under way when the service ended.
  await world.operator(`orchestrators/applyRules/rules:${customer.subscriptionId}:1:late`, {
    tenantId: customer.subscriptionId,
    number: 1,
  });
  await world.stack.idle();
  expect(await writes()).toHaveLength(before);
  expect(await api.ask('rules')).toMatchObject({ status: 200, body: { rules: { direction: 'both' } } });
});
