import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import {
  aCertificate,
  aCustomer,
  aSubscriber,
  decrypt,
  minute,
  presenceFilter,
  theVendors,
} from './vendor-fixtures.ts';

type World = Awaited<ReturnType<typeof theVendors>>;
type Customer = Awaited<ReturnType<typeof aCustomer>>;
let world: World;
let customer: Customer;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  world = await theVendors();
});
afterAll(() => world.vendors.close());
beforeEach(async () => {
  customer = await aCustomer(world);
});
afterEach(async () => {
  world.vendors.faults.clear();
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const presence = (availability: string, activity = availability) => ({ availability, activity });
const shown = (userId = customer.userId) => {
  const { availability, activity } = world.vendors.teams.showPresence(userId);
  return `${String(availability)}/${String(activity)}`;
};
const act = (availability: string, activity = availability) =>
  world.vendors.teams.setPersonPresence(customer.userId, presence(availability, activity));
const set = (availability: string, activity: string, expirationDuration = 'PT1H') =>
  customer.asApp(`POST /users/${customer.userId}/presence/setPresence`, {
    sessionId: customer.clientId,
    availability,
    activity,
    expirationDuration,
  });
const errorOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => [
  status,
  (body['error'] as Record<string, unknown> | undefined)?.['code'],
];

async function aWatcher(more: object = {}, answer?: (count: number) => number) {
  const subscriber = await aSubscriber(answer);
  cleanUps.push(subscriber.close);
  const subscribe = (changes: object = {}) =>
    customer.asUser('POST /subscriptions', {
      changeType: 'updated',
      resource: presenceFilter(customer.ids),
      notificationUrl: `${subscriber.url}/changes?key=1`,
      lifecycleNotificationUrl: `${subscriber.url}/lifecycle`,
      expirationDateTime: new Date(world.clock.now() + 59 * minute).toISOString(),
      clientState: 'state',
      ...more,
      ...changes,
    });
  return { ...subscriber, subscribe };
}

describe('users', () => {
  test('come in pages with what is selected', async () => {
    const first = await customer.asApp('GET /users?$select=id,mail,assignedPlans&$top=3');
    expect(first.body['value']).toHaveLength(3);
    const next = new URL(String(first.body['@odata.nextLink']));
    const second = await customer.asApp(`GET ${next.pathname.replace('/v1.0', '')}${next.search}`);
    expect(second.body).not.toHaveProperty('@odata.nextLink');
    const all = [...(first.body['value'] as object[]), ...(second.body['value'] as object[])] as {
      mail: string;
      assignedPlans: object[];
    }[];
    expect(all).toHaveLength(4);
    expect(all.filter(({ assignedPlans }) => assignedPlans.length > 0)).toHaveLength(3);
    expect(await customer.asApp(`GET /users/${customer.userId}?$select=displayName`)).toMatchObject({
      status: 200,
      body: { displayName: customer.users[0]?.displayName },
    });
  });

  test('are filtered by account and Teams licence', async () => {
    const plan =
      "assignedPlans/any(p:p/servicePlanId eq 57ff2da0-773e-42df-b2af-ffb7a2317929 and p/capabilityStatus eq 'Enabled')";
    const path = `/users?$count=true&$filter=${encodeURIComponent(`accountEnabled eq true and ${plan}`)}`;
    const found = await customer.asApp(`GET ${path}`, undefined, { consistencylevel: 'eventual' });
    expect(found.body).toMatchObject({ '@odata.count': 3 });
    expect(errorOf(await customer.asApp(`GET ${path}`))).toEqual([400, 'Request_UnsupportedQuery']);
    expect(errorOf(await customer.asApp('GET /users?$filter=shoeSize'))).toEqual([
      400,
      'Request_UnsupportedQuery',
    ]);
    expect(errorOf(await customer.asApp('GET /users?$select=shoeSize'))).toEqual([400, 'BadRequest']);
    expect(errorOf(await customer.asApp('GET /users?$top=1000'))).toEqual([400, 'Request_BadRequest']);
  });
});

describe('access', () => {
  test('needs a valid token with the right permission', async () => {
    expect(errorOf(await customer.call('nonsense', 'GET /users'))).toEqual([
      401,
      'InvalidAuthenticationToken',
    ]);
    expect(
      errorOf(await customer.asUser(`POST /users/${customer.userId}/presence/clearPresence`, {})),
    ).toEqual([403, 'Forbidden']);
    expect(errorOf(await customer.asApp('GET /me/presence'))).toEqual([400, 'BadRequest']);
    expect(errorOf(await customer.asApp('GET /subscriptions'))).toEqual([403, 'ExtensionError']);
  });

  test('ends at once with the consent, and comes back with a new one', async () => {
    world.vendors.revoke({ microsoftTenantId: customer.microsoftTenantId });
    expect(errorOf(await customer.asApp('GET /users'))).toEqual([401, 'InvalidAuthenticationToken']);
    const { serviceUsers } = world.vendors.consentAgain(customer.microsoftTenantId);
    expect(serviceUsers).toHaveLength(1);
    expect((await customer.asApp('GET /users')).status).toBe(200);
    expect(errorOf(await customer.asUser('GET /users'))).toEqual([401, 'InvalidAuthenticationToken']);
  });

  test('is refused in the words of Graph when a fault is switched on, in a batch too', async () => {
    const path = `/users/${customer.userId}/presence`;
    world.vendors.faults.add({
      vendor: 'graph',
      kind: 'throttle',
      retryAfterSeconds: 3,
      match: path,
      count: 2,
    });
    const refused = await customer.asApp(`GET ${path}`);
    expect([...errorOf(refused), refused.headers.get('retry-after')]).toEqual([429, 'TooManyRequests', '3']);
    const requests = [{ id: '1', method: 'GET', url: path }];
    const batch = await customer.asApp('POST /$batch', { requests });
    expect(batch.body['responses']).toMatchObject([{ status: 429, headers: { 'Retry-After': '3' } }]);
    expect((await customer.asApp(`GET ${path}`)).status).toBe(200);
  });

  test('does not reach into another tenant', async () => {
    const other = await aCustomer(world, 1);
    expect(errorOf(await customer.asApp(`GET /users/${other.userId}/presence`))).toEqual([404, 'NotFound']);
    const read = await customer.asApp('POST /communications/getPresencesByUserId', {
      ids: [other.userId, customer.userId],
    });
    expect((read.body['value'] as { id: string }[]).map(({ id }) => id)).toEqual([customer.userId]);
  });
});

describe('presence', () => {
  test('is read one by one and by up to 650 ids', async () => {
    act('Busy', 'InACall');
    const one = await customer.asUser(`GET /users/${customer.userId}/presence`);
    expect(one.body).toMatchObject({
      id: customer.userId,
      availability: 'Busy',
      activity: 'InACall',
      sequenceNumber: 'A0000000002',
    });
    const read = async (ids: string[]) =>
      (await customer.asApp('POST /communications/getPresencesByUserId', { ids })).status;
    expect(await read(Array.from({ length: 650 }, () => customer.userId))).toBe(200);
    expect(await read(Array.from({ length: 651 }, () => customer.userId))).toBe(400);
    expect(await read([])).toBe(400);
  });

  test('set by an application counts by the order of availabilities, and the preferred one above all', async () => {
    expect((await set('Away', 'Away')).status).toBe(200);
    expect(shown()).toBe('Available/Available');
    await set('Busy', 'InACall');
    expect(shown()).toBe('Busy/InACall');
    act('Busy', 'InAMeeting');
    act('DoNotDisturb', 'Presenting');
    expect(shown()).toBe('DoNotDisturb/Presenting');
    act('BeRightBack');
    expect(shown()).toBe('BeRightBack/BeRightBack');
    act('Available');
    expect(shown()).toBe('Busy/InACall');
    await customer.asApp(`POST /users/${customer.userId}/presence/clearPresence`, {
      sessionId: customer.clientId,
    });
    expect(shown()).toBe('Available/Available');
  });

  test("ends when its time is over, an application's Available sooner", async () => {
    await set('Busy', 'InACall', 'PT30M');
    act('Offline');
    expect(shown()).toBe('Busy/InACall');
    await world.clock.advance(30 * minute);
    expect(shown()).toBe('Offline/Offline');
    await customer.signInAgain();
    await set('Available', 'Available', 'PT4H');
    expect(shown()).toBe('Available/Available');
    await world.clock.advance(5 * minute);
    expect(shown()).toBe('Available/AvailableInactive');
    await world.clock.advance(5 * minute);
    expect(shown()).toBe('Away/Away');
  });

  test('is preferred for a day or a week, or until cleared', async () => {
    const base = `/users/${customer.userId}/presence`;
    await customer.asApp(`POST ${base}/setUserPreferredPresence`, presence('DoNotDisturb'));
    expect(shown()).toBe('DoNotDisturb/DoNotDisturb');
    expect((await customer.asApp(`POST ${base}/clearUserPreferredPresence`, {})).status).toBe(200);
    expect(shown()).toBe('Available/Available');
    act('Offline', 'OffWork');
    expect(shown()).toBe('Offline/OffWork');
    await world.clock.advance(7 * 24 * 60 * minute);
    expect(shown()).toBe('Available/Available');
  });

  test('takes any words from the person and only legal pairs and durations from an application', async () => {
    act('focusing', 'deepWork');
    expect(shown()).toBe('focusing/deepWork');
    expect(errorOf(await set('Busy', 'Busy'))).toEqual([400, 'InvalidArgument']);
    expect(errorOf(await set('Busy', 'InACall', 'PT4M'))).toEqual([400, 'InvalidArgument']);
    expect(errorOf(await set('Busy', 'InACall', 'PT4H1M'))).toEqual([400, 'InvalidArgument']);
    const base = `POST /users/${customer.userId}/presence`;
    const elsewhere = { sessionId: customer.userId, ...presence('Away') };
    expect(errorOf(await customer.asApp(`${base}/setPresence`, elsewhere))).toEqual([400, 'InvalidArgument']);
    expect(errorOf(await customer.asApp(`${base}/setPresence`, { ...elsewhere, color: 1 }))).toEqual([
      400,
      'BadRequest',
    ]);
    expect(errorOf(await customer.asApp(`${base}/clearPresence`, { sessionId: customer.clientId }))).toEqual([
      404,
      'NotFound',
    ]);
  });

  test('is throttled at 1,500 calls in 30 seconds', async () => {
    const requests = Array.from({ length: 20 }, (_, id) => ({
      id: String(id),
      method: 'GET',
      url: `/users/${customer.userId}/presence`,
    }));
    const batch = async () =>
      (await customer.asApp('POST /$batch', { requests })).body['responses'] as {
        status: number;
        headers: Record<string, string>;
      }[];
    for (let n = 0; n < 75; n += 1) await batch();
    const [refused] = await batch();
    expect(refused?.status).toBe(429);
    await world.clock.advance(Number(refused?.headers['Retry-After']) * 1000);
    expect((await batch())[0]?.status).toBe(200);
  });
});

describe('subscriptions', () => {
  test('are validated at both addresses, listed, renewed, reauthorised and deleted', async () => {
    const { subscribe, validated } = await aWatcher();
    const made = await subscribe();
    expect(made.status).toBe(201);
    expect(validated).toEqual(['/changes', '/lifecycle']);
    expect(made.body).toMatchObject({
      applicationId: customer.clientId,
      creatorId: customer.serviceUsers[0]?.userId,
      clientState: 'state',
    });
    const path = `/subscriptions/${String(made.body['id'])}`;
    expect((await customer.asUser('GET /subscriptions')).body['value']).toHaveLength(1);
    const soon = new Date(world.clock.now() + 10 * minute).toISOString();
    const renewed = await customer.asUser(`PATCH ${path}`, { expirationDateTime: soon });
    expect(renewed.body['expirationDateTime']).toBe(new Date(world.clock.now() + 45 * minute).toISOString());
    expect((await customer.asUser(`POST ${path}/reauthorize`)).status).toBe(204);
    expect((await customer.asUser(`DELETE ${path}`)).status).toBe(204);
    expect(errorOf(await customer.asUser(`DELETE ${path}`))).toEqual([404, 'ResourceNotFound']);
  });

  test('are one for each application and user, at most 60 minutes long, and end by themselves', async () => {
    const { subscribe } = await aWatcher();
    const made = await subscribe();
    expect(errorOf(await subscribe())).toEqual([409, 'ExtensionError']);
    const late = new Date(world.clock.now() + 61 * minute).toISOString();
    const path = `/subscriptions/${String(made.body['id'])}`;
    expect(errorOf(await customer.asUser(`PATCH ${path}`, { expirationDateTime: late }))).toEqual([
      400,
      'BadRequest',
    ]);
    await world.clock.advance(59 * minute);
    await customer.signInAgain();
    expect((await customer.asUser(`GET ${path}`)).status).toBe(404);
    expect((await subscribe()).status).toBe(201);
  });

  test.each([
    ['an unknown field', { color: 'red' }, 'BadRequest'],
    ['another change', { changeType: 'created' }, 'BadRequest'],
    ['another resource', { resource: '/me/presence' }, 'ExtensionError'],
    [
      '$select',
      { resource: `${presenceFilter(['00000000-0000-0000-0000-000000000000'])}&$select=id` },
      'BadRequest',
    ],
    ['ids that are none', { resource: presenceFilter(['x']) }, 'BadRequest'],
    ['plain http to elsewhere', { notificationUrl: 'http://example.com/' }, 'BadRequest'],
    ['an address that does not answer', { notificationUrl: 'http://127.0.0.1:9/' }, 'InvalidRequest'],
    ['resource data without a certificate', { includeResourceData: true }, 'BadRequest'],
    [
      'a certificate that is none',
      { includeResourceData: true, encryptionCertificate: 'eA==', encryptionCertificateId: 'k' },
      'BadRequest',
    ],
    ['a long client state', { clientState: 'x'.repeat(129) }, 'BadRequest'],
  ])('are refused with %s', async (_, change, code) => {
    const { subscribe } = await aWatcher();
    expect(errorOf(await subscribe(change))).toEqual([400, code]);
  });

  test('watch at most 650 distinct ids', async () => {
    const { subscribe } = await aWatcher();
    const ids = (count: number) =>
      Array.from({ length: count }, (_, n) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`);
    expect(errorOf(await subscribe({ resource: presenceFilter(ids(651)) }))).toEqual([400, 'BadRequest']);
    expect((await subscribe({ resource: presenceFilter(ids(650)) })).status).toBe(201);
  });
});

describe('change notifications', () => {
  test('tell who changed, once for each change that others see, together when together', async () => {
    const { subscribe, received } = await aWatcher();
    const made = await subscribe();
    for (const userId of customer.ids.slice(0, 2))
      world.vendors.teams.setPersonPresence(userId, presence('Busy'));
    await world.work.whenIdle();
    act('Busy');
    await world.work.whenIdle();
    expect(received).toHaveLength(1);
    expect(received[0]?.value).toHaveLength(2);
    expect(received[0]?.value[0]).toEqual({
      subscriptionId: made.body['id'],
      clientState: 'state',
      changeType: 'updated',
      tenantId: customer.microsoftTenantId,
      organizationId: customer.microsoftTenantId,
      subscriptionExpirationDateTime: made.body['expirationDateTime'],
      resource: `communications/presences/${customer.userId}`,
      resourceData: {
        '@odata.type': '#microsoft.graph.presence',
        '@odata.id': `users/${customer.userId}/presence`,
        id: customer.userId,
      },
    });
  });

  test('carry the presence, encrypted, with tokens that prove the sender', async () => {
    const { der, pkcs8 } = await aCertificate();
    const { subscribe, received } = await aWatcher({
      includeResourceData: true,
      encryptionCertificate: der,
      encryptionCertificateId: 'key-1',
    });
    await subscribe();
    act('Busy', 'InACall');
    await world.work.whenIdle();
    const [item] = received[0]?.value ?? [];
    expect(decrypt(item?.['encryptedContent'], pkcs8)).toMatchObject({
      id: customer.userId,
      availability: 'Busy',
      activity: 'InACall',
      sequenceNumber: 'A0000000002',
    });
    const keys = createRemoteJWKSet(new URL(`${world.vendors.urls.entra}/common/discovery/v2.0/keys`));
    const { payload } = await jwtVerify(received[0]?.validationTokens?.[0] ?? '', keys, {
      audience: customer.clientId,
      issuer: `https://login.microsoftonline.com/${customer.microsoftTenantId}/v2.0`,
      currentDate: new Date(world.clock.now()),
    });
    expect(payload['azp']).toBe('0bf30f3b-4a52-48df-9a82-234910c4a086');
  });

  test('are sent again on the clock until accepted', async () => {
    const { subscribe, received } = await aWatcher({}, (count) => (count < 3 ? 503 : 202));
    await subscribe();
    act('Away');
    await world.clock.advance(40_000);
    expect(received).toHaveLength(3);
  });

  test('wait while the token behind the subscription has ended', async () => {
    const { subscribe, received } = await aWatcher();
    const made = await subscribe();
    world.vendors.revoke({ microsoftTenantId: customer.microsoftTenantId, how: 'sessions' });
    act('Away');
    await world.work.whenIdle();
    const events = () => received.map(({ value }) => value[0]?.['lifecycleEvent']);
    expect(events()).toEqual(['reauthorizationRequired']);
    await world.clock.advance(20 * minute);
    expect(events()).toEqual(Array.from({ length: 3 }, () => 'reauthorizationRequired'));
    const [again] = world.vendors.consentAgain(customer.microsoftTenantId).serviceUsers;
    const token = await customer.tokenOf(again?.refreshToken ?? '');
    expect(
      (await customer.call(token, `POST /subscriptions/${String(made.body['id'])}/reauthorize`)).status,
    ).toBe(204);
    await world.work.whenIdle();
    expect(received).toHaveLength(4);
  });
});

describe('lifecycle notifications', () => {
  test('remind a quarter of an hour before the end, and come on request', async () => {
    const { subscribe, received } = await aWatcher();
    const { body } = await subscribe();
    const event = () => received.at(-1)?.value[0];
    await world.clock.advance(44 * minute - 1);
    expect(received).toHaveLength(0);
    await world.clock.advance(1);
    expect(event()).toEqual({
      lifecycleEvent: 'reauthorizationRequired',
      subscriptionId: body['id'],
      subscriptionExpirationDateTime: body['expirationDateTime'],
      tenantId: customer.microsoftTenantId,
      organizationId: customer.microsoftTenantId,
      clientState: 'state',
    });
    world.vendors.lifecycle(customer.microsoftTenantId, 'missed');
    await world.work.whenIdle();
    expect(event()).toMatchObject({ lifecycleEvent: 'missed' });
    world.vendors.lifecycle(String(body['id']), 'subscriptionRemoved');
    await world.work.whenIdle();
    expect(event()).toMatchObject({ lifecycleEvent: 'subscriptionRemoved' });
    expect(world.vendors.teams.subscriptions((each) => each.id === body['id'])).toEqual([]);
  });
});

describe('$batch', () => {
  test('answers each request for itself, in an order of its own', async () => {
    const path = `/users/${customer.userId}/presence`;
    const { status, body } = await customer.asApp('POST /$batch', {
      requests: [
        {
          id: '1',
          method: 'POST',
          url: `${path}/clearPresence`,
          headers: { 'Content-Type': 'application/json' },
          body: { sessionId: customer.clientId },
        },
        { id: '2', method: 'GET', url: path, dependsOn: ['1'] },
        { id: '3', method: 'GET', url: path },
      ],
    });
    expect(status).toBe(200);
    expect(
      (body['responses'] as { id: string; status: number }[]).map(({ id, status }) => [id, status]),
    ).toEqual([
      ['3', 200],
      ['2', 424],
      ['1', 404],
    ]);
  });

  test('refuses more than 20, twins, and bodies without a type', async () => {
    const send = async (requests: object[]) => errorOf(await customer.asApp('POST /$batch', { requests }))[0];
    const get = (id: string) => ({ id, method: 'GET', url: '/users' });
    expect(await send(Array.from({ length: 21 }, (_, id) => get(String(id))))).toBe(400);
    expect(await send([get('a'), get('A')])).toBe(400);
    expect(await send([{ ...get('1'), method: 'POST', body: {} }])).toBe(400);
  });
});
