import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StackProcess, type Customer } from '../../local/stack/stack-process.ts';
import { basicItem, makeForger, richItem, unsignedByMicrosoft, type Forger } from '../support/forgery.ts';
import { callsDuring, none } from '../../local/stack/presence-calls.ts';

let data: string;
let stack: StackProcess;
let customer: Customer;
let forger: Forger;
let person: Customer['users'][number];
const inCall = { availability: 'Busy', activity: 'InACall' };

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'presence-hub-test-'));
  stack = await StackProcess.start({ clock: 'virtual', data });
  customer = await stack.customer({ users: 2 });
  forger = await makeForger(data, stack.app);
  const [first] = customer.users;
  if (first === undefined) throw new Error('The customer has no people.');
  person = first;
  await stack.setTeams(person.userId, 'Available', 'Available');
  await stack.idle();
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(data, { recursive: true, force: true });
});

const graphDoor = (): string => `${stack.app}/api/graph/notifications`;
const lifecycleDoor = (): string => `${stack.app}/api/graph/lifecycle`;

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Posts, lets all that follows come to rest, and checks that nothing came of it, and that sync still works. */
async function expectNothing(send: () => Promise<Response>, status: number): Promise<Response> {
  let response = new Response();
  const calls = await callsDuring(stack, async () => {
    response = await send();
  });
  expect(response.status).toBe(status);
  expect(calls).toEqual({ graph: none, ringCentral: none });
  expect(await stack.ringCentral(person.extensionId)).toMatchObject({ userStatus: 'Available' });
  expect(await stack.teams(person.userId)).toMatchObject({ availability: 'Available' });
  return response;
}

