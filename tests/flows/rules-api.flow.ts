/** What a customer is answered about rules: as they are, as they would be, why somebody shows what they show, and refusals. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Customer } from '../../local/stack/stack-process.ts';
import { defaultMapping } from '../../domain/sync-rules.ts';
import { CustomerApi, type Answered } from '../support/customer-api.ts';
import { cancelled, due, minutesAfter, receipts } from '../support/leaving-customer.ts';
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

const put = (body: unknown, ifMatch?: string): Promise<Answered> =>
  api.ask('rules', {
    method: 'PUT',
    body,
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });

const defaults = {
  direction: 'both',
  toTeams: defaultMapping,
  toRingCentral: defaultMapping,
  dndPolicy: 'blockAllCalls',
  callsOutrankManual: true,
  ringingCountsAfterSeconds: null,
  wrapUpSeconds: 0,
  ignoreInactivity: true,
  quietHours: null,
};

test('who has set nothing is told the defaults, with every cell of the mapping', async () => {
  const told = await api.ask('rules');
  expect(told).toMatchObject({ status: 200 });
  expect(told.headers.get('etag')).toBe('"0"');
  expect(told.headers.get('cache-control')).toBe('no-store');
  expect(told.body).toEqual({ version: 0, rulesVersion: 0, savedAt: null, rules: defaults, exceptions: [] });
  expect((await api.ask('rules/versions')).body).toEqual({ versions: [] });
});

test('what is told can be changed and sent back, by whoever has seen the newest', async () => {
  const { body } = await api.ask('rules');
  const changed = { ...defaults, wrapUpSeconds: 20 };
  const saved = await put(changed, '"0"');
  expect(saved).toMatchObject({ status: 200, body: { version: 1, rulesVersion: 1, rules: changed } });
  expect(saved.headers.get('etag')).toBe('"1"');
  expect(saved.body['savedAt']).toBe(await world.stack.now());
  // Sent once more by a client that has not heard the answer.
  expect(await put(changed, '"0"')).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await put(body['rules'], '"0"')).toMatchObject({ status: 412 });

  expect(await api.setException(person(customer).userId.toUpperCase(), { wrapUpSeconds: 3 })).toMatchObject({
    status: 200,
    body: { userId: person(customer).userId, exception: { wrapUpSeconds: 3 }, version: 2 },
  });
  expect(await put(body['rules'], '"1"')).toMatchObject({ status: 412 });
  expect(await put(body['rules'], '"2"')).toMatchObject({
    status: 200,
    body: {
      version: 3,
      exceptions: [{ userId: person(customer).userId, exception: { wrapUpSeconds: 3 } }],
    },
  });
});

test('input that is not right names the field, and changes nothing', async () => {
  const { userId } = person(customer);
  const refusals: [Answered, number, string][] = [
    [await put({ direction: 'sideways' }, '*'), 400, 'direction'],
    [await put({ toTeams: { inCall: 'red' } }, '*'), 400, 'toTeams.inCall'],
    [await put({ colour: 'red' }, '*'), 400, 'colour'],
    [await put({ quietHours: { timeZone: 'Mars' } }, '*'), 400, 'quietHours.timeZone'],
    [await put('{', '*'), 400, 'body'],
    [await put([], '*'), 400, 'body'],
    [await put({}), 428, 'if-match'],
    [await put({}, 'newest'), 400, 'if-match'],
    [await put({}, '"7"'), 412, 'if-match'],
    [await api.ask('rules/rollback', { method: 'POST', body: {} }), 400, 'version'],
    [await api.ask('rules/rollback', { method: 'POST', body: { version: 9 } }), 404, 'version'],
    [await api.ask('rules/preview', { method: 'POST', body: { rules: { x: 1 } } }), 400, 'rules.x'],
    [await api.ask('rules/preview', { method: 'POST', body: {} }), 400, 'rules'],
    [await api.setException(userId, { direction: 'up' }), 400, 'direction'],
    [await api.setException(userId, { quietHours: null }), 400, 'quietHours'],
    [await api.setException(userId, {}), 400, 'body'],
    [await api.setException(randomUUID(), { direction: 'none' }), 404, 'userId'],
    [await api.setException('ada', { direction: 'none' }), 404, 'userId'],
    [await api.explanation(randomUUID()), 404, 'userId'],
    [await api.explanation('ada'), 404, 'userId'],
  ];
  for (const [{ status, headers, body }, expected, field] of refusals) {
    expect([field, status, headers.get('content-type')]).toEqual([
      field,
      expected,
      'application/problem+json',
    ]);
    expect(Object.keys(body['errors'] as object)).toEqual([field]);
  }
  expect(await api.ask(`people/${userId}/rules`, { method: 'DELETE' })).toMatchObject({ status: 404 });
  expect(await api.ask('rules/preview')).toMatchObject({ status: 404 });
  expect((await api.ask('rules')).body).toMatchObject({ version: 0, exceptions: [] });
});

test('people of another customer are nobody', async () => {
  const others = await world.stack.customer({ users: 1 });
  expect(await api.explanation(person(others).userId)).toMatchObject({ status: 404 });
  expect(await api.setException(person(others).userId, { direction: 'none' })).toMatchObject({ status: 404 });
});

test('a preview counts what would be held for whom, and changes nothing', async () => {
  await world.stack.setTeams(person(customer, 0).userId, 'Busy', 'InACall');
  await world.stack.setTeams(person(customer, 1).userId, 'DoNotDisturb', 'Presenting');
  await world.stack.setRingCentral(person(customer, 2).extensionId, { telephonyStatus: 'CallConnected' });
  await world.stack.idle();
  await api.setException(person(customer, 1).userId, { direction: 'both' });
  await world.stack.idle();
  const before = await world.stack.journal();

  const rules = { direction: 'ringCentralToTeams' };
  const asked = await api.ask('rules/preview', { method: 'POST', body: { rules } });
  expect(asked).toMatchObject({ status: 202, body: { preview: '/api/subscription/rules/preview' } });
  expect(asked.headers.get('location')).toBe('/api/subscription/rules/preview');
  await world.stack.idle();
  const { status, body } = await api.ask('rules/preview');
  expect(status).toBe(200);
  expect(body).toEqual({
    askedAt: expect.any(String),
    people: 3,
    changing: 1,
    teams: {
      now: { nothing: 2, busy: 1, noQueueCalls: 0, doNotDisturb: 0 },
      after: { nothing: 2, busy: 1, noQueueCalls: 0, doNotDisturb: 0 },
      changes: [],
      rewritten: 0,
    },
    ringCentral: {
      now: { nothing: 1, busy: 1, noQueueCalls: 0, doNotDisturb: 1 },
      after: { nothing: 2, busy: 0, noQueueCalls: 0, doNotDisturb: 1 },
      changes: [{ from: 'busy', to: 'nothing', people: 1 }],
      rewritten: 0,
    },
    userIds: [person(customer).userId],
  });
  const writes = (await world.stack.journal()).slice(before.length).filter(({ method }) => method !== 'GET');
  expect(writes).toEqual([]);
  expect(await world.stack.ringCentral(person(customer).extensionId)).toMatchObject({ userStatus: 'Busy' });
  expect((await api.ask('rules')).body).toMatchObject({ rulesVersion: 1, rules: { direction: 'both' } });

  await api.setRules(rules);
  await world.stack.idle();
  expect(await world.stack.ringCentral(person(customer).extensionId)).toMatchObject({
    userStatus: 'Available',
  });
  await world.stack.advance('PT1H1M');
  expect(await api.ask('rules/preview')).toMatchObject({ status: 404 });
});

test('of two previews asked for at once the later counts', async () => {
  await world.stack.setTeams(person(customer).userId, 'Busy', 'InACall');
  await world.stack.idle();
  await api.ask('rules/preview', { method: 'POST', body: { rules: { direction: 'none' } } });
  await world.stack.advance('PT1S');
  await api.ask('rules/preview', {
    method: 'POST',
    body: { rules: { toRingCentral: { inCall: 'doNotDisturb' } } },
  });
  await world.stack.idle();
  expect((await api.ask('rules/preview')).body).toMatchObject({
    changing: 1,
    ringCentral: { changes: [{ from: 'busy', to: 'doNotDisturb', people: 1 }] },
  });
});

test('an explanation tells the chain from a call that was seen on the phone to what was written to Teams', async () => {
  const { userId, extensionId } = person(customer);
  await world.stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
  await world.stack.idle();
  const { status, body } = await api.explanation(userId);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    userId,
    served: true,
    quiet: false,
    rulesVersion: 0,
    sides: {
      teams: {
        shown: { status: 'inCall', setBy: 'us', values: { availability: 'Busy', activity: 'InACall' } },
        wanted: { hold: 'busy', from: 'inCall', reasons: ['mapping'] },
        delivery: { state: 'written', hold: 'busy' },
      },
      ringCentral: { shown: { status: 'inCall', setBy: 'person' }, own: 'inCall' },
    },
  });
  const chain = (body['journal'] as { kind: string; side?: string }[]).map(
    ({ kind, side }) => `${kind} ${side}`,
  );
  const [seen, asked, answered] = ['seen ringCentral', 'asked teams', 'answered teams'].map((each) =>
    chain.lastIndexOf(each),
  );
  expect(seen).toBeGreaterThan(-1);
  expect(asked).toBeGreaterThan(seen ?? 0);
  expect(answered).toBeGreaterThan(asked ?? 0);
});

test('an explanation tells of a write that the vendor has refused', async () => {
  const { userId, extensionId } = person(customer);
  await world.stack.fault({
    vendor: 'graph',
    kind: 'status',
    status: 403,
    match: `/users/${userId}/presence`,
    count: 10,
  });
  await world.stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
  await world.stack.idle();
  await world.stack.delete('/faults');
  const { body } = await api.explanation(userId);
  expect(body).toMatchObject({
    sides: {
      teams: {
        wanted: { from: 'inCall' },
        delivery: { state: 'refused', code: expect.any(String) },
      },
    },
  });
  expect(body['journal']).toContainEqual(
    expect.objectContaining({
      kind: 'answered',
      side: 'teams',
      outcome: 'rejected',
      code: expect.any(String),
    }),
  );
});

async function instancesOfRules(): ReturnType<StackWithData['instances']> {
  const prefixes = ['rules', 'exception', 'quiet', 'preview'];
  const found = prefixes.map((prefix) => world.instances(`${prefix}:${customer.subscriptionId}`));
  return (await Promise.all(found)).flat();
}

test('neither rules nor whom a preview names are in any history', async () => {
  await world.stack.setTeams(person(customer).userId, 'Busy', 'InACall');
  await world.stack.idle();
  await api.ask('rules/preview', { method: 'POST', body: { rules: { direction: 'none' } } });
  await api.setRules({ direction: 'none', quietHours: { timeZone: 'Asia/Kathmandu', days: ['sunday'] } });
  await api.setException(person(customer).userId, { neverBlockCalls: true });
  await world.stack.idle();
  expect(await api.ask('rules/preview')).toMatchObject({ status: 200 });
  const ofRules = await instancesOfRules();
  expect(ofRules.map(({ name }) => name).toSorted()).toEqual([
    'applyRules',
    'applyRules',
    'keepQuietHours',
    'previewRules',
  ]);
  for (const { instanceId, name } of ofRules) {
    const path = `instances/${instanceId}?showHistory=true&showHistoryOutput=true`;
    const history = JSON.stringify(await world.operator(path));
    expect(history).not.toMatch(/direction|Kathmandu|neverBlock|sunday/);
    if (name === 'previewRules') expect(history).not.toContain(person(customer).userId);
  }
});

test('after the erasure nothing of rules is left, and nothing is answered any more', async () => {
  const { subscriptionId } = customer;
  await api.setRules({ quietHours: { timeZone: 'UTC', days: ['sunday'] } });
  await api.setException(person(customer).userId, { direction: 'none' });
  await world.stack.idle();
  cancelled(world, customer, await world.stack.now());
  due(world, customer, { category: 'service', at: minutesAfter(await world.stack.now(), 30) });
  await api.ask('rules/preview', { method: 'POST', body: { rules: {} } });
  world.sql(
    `INSERT INTO rule_previews (tenant_id, part, asked_at, body)
     VALUES ('${subscriptionId}', 0, '${await world.stack.now()}', '{}')`,
  );
  await world.stack.advance('PT3H');
  const [receipt] = (await receipts(world)).toReversed();
  expect(receipt?.body).toMatchObject({
    category: 'service',
    leftOver: 0,
    erased: { 'sql:sync_rules': 1, 'sql:rule_exceptions': 1, 'sql:rule_previews': 1 },
  });
  for (const table of ['sync_rules', 'rule_exceptions', 'rule_previews']) {
    expect(world.rows(`SELECT * FROM ${table} WHERE tenant_id = '${subscriptionId}'`)).toEqual([]);
  }
  expect(await instancesOfRules()).toEqual([]);
  for (const path of [
    'rules',
    'rules/versions',
    'rules/preview',
    'directory',
    'convergence',
    `people/${person(customer).userId}/explanation`,
  ]) {
    expect(await api.ask(path)).toMatchObject({ status: 404 });
  }
  expect(await api.setRules({})).toMatchObject({ status: 404 });
});
