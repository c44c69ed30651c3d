/** RingCentral's webhook subscriptions and the events that they bring. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  accountFilter,
  aCustomer,
  aStack,
  Client,
  hook,
  type Json,
  Receiver,
  type Customer,
  type Stack,
} from './ring-central-driver.ts';

const path = '/restapi/v1.0/subscription';
let stack: Stack;
let receiver: Receiver;
let customer: Customer;

beforeEach(async () => {
  stack = await aStack();
  receiver = await new Receiver().open();
  customer = await aCustomer(stack);
});

afterEach(async () => {
  await stack.close();
  await receiver.close();
});

const presencePath = (extensionId: string): string =>
  `/restapi/v1.0/account/~/extension/${extensionId}/presence`;

async function subscribe(filters?: readonly string[], more: Record<string, unknown> = {}): Promise<Json> {
  const answer = await customer.client.post(path, { ...hook(receiver.url, filters), ...more });
  expect(answer.text).toContain('"id"');
  return answer.json;
}

describe('a subscription', () => {
  test('comes about after a handshake and says what it resolved', async () => {
    const answer = await customer.client.post(path, hook(receiver.url));
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      status: 'Active',
      eventFilters: [`/restapi/v1.0/account/${customer.accountId}/presence`],
      creationTime: '2026-01-05T09:00:00.000Z',
      expirationTime: '2026-01-12T09:00:00.000Z',
      expiresIn: 604800,
      deliveryMode: { transportType: 'WebHook', encryption: false, address: receiver.url },
    });
    expect(answer.text).not.toContain('a shared secret');
    expect(receiver.handshakes).toHaveLength(1);
    expect(receiver.handshakes[0]?.headers['validation-token']).toBeDefined();
  });

  test.each([
    ['a wrong status', (to: Receiver) => (to.status = 202), 'SUB-522'],
    ['a missing token', (to: Receiver) => (to.echo = false), 'SUB-520'],
    ['no JSON content type', (to: Receiver) => (to.contentType = 'text/plain'), 'SUB-525'],
    ['large headers', (to: Receiver) => (to.extraHeaders = { 'X-Large': 'x'.repeat(1000) }), 'SUB-525'],
  ])('is refused when the handshake answers with %s', async (_, spoil, errorCode) => {
    spoil(receiver);
    const answer = await customer.client.post(path, hook(receiver.url));
    expect(answer).toMatchObject({ status: 400, json: { errorCode } });
    expect(stack.vendor.subscriptions()).toEqual([]);
  });

  test.each([
    ['an unreachable address', 'http://127.0.0.1:1/hook'],
    ['plain HTTP to another machine', 'http://hub.example/hook'],
  ])('is refused for %s', async (_, address) => {
    const answer = await customer.client.post(path, hook(address));
    expect(answer.json).toMatchObject({ errorCode: 'CMN-101', parameterName: 'deliveryMode.address' });
  });

  test.each([
    ['a lifetime of nothing', { expiresIn: 0 }, 'expiresIn'],
    ['an unknown field', { expires: 60 }, 'expires'],
    ['no filter', { eventFilters: [] }, 'eventFilters'],
    ['another transport', { deliveryMode: { transportType: 'PubNub' } }, 'deliveryMode.transportType'],
  ])('is refused with %s', async (_, fields, parameterName) => {
    const answer = await customer.client.post(path, { ...hook(receiver.url), ...fields });
    expect(answer).toMatchObject({ status: 400, json: { errorCode: 'CMN-101' } });
    expect(answer.json.errors.map((each) => each.parameterName)).toContain(parameterName);
    expect(receiver.handshakes).toEqual([]);
  });

  test('lives for the default week when its lifetime stands in the wrong place', async () => {
    const wanted = hook(receiver.url);
    const deliveryMode = { ...(wanted['deliveryMode'] as object), expiresIn: 3600 };
    const answer = await customer.client.post(path, { ...wanted, deliveryMode });
    expect(answer.json.expiresIn).toBe(604800);
  });

  test('knows its filters: no nonsense, no other account, no reminder alone', async () => {
    const other = await aCustomer(stack);
    const errorOf = async (filter: string): Promise<string> =>
      (await customer.client.post(path, hook(receiver.url, [filter]))).json.errorCode;
    expect(await errorOf('/restapi/v1.0/account/~/presense')).toBe('SUB-508');
    expect(await errorOf(`/restapi/v1.0/account/${other.accountId}/presence`)).toBe('SUB-406');
    expect(await errorOf('/restapi/v1.0/subscription/~?threshold=60&interval=30')).toBe('SUB-515');
    expect(await errorOf('/restapi/v1.0/account/~/extension/1/presence')).toBe('SUB-408');
  });

  test('lists the filters that its owner may not use', async () => {
    stack.vendor.setPersonPresence(customer.first, { allowSeeMyPresence: false });
    const hidden = `/restapi/v1.0/account/~/extension/${customer.first}/presence`;
    const answer = await subscribe([accountFilter, hidden]);
    expect(answer.eventFilters).toHaveLength(1);
    expect(answer.disabledFilters).toMatchObject([{ reason: 'SUB-403' }]);
  });

  test('needs its scope, and there are at most thirty', async () => {
    const poor = await aCustomer(stack, { scopes: ['ReadAccounts', 'ReadPresence'] });
    const refusal = await poor.client.post(path, hook(receiver.url));
    expect(refusal).toMatchObject({
      status: 403,
      json: { errorCode: 'CMN-401', permissionName: 'SubscriptionWebhook' },
    });
    for (let count = 0; count < 30; count += 1) await subscribe();
    const answer = await customer.client.post(path, hook(receiver.url));
    expect(answer).toMatchObject({ status: 403, json: { errorCode: 'SUB-505' } });
  });

  test('is renewed for its own lifetime, changed, deleted, and gone once expired', async () => {
    const { id } = await subscribe(undefined, { expiresIn: 1000 });
    await stack.clock.advance(900_000);
    const renewed = await customer.client.send('POST', `${path}/${id}/renew`);
    expect(renewed.json).toMatchObject({ id, expiresIn: 1000 });
    const changed = await customer.client.put(`${path}/${id}`, { expiresIn: 60 });
    expect(changed.json).toMatchObject({ id, expiresIn: 60 });
    const moved = await customer.client.put(`${path}/${id}`, hook(receiver.url));
    expect(moved.json).toMatchObject({ errorCode: 'CMN-101', parameterName: 'deliveryMode' });
    expect((await customer.client.get(path)).json.records).toHaveLength(1);
    await stack.clock.advance(61_000);
    expect(await customer.client.get(`${path}/${id}`)).toMatchObject({
      status: 404,
      json: { errorCode: 'SUB-507' },
    });
    expect((await customer.client.get(path)).json.records).toEqual([]);
    const next = await subscribe();
    expect((await customer.client.send('DELETE', `${path}/${next.id}`)).status).toBe(204);
    const gone = await customer.client.send('POST', `${path}/${next.id}/renew`);
    expect(gone).toMatchObject({ status: 404, json: { errorCode: 'CMN-102' } });
  });

  test('belongs to its user alone', async () => {
    const { id } = await subscribe();
    const { refreshToken } = stack.vendor.authorize(customer.first);
    const ada = await new Client(stack.vendor, refreshToken).logIn();
    expect((await ada.get(path)).json.records).toEqual([]);
    expect((await ada.get(`${path}/${id}`)).status).toBe(404);
    const tooMuch = await ada.post(path, hook(receiver.url));
    expect(tooMuch).toMatchObject({ status: 403, json: { errorCode: 'CMN-408' } });
    const own = await ada.post(path, hook(receiver.url, ['/restapi/v1.0/account/~/extension/~/presence']));
    expect(own.json.eventFilters).toEqual([
      `/restapi/v1.0/account/${customer.accountId}/extension/${customer.first}/presence`,
    ]);
  });

  test('reminds of its end when asked to', async () => {
    const reminder = '/restapi/v1.0/subscription/~?threshold=300&interval=100';
    await subscribe([accountFilter, reminder], { expiresIn: 1000 });
    await stack.clock.advance(699_000);
    expect(receiver.events).toEqual([]);
    await stack.clock.advance(1000_000);
    const seen = receiver.events.map(({ body }) => [body.event, body.body.expiresIn]);
    expect(seen).toEqual([
      [reminder, 300],
      [reminder, 200],
      [reminder, 100],
    ]);
  });
});

describe('a presence event', () => {
  test('comes for a change by the person, with the shared secret', async () => {
    const { id } = await subscribe();
    stack.vendor.setPersonPresence(customer.first, { telephonyStatus: 'CallConnected' });
    await stack.idle();
    const [event] = receiver.events;
    expect(event?.headers).toMatchObject({
      'verification-token': 'a shared secret',
      'content-type': 'application/json; charset=UTF-8',
      'user-agent': 'RingCentral-Webhook/8.3',
    });
    expect(event?.body).toEqual({
      uuid: expect.any(String),
      event: `/restapi/v1.0/account/${customer.accountId}/extension/${customer.first}/presence`,
      timestamp: '2026-01-05T09:00:00.000Z',
      subscriptionId: id,
      ownerId: customer.adminExtensionId,
      body: {
        extensionId: customer.first,
        telephonyStatus: 'CallConnected',
        sequence: 1,
        presenceStatus: 'Busy',
        userStatus: 'Available',
        meetingStatus: 'Disconnected',
        dndStatus: 'TakeAllCalls',
        allowSeeMyPresence: true,
        ringOnMonitoredCall: false,
        pickUpCallsOnHold: false,
      },
    });
  });

  test('comes back for a PUT, numbered on, without the telephony status that did not change', async () => {
    await subscribe();
    await customer.client.put(presencePath(customer.first), { userStatus: 'Busy' });
    await customer.client.put(presencePath(customer.first), {
      userStatus: 'Busy',
      message: 'nothing to see',
    });
    await customer.client.put(presencePath(customer.first), { dndStatus: 'DoNotAcceptAnyCalls' });
    await stack.idle();
    expect(receiver.events.map(({ body }) => body.body.sequence)).toEqual([1, 2]);
    expect(receiver.events[1]?.body.body).toMatchObject({
      userStatus: 'Busy',
      dndStatus: 'DoNotAcceptAnyCalls',
    });
    expect(receiver.events[0]?.body.body).not.toHaveProperty('telephonyStatus');
  });

  test('is only the detailed one when both kinds are asked for, and tells the calls', async () => {
    const extension = `/restapi/v1.0/account/~/extension/${customer.first}/presence`;
    await subscribe([extension, `${extension}?detailedTelephonyState=true`]);
    stack.vendor.setPersonPresence(customer.first, { telephonyStatus: 'Ringing' });
    await stack.idle();
    expect(receiver.events).toHaveLength(1);
    expect(receiver.events[0]?.body.body).toMatchObject({
      telephonyStatus: 'Ringing',
      presenceStatus: 'Available',
      totalActiveCalls: 1,
      activeCalls: [{ direction: 'Inbound', telephonyStatus: 'Ringing' }],
    });
  });

  test('reaches only those who asked for that extension', async () => {
    await subscribe([`/restapi/v1.0/account/~/extension/${customer.extensions[1]?.extensionId}/presence`]);
    await subscribe([`/restapi/v1.0/account/~/extension/${customer.first}/presence/dnd`]);
    stack.vendor.setPersonPresence(customer.first, { userStatus: 'Busy' });
    stack.vendor.setPersonPresence(customer.first, { dndStatus: 'DoNotAcceptAnyCalls' });
    await stack.idle();
    expect(receiver.events.map(({ body }) => body.body)).toEqual([
      { extensionId: customer.first, sequence: 2, dndStatus: 'DoNotAcceptAnyCalls' },
    ]);
  });

  test('shows whoever hides their presence as offline to others', async () => {
    await subscribe();
    stack.vendor.setPersonPresence(customer.first, { allowSeeMyPresence: false });
    stack.vendor.setPersonPresence(customer.first, { telephonyStatus: 'CallConnected' });
    await stack.idle();
    expect(receiver.events.map(({ body }) => body.body.presenceStatus)).toEqual(['Offline']);
  });

  test('carries values that nobody knows yet', async () => {
    await subscribe();
    stack.vendor.setPersonPresence(customer.first, { userStatus: 'Pondering' });
    await stack.idle();
    expect(receiver.events[0]?.body.body).toMatchObject({
      userStatus: 'Pondering',
      presenceStatus: 'Pondering',
    });
  });

  test('is lost when the receiver fails, and after ten minutes of failing the address is blacklisted', async () => {
    const { id } = await subscribe();
    receiver.status = 500;
    const flip = async (userStatus: string): Promise<void> => {
      stack.vendor.setPersonPresence(customer.first, { userStatus });
      await stack.idle();
    };
    await flip('Busy');
    await stack.clock.advance(5 * 60_000);
    await flip('Available');
    expect(stack.vendor.subscriptions()).toMatchObject([{ id, status: 'Active' }]);
    await stack.clock.advance(5 * 60_000);
    await flip('Busy');
    expect(receiver.events).toHaveLength(3);
    expect((await customer.client.get(`${path}/${id}`)).json).toMatchObject({
      status: 'Blacklisted',
      blacklistedData: { blacklistedAt: '2026-01-05T09:10:00.000Z', reason: 'HTTP status 500' },
    });
    receiver.status = 200;
    await flip('Available');
    expect(receiver.events).toHaveLength(3);
  });

  test('that arrives ends a row of failures', async () => {
    await subscribe();
    for (const [status, userStatus] of [
      [500, 'Busy'],
      [200, 'Available'],
      [500, 'Busy'],
    ] as const) {
      receiver.status = status;
      stack.vendor.setPersonPresence(customer.first, { userStatus });
      await stack.clock.advance(6 * 60_000);
    }
    expect(stack.vendor.subscriptions()).toMatchObject([{ status: 'Active' }]);
  });

  test('no longer comes after an operator blacklists, removes, or the customer revokes', async () => {
    const [one, two] = [await subscribe(), await subscribe()];
    stack.vendor.blacklist(one.id);
    stack.vendor.removeSubscription(two.id);
    const kept = await subscribe();
    stack.vendor.setPersonPresence(customer.first, { userStatus: 'Busy' });
    await stack.idle();
    expect(receiver.events.map(({ body }) => body.subscriptionId)).toEqual([kept.id]);
    stack.vendor.revoke(customer.accountId);
    stack.vendor.setPersonPresence(customer.first, { userStatus: 'Available' });
    await stack.idle();
    expect(receiver.events).toHaveLength(1);
    expect(stack.vendor.subscriptions(customer.accountId)).toEqual([]);
  });
});

test('whoever is disabled or removed loses their subscriptions', async () => {
  const own = hook(receiver.url, ['/restapi/v1.0/account/~/extension/~/presence']);
  for (const { extensionId } of customer.extensions.slice(0, 2)) {
    const client = await new Client(stack.vendor, stack.vendor.authorize(extensionId).refreshToken).logIn();
    await client.post(path, own);
  }
  expect(stack.vendor.subscriptions()).toHaveLength(2);
  stack.vendor.changeExtension(customer.first, { status: 'Disabled' });
  stack.vendor.removeExtension(customer.extensions[1]?.extensionId ?? '');
  expect(stack.vendor.subscriptions()).toEqual([]);
});

test('an extension event tells of people who come, change and go', async () => {
  await subscribe(['/restapi/v1.0/account/~/extension']);
  const { extensionId } = stack.vendor.addPerson(customer.accountId, {
    firstName: 'Alan',
    lastName: 'Sample',
    mail: 'alan@example.com',
  });
  stack.vendor.changeExtension(extensionId, { status: 'Disabled' });
  stack.vendor.removeExtension(extensionId);
  await stack.idle();
  const types = receiver.events.flatMap(({ body }) => body.body.extensions.map((each) => each.eventType));
  expect(types.toSorted((one, other) => one.localeCompare(other))).toEqual(['Create', 'Delete', 'Update']);
});