describe('at the door for Graph notifications', () => {
  test('a rich notification whose token Microsoft did not sign is answered 202 and discarded', async () => {
    const item = richItem(forger, { customer, userId: person.userId, presence: inCall });
    const token = await unsignedByMicrosoft(customer, '00000000-0000-4000-8000-000000000000');
    await expectNothing(() => post(graphDoor(), { value: [item], validationTokens: [token] }), 202);
  });

  test.each(['not.a.token', 'eyJhbGciOiJub25lIn0.e30.', ''])(
    'a rich notification with the token %j is answered 202 and discarded',
    async (token) => {
      const item = richItem(forger, { customer, userId: person.userId, presence: inCall });
      await expectNothing(() => post(graphDoor(), { value: [item], validationTokens: [token] }), 202);
    },
  );

  test('a rich notification without any token is answered 202 and discarded', async () => {
    const item = richItem(forger, { customer, userId: person.userId, presence: inCall });
    await expectNothing(() => post(graphDoor(), { value: [item] }), 202);
  });

  test('a notification with a wrong clientState is answered 202 and discarded', async () => {
    const right = basicItem(forger, { customer, userId: person.userId, presence: inCall });
    const tampered = `${String(right['clientState']).slice(0, -1)}!`;
    for (const clientState of ['secret', '', tampered]) {
      const item = basicItem(forger, { customer, userId: person.userId, presence: inCall, clientState });
      await expectNothing(() => post(graphDoor(), { value: [item] }), 202);
    }
  });

  test("a notification that names another company's tenant is answered 202 and discarded", async () => {
    const other = await stack.customer({ users: 1 });
    const item = basicItem(forger, { customer, userId: person.userId, presence: inCall });
    await expectNothing(
      () => post(graphDoor(), { value: [{ ...item, tenantId: other.microsoftTenantId }] }),
      202,
    );
  });

  test('a notification about an unknown user is answered 202 and leaves no trace', async () => {
    const stranger = '99999999-9999-4999-8999-999999999999';
    const item = basicItem(forger, { customer, userId: stranger, presence: inCall });
    await expectNothing(() => post(graphDoor(), { value: [item] }), 202);
  });

  test('one bad item does not cost the others of its batch', async () => {
    const bad = basicItem(forger, { customer, userId: person.userId, presence: inCall, clientState: 'x' });
    const good = basicItem(forger, { customer, userId: person.userId, presence: inCall });
    const calls = await callsDuring(stack, async () => {
      const response = await post(graphDoor(), { value: [bad, 'nonsense', null, good] });
      expect(response.status).toBe(202);
    });
    expect(calls.graph.reads).toBe(1);
  });

  test('what is not JSON is refused with a problem that names the body', async () => {
    const response = await expectNothing(() => post(graphDoor(), '{"value":['), 400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 400, errors: { body: 'must be JSON' } });
  });

  test.each([{}, [], 7, null, { value: 'text' }, { values: [] }])(
    '%j is refused with a problem',
    async (body) => {
      const response = await expectNothing(() => post(graphDoor(), body), 400);
      expect(await response.json()).toMatchObject({ errors: { value: 'must be a list of notifications' } });
    },
  );

  test('a body of ten megabytes is refused with a problem', async () => {
    const response = await expectNothing(
      () => post(graphDoor(), `{"value":["${'x'.repeat(10_000_000)}"]}`),
      413,
    );
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('the validation token comes back decoded, as plain text', async () => {
    const response = await fetch(`${graphDoor()}?validationToken=Validation%3a+%3cb%3eTesting`, {
      method: 'POST',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toBe('Validation: <b>Testing');
  });
});

describe('at the door for Graph lifecycle notifications', () => {
  test.each(['reauthorizationRequired', 'subscriptionRemoved', 'missed', 'somethingNew'])(
    '%s with a wrong clientState is answered 202 and discarded',
    async (lifecycleEvent) => {
      const item = {
        lifecycleEvent,
        subscriptionId: '00000000-0000-4000-8000-000000000000',
        clientState: 'x',
        tenantId: customer.microsoftTenantId,
      };
      const before = (await stack.journal('graph')).length;
      await expectNothing(() => post(lifecycleDoor(), { value: [item] }), 202);
      expect(await stack.journal('graph')).toHaveLength(before);
    },
  );

  test('what is not JSON is refused with a problem', async () => {
    await expectNothing(() => post(lifecycleDoor(), 'garbage'), 400);
  });
});

describe('at the door for RingCentral notifications', () => {
  const door = (key = ''): string => `${forger.addresses.ringCentralUrl(customer.subscriptionId)}${key}`;
  const token = (): Record<string, string> => ({
    'verification-token': forger.addresses.ringCentralVerificationToken(customer.subscriptionId),
  });
  const event = (extensionId: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    uuid: `test-${Math.floor(performance.now() * 1000)}`,
    event: `/restapi/v1.0/account/1/extension/${extensionId}/presence`,
    timestamp: '2100-01-01T00:00:00.000Z',
    subscriptionId: 'any',
    body: { extensionId, telephonyStatus: 'CallConnected', sequence: 1_000_000 },
    ...more,
  });

  test('an event without, or with a wrong, verification token is answered 200 and discarded', async () => {
    await expectNothing(() => post(door(), event(person.extensionId)), 200);
    await expectNothing(
      () => post(door(), event(person.extensionId), { 'verification-token': 'wrong' }),
      200,
    );
  });

  test('an event at a wrong address is answered 200 and discarded', async () => {
    await expectNothing(() => post(door('x'), event(person.extensionId), token()), 200);
  });

  test("an event with another company's token is answered 200 and discarded", async () => {
    const other = await stack.customer({ users: 1 });
    const foreign = forger.addresses.ringCentralVerificationToken(other.subscriptionId);
    await expectNothing(
      () => post(door(), event(person.extensionId), { 'verification-token': foreign }),
      200,
    );
  });

  test('an event about an unknown extension is answered 200 and discarded', async () => {
    await expectNothing(() => post(door(), event('424242'), token()), 200);
  });

  test('what is not JSON, or no event, is refused with a problem', async () => {
    await expectNothing(() => post(door(), '{', token()), 400);
    await expectNothing(() => post(door(), [1, 2], token()), 400);
  });

  test('a body of ten megabytes is refused with a problem', async () => {
    await expectNothing(() => post(door(), `"${'x'.repeat(10_000_000)}"`, token()), 413);
  });

  test('a replayed, and an older, event change nothing', async () => {
    const [, other] = customer.users;
    const { userId, extensionId } = other ?? person;
    const first = event(extensionId, { uuid: 'first' });
    const call = event(extensionId, {
      uuid: 'older',
      timestamp: '2099-01-01T00:00:00.000Z',
      body: { extensionId, telephonyStatus: 'NoCall', sequence: 999_999 },
    });
    await stack.setTeams(userId, 'Available', 'Available');
    await post(door(), first, token());
    await stack.idle();
    expect(await stack.teams(userId)).toMatchObject({ activity: 'InACall' });
    for (const again of [first, call]) {
      const calls = await callsDuring(stack, async () => {
        expect((await post(door(), again, token())).status).toBe(200);
      });
      expect(calls).toEqual({ graph: none, ringCentral: none });
    }
    expect(await stack.teams(userId)).toMatchObject({ activity: 'InACall' });
  });

  test('the validation token is echoed in a short answer', async () => {
    const response = await fetch(door(), { method: 'POST', headers: { 'validation-token': 'abc' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('validation-token')).toBe('abc');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.text()).toBe('');
  });
});
