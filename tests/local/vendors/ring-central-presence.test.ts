/** RingCentral's presence, extensions, permissions and rate limits. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  aCustomer,
  aStack,
  Client,
  people,
  type Answer,
  type Customer,
  type Stack,
} from './ring-central-driver.ts';

let stack: Stack;
let customer: Customer;

beforeEach(async () => {
  stack = await aStack();
  customer = await aCustomer(stack);
});

afterEach(() => stack.close());

const account = '/restapi/v1.0/account/~';
const presenceOf = (extensionId: string): string => `${account}/extension/${extensionId}/presence`;
const read = (path: string, headers?: Record<string, string>): Promise<Answer> =>
  customer.client.get(path, headers);

async function ada(): Promise<Client> {
  return new Client(stack.vendor, stack.vendor.authorize(customer.first).refreshToken).logIn();
}

async function callQueue(): Promise<string> {
  return String((await read(`${account}/extension?type=Department`)).json.records[0]?.id);
}

describe('reading presence', () => {
  test('answers all fields of one person', async () => {
    const { status, json } = await read(presenceOf(customer.first));
    const uri = `${stack.vendor.url}/restapi/v1.0/account/${customer.accountId}/extension/${customer.first}`;
    expect(status).toBe(200);
    expect(json).toEqual({
      uri: `${uri}/presence`,
      extension: { id: Number(customer.first), uri, extensionNumber: '1001' },
      presenceStatus: 'Available',
      userStatus: 'Available',
      dndStatus: 'TakeAllCalls',
      telephonyStatus: 'NoCall',
      aggregatedTelephonyStatus: 'NoCall',
      meetingStatus: 'Disconnected',
      allowSeeMyPresence: true,
      callerIdVisibility: 'All',
      ringOnMonitoredCall: false,
      pickUpCallsOnHold: false,
    });
  });

  test.each([
    [{}, 'Available'],
    [{ userStatus: 'Busy' }, 'Busy'],
    [{ telephonyStatus: 'CallConnected' }, 'Busy'],
    [{ telephonyStatus: 'OnHold' }, 'Busy'],
    [{ telephonyStatus: 'Ringing' }, 'Available'],
    [{ meetingStatus: 'Connected' }, 'Busy'],
    [{ dndStatus: 'DoNotAcceptAnyCalls' }, 'Busy'],
    [{ userStatus: 'Offline', telephonyStatus: 'CallConnected' }, 'Offline'],
  ])('aggregates %j to %s', async (change, presenceStatus) => {
    stack.vendor.setPersonPresence(customer.first, change);
    expect((await read(presenceOf(customer.first))).json['presenceStatus']).toBe(presenceStatus);
    expect(stack.vendor.showPresence(customer.first)['presenceStatus']).toBe(presenceStatus);
  });

  test('knows every field that a person may change', () => {
    const change = { presence: 'Busy' } as object;
    expect(() => stack.vendor.setPersonPresence(customer.first, change)).toThrow('Unrecognized key');
    expect(() => stack.vendor.setPersonPresence('1', {})).toThrow('CMN-102');
  });

  test('shows calls when asked to', async () => {
    stack.vendor.setPersonPresence(customer.first, { telephonyStatus: 'CallConnected' });
    expect((await read(presenceOf(customer.first))).json).not.toHaveProperty('activeCalls');
    const { json } = await read(`${presenceOf(customer.first)}?detailedTelephonyState=true`);
    expect(json['activeCalls']).toMatchObject([{ telephonyStatus: 'CallConnected', to: '1001' }]);
    stack.vendor.setPersonPresence(customer.first, { telephonyStatus: 'NoCall' });
    expect(stack.vendor.showPresence(customer.first)['activeCalls']).toEqual([]);
  });

  test('hides from others who does not publish it, and not from themselves', async () => {
    stack.vendor.setPersonPresence(customer.first, { allowSeeMyPresence: false, userStatus: 'Busy' });
    const hidden = { presenceStatus: 'Offline', userStatus: 'Offline' };
    expect((await read(presenceOf(customer.first))).json).toMatchObject(hidden);
    expect((await (await ada()).get(presenceOf('~'))).json['userStatus']).toBe('Busy');
  });

  test('says nothing but Offline of what is no person', async () => {
    const { json } = await read(presenceOf(await callQueue()));
    expect(Object.keys(json)).toEqual(['uri', 'extension', 'presenceStatus']);
  });

  test('answers several at once, each with its own status', async () => {
    const ids = `${customer.first},999,${customer.adminExtensionId}`;
    const accept = { Accept: 'application/vnd.ringcentral.multipart+json' };
    const { status, text } = await read(presenceOf(ids), accept);
    expect(status).toBe(207);
    expect(JSON.parse(text)).toMatchObject([
      { resourceId: customer.first, status: 200, body: { userStatus: 'Available' } },
      { resourceId: '999', status: 404, body: { errorCode: 'CMN-102' } },
      { resourceId: customer.adminExtensionId, status: 200 },
    ]);
    const mixed = await read(presenceOf(ids));
    expect(mixed.headers.get('content-type')).toMatch(/^multipart\/mixed;boundary=/);
    const tooMany = Array.from({ length: 31 }, () => customer.first).join(',');
    expect((await read(presenceOf(tooMany))).json.errorCode).toBe('InvalidMultipartRequest');
  });

  test('answers the whole account in pages', async () => {
    const first = await read(`${account}/presence?perPage=2`);
    expect(first.headers.get('x-rate-limit-group')).toBe('heavy');
    expect(first.json).toMatchObject({
      paging: { page: 1, perPage: 2, pageStart: 0, pageEnd: 1, totalPages: 3, totalElements: 5 },
      navigation: { nextPage: { uri: `${stack.vendor.url}${account}/presence?perPage=2&page=2` } },
    });
    const last = await read(`${account}/presence?perPage=2&page=3`);
    expect(last.json.records).toHaveLength(1);
    expect(last.json['navigation']).not.toHaveProperty('nextPage');
    expect((await read(`${account}/presence?perPage=5000`)).json['paging']).toMatchObject({ perPage: 1000 });
  });

  test.each(['?page=0', '?perPage=many', '?pages=2', '?detailedTelephonyState=yes'])(
    'refuses %s',
    async (query) => {
      expect(await read(`${account}/presence${query}`)).toMatchObject({
        status: 400,
        json: { errorCode: 'CMN-101' },
      });
    },
  );
});

describe('writing presence', () => {
  const write = (body: unknown, extensionId = customer.first): Promise<Answer> =>
    customer.client.put(presenceOf(extensionId), body);

  test('changes what is named and leaves the rest', async () => {
    await write({ userStatus: 'Busy', message: 'In the lab' });
    const { status, json } = await write({ dndStatus: 'DoNotAcceptAnyCalls' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      userStatus: 'Busy',
      dndStatus: 'DoNotAcceptAnyCalls',
      message: 'In the lab',
    });
    expect(stack.vendor.showPresence(customer.first)).toMatchObject({
      userStatus: 'Busy',
      presenceStatus: 'Busy',
    });
  });

  test.each([
    [{ userStatus: 'Away' }, ['userStatus']],
    [{ dndStatus: 'Unknown' }, ['dndStatus']],
    [{ presenceStatus: 'Busy', userstatus: 'Busy' }, ['presenceStatus', 'userstatus']],
    [{ message: 'x'.repeat(76), allowSeeMyPresence: 'yes' }, ['message', 'allowSeeMyPresence']],
    [{ dndStatus: 'DoNotAcceptDepartmentCalls' }, ['dndStatus']],
    [[], ['body']],
  ])('refuses %j', async (body, names) => {
    const { status, json } = await write(body);
    expect([status, json.errorCode]).toEqual([400, 'CMN-101']);
    expect(json.errors.map((each) => each.parameterName)).toEqual(names);
  });

  test('takes a queue setting of somebody in a call queue', async () => {
    stack.vendor.changeExtension(customer.first, { queueMember: true });
    expect((await write({ dndStatus: 'DoNotAcceptDepartmentCalls' })).status).toBe(200);
  });

  test('refuses a body that is no JSON', async () => {
    const path = presenceOf(customer.first);
    const broken = await customer.client.send('PUT', path, '{', { 'Content-Type': 'application/json' });
    expect(broken).toMatchObject({ status: 400, json: { errorCode: 'CMN-103' } });
    expect((await customer.client.send('PUT', path, '{}', { 'Content-Type': 'text/plain' })).status).toBe(
      415,
    );
  });

  test('refuses what has no presence, is disabled, unknown or of another account', async () => {
    const other = await aCustomer(stack);
    stack.vendor.changeExtension(customer.first, { status: 'Disabled' });
    const codeFor = async (id: string): Promise<string> =>
      (await write({ userStatus: 'Busy' }, id)).json.errorCode;
    expect(await codeFor(await callQueue())).toBe('PRS-106');
    expect(await codeFor(customer.first)).toBe('PRS-105');
    expect(await codeFor(other.first)).toBe('CMN-102');
    expect(await codeFor('1')).toBe('CMN-102');
    expect(await codeFor('me')).toBe('CMN-101');
  });

  test('with new call handling goes by the personal fields and ignores the old one', async () => {
    customer = await aCustomer(stack, { newCallHandling: true });
    expect((await write({ dndStatus: 'DoNotAcceptAnyCalls' })).json).toMatchObject({
      dndStatus: 'TakeAllCalls',
      dndStatusPersonal: 'TakeAllCalls',
      acceptCallQueueCalls: true,
    });
    const both = { dndStatus: 'DoNotAcceptAnyCalls', dndStatusPersonal: 'DoNotAcceptAnyCalls' };
    expect((await write({ dndStatusPersonal: 'DoNotAcceptAnyCalls' })).json).toMatchObject(both);
    stack.vendor.setPersonPresence(customer.first, { dndStatus: 'DoNotAcceptDepartmentCalls' });
    expect(stack.vendor.showPresence(customer.first)).toMatchObject({
      dndStatus: 'DoNotAcceptDepartmentCalls',
      dndStatusPersonal: 'TakeAllCalls',
      acceptCallQueueCalls: false,
    });
    expect((await write({ acceptCallQueueCalls: false })).status).toBe(400);
    const features = await read(`${account}/extension/~/features?featureId=NewCallHandlingAndForwarding`);
    expect(features.text).toContain('"isNewBackendAvailable","value":"true"');
  });
});

describe('permissions', () => {
  test('a token without the scope is refused, and EditPresence includes reading', async () => {
    const reader = await aCustomer(stack, { scopes: ['ReadPresence'] });
    const put = await reader.client.put(presenceOf(reader.first), { userStatus: 'Busy' });
    expect(put).toMatchObject({
      status: 403,
      json: { errorCode: 'CMN-401', permissionName: 'EditPresence' },
    });
    expect((await reader.client.get(account)).json.errorCode).toBe('CMN-401');
    const editor = await aCustomer(stack, { scopes: ['EditPresence'] });
    expect((await editor.client.get(presenceOf(editor.first))).status).toBe(200);
  });

  test('a person without the administrator role reaches only their own extension', async () => {
    const client = await ada();
    expect((await client.put(presenceOf('~'), { userStatus: 'Busy' })).status).toBe(200);
    const others = presenceOf(customer.adminExtensionId);
    expect((await client.put(others, { userStatus: 'Busy' })).json.errorCode).toBe('CMN-408');
    expect((await client.get(`${account}/presence`)).json.errorCode).toBe('CMN-408');
    expect((await client.get(`${account}/extension`)).json.errorCode).toBe('CMN-408');
    const check = `${account}/extension/~/authz-profile/check?permissionId=EditPresenceStatus&targetExtensionId=`;
    expect((await client.get(check + customer.adminExtensionId)).json['successful']).toBe(false);
    expect((await read(check + customer.first)).json['successful']).toBe(true);
  });

  test('another account is not to be found', async () => {
    const other = await aCustomer(stack);
    expect((await read(`/restapi/v1.0/account/${other.accountId}/presence`)).status).toBe(404);
    expect((await read('/restapi/v2/accounts/~')).json.errorCode).toBe('CMN-120');
  });
});

describe('the directory', () => {
  test('tells the account', async () => {
    expect((await read(account)).json).toMatchObject({ id: Number(customer.accountId), status: 'Confirmed' });
  });

  test('lists extensions by type, status and mail', async () => {
    const all = await read(`${account}/extension`);
    expect(all.headers.get('x-rate-limit-group')).toBe('medium');
    expect(all.json.records.map((each) => each['extensionNumber'])).toEqual([
      '101',
      '201',
      '1001',
      '1002',
      '1003',
    ]);
    const users = await read(`${account}/extension?status=Enabled&type=User&type=FaxUser`);
    expect(users.json.records).toHaveLength(4);
    const mails = await read(`${account}/extension?email=ADA@example.com&email=grace@example.com`);
    expect(mails.json.records).toMatchObject([
      { id: Number(customer.first), type: 'User', status: 'Enabled', contact: { email: people[0]?.mail } },
      { name: 'Grace Sample', permissions: { admin: { enabled: false } } },
    ]);
    expect((await read(`${account}/extension?type=Person`)).status).toBe(400);
    expect((await read(`${account}/extension/${customer.first}`)).json['name']).toBe('Ada Sample');
  });

  test('tells the phone number and keeps numbers apart', async () => {
    stack.vendor.removeExtension(customer.first);
    const alan = {
      firstName: 'Alan',
      lastName: 'Sample',
      mail: 'alan@example.com',
      businessPhone: '+16505550142',
    };
    const { extensionId } = stack.vendor.addPerson(customer.accountId, alan);
    expect((await read(`${account}/extension/${extensionId}`)).json).toMatchObject({
      extensionNumber: '1004',
      contact: { businessPhone: '+16505550142' },
    });
    expect((await read(`${account}/extension/${customer.first}`)).status).toBe(404);
  });

  test('hands out ids that differ over all accounts', async () => {
    const other = stack.vendor.createAccount({ people });
    const idsOf = (each: typeof other): string[] => [
      each.accountId,
      each.adminExtensionId,
      ...each.extensions.map(({ extensionId }) => extensionId),
    ];
    expect(new Set([...idsOf(customer), ...idsOf(other)]).size).toBe(10);
  });
});

describe('rate limits', () => {
  const light = (): Promise<Answer> => read(account);
  const limitHeaders = ({ headers }: Answer): unknown[] =>
    ['group', 'limit', 'remaining', 'window'].map((name) => headers.get(`x-rate-limit-${name}`));

  test('count down, refuse, and every request of the penalty starts it anew', async () => {
    expect(limitHeaders(await light())).toEqual(['light', '50', '49', '60']);
    for (let count = 1; count < 50; count += 1) await light();
    const refused = await light();
    expect(refused).toMatchObject({ status: 429, json: { errorCode: 'CMN-301' } });
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(limitHeaders(refused)).toEqual(['light', '50', '0', '60']);
    await stack.clock.advance(59_000);
    expect((await light()).status).toBe(429);
    await stack.clock.advance(59_999);
    expect((await light()).status).toBe(429);
    await stack.clock.advance(60_000);
    expect((await light()).status).toBe(200);
  });

  test('are apart for each group and each user', async () => {
    for (let count = 0; count < 11; count += 1) await read(`${account}/presence`);
    expect((await read(`${account}/presence`)).status).toBe(429);
    expect((await light()).status).toBe(200);
    const other = await aCustomer(stack);
    expect((await other.client.get(`${account}/presence`)).status).toBe(200);
  });

  test('slide: what is a minute old no longer counts', async () => {
    for (let count = 0; count < 5; count += 1) await read(`${account}/presence`);
    await stack.clock.advance(30_000);
    for (let count = 0; count < 5; count += 1) await read(`${account}/presence`);
    await stack.clock.advance(30_000);
    expect(limitHeaders(await read(`${account}/presence`))[2]).toBe('4');
  });

  test('are five a minute at the token endpoint', async () => {
    for (let count = 1; count < 5; count += 1) await customer.client.logIn();
    const answer = await customer.client.refresh();
    expect(answer).toMatchObject({ status: 429, json: { errors: [{ errorCode: 'CMN-301' }] } });
  });
});
