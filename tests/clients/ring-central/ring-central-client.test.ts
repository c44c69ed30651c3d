import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  makeRingCentralClient,
  type RingCentralClient,
} from '../../../clients/ring-central/ring-central-client.ts';
import { failureOf, someTokens } from '../fakes.ts';
import { openOddServer, type Answer, type OddServer, oddServerTimeoutMs } from '../odd-server.ts';

let server: OddServer;
let tokens: ReturnType<typeof someTokens>;
let ringCentral: RingCentralClient;
beforeAll(async () => {
  server = await openOddServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.received.length = 0;
  tokens = someTokens();
  ringCentral = makeRingCentralClient({
    serverUrl: server.url,
    clientId: 'our-app',
    clientSecret: 'secret-client',
    tokens,
    timeoutMs: oddServerTimeoutMs,
    clock: () => new Date('2026-01-05T10:00:00Z'),
  });
});

const last = () => {
  const { method, path, headers, body } = server.received.at(-1) ?? {
    method: '',
    path: '',
    headers: {},
    body: '',
  };
  return {
    request: `${method} ${path}`,
    token: headers.authorization,
    body: body === '' ? '' : JSON.parse(body),
  };
};
const answerWith = (answer: Answer): void => {
  server.answer = () => answer;
};
const path = '/restapi/v1.0';
const said = {
  id: 'dd2f0ff2-580e-4581-a277-76f9c9a54bc9',
  status: 'Blacklisted',
  eventFilters: [`${path}/account/111/presence`],
  disabledFilters: [{ filter: 'f', reason: 'PermissionRequired', message: 'm' }, { filter: 'g' }],
  expirationTime: '2026-01-12T10:00:00.000Z',
  expiresIn: 604800,
  deliveryMode: { transportType: 'WebHook', encryption: false, address: 'https://hub/rc' },
  blacklistedData: {},
};
const understood = {
  id: said.id,
  status: 'Blacklisted',
  eventFilters: said.eventFilters,
  disabledFilters: [{ filter: 'f', reason: 'PermissionRequired' }, { filter: 'g' }],
  expiresAt: new Date('2026-01-12T10:00:00Z'),
  address: 'https://hub/rc',
};

describe('webhook subscriptions at RingCentral', () => {
  test('are made with their own term, and tell which filters are not served', async () => {
    answerWith({ body: said });
    const made = await ringCentral.createSubscription('t1', {
      address: 'https://hub/rc',
      verificationToken: 'v',
      expiresInSeconds: 604800,
      eventFilters: [`${path}/account/~/presence`],
    });
    expect(made).toEqual(understood);
    expect(last()).toEqual({
      request: `POST ${path}/subscription`,
      token: 'Bearer secret-token-t1-0',
      body: {
        eventFilters: [`${path}/account/~/presence`],
        expiresIn: 604800,
        deliveryMode: { transportType: 'WebHook', address: 'https://hub/rc', verificationToken: 'v' },
      },
    });
  });

  test('are renewed without a body, read, listed and deleted', async () => {
    answerWith({ body: said });
    expect(await ringCentral.renewSubscription('t1', 's1')).toEqual(understood);
    expect(last()).toMatchObject({ request: `POST ${path}/subscription/s1/renew`, body: '' });
    expect(await ringCentral.getSubscription('t1', 's1')).toEqual(understood);
    expect(last().request).toBe(`GET ${path}/subscription/s1`);
    answerWith({ body: { records: [said, { id: 7, expiresIn: 60, expirationTime: null }, null] } });
    const listed = await ringCentral.listSubscriptions('t1');
    expect(listed[0]).toEqual(understood);
    expect(listed[1]).toEqual({
      id: '7',
      status: 'Unknown',
      expiresAt: new Date('2026-01-05T10:01:00Z'),
      address: '',
      eventFilters: [],
      disabledFilters: [],
    });
    answerWith({ status: 204 });
    await ringCentral.deleteSubscription('t1', 's1');
    expect(last()).toMatchObject({ request: `DELETE ${path}/subscription/s1`, body: '' });
  });

  test('that are gone are no failure to delete or to look for', async () => {
    answerWith({ status: 404, body: { errors: [{ errorCode: 'SUB-507', message: 'gone' }] } });
    await ringCentral.deleteSubscription('t1', 's1');
    expect(await ringCentral.getSubscription('t1', 's1')).toBeUndefined();
    expect(await failureOf(ringCentral.renewSubscription('t1', 's1'))).toMatchObject({
      failure: 'notFound',
      code: 'SUB-507',
    });
  });
});

describe('presence at RingCentral', () => {
  const presence = {
    uri: 'u',
    extension: { id: 222, uri: 'u' },
    presenceStatus: 'Busy',
    userStatus: 'Meditating',
    dndStatus: null,
    acceptCallQueueCalls: true,
    activeCalls: [{ fromName: 'Ada Lovelace' }],
  };
  const read = { extensionId: '222', userStatus: 'Meditating', acceptCallQueueCalls: true };

  test('is read page by page for a whole account', async () => {
    const records = [presence, { presenceStatus: 'Offline' }];
    answerWith({ body: { records, navigation: { nextPage: { uri: 'u' } }, paging: { page: 1 } } });
    expect(await ringCentral.readAccountPresence('t1', 1)).toEqual({ records: [read], nextPage: 2 });
    expect(last().request).toBe(`GET ${path}/account/~/presence?page=1&perPage=1000`);
    answerWith({
      body: { records: [presence], navigation: { nextPage: null }, paging: { page: 2, totalPages: 2 } },
    });
    expect(await ringCentral.readAccountPresence('t1', 2)).toEqual({ records: [read] });
    answerWith({ body: { records: [], navigation: { nextPage: {} } } });
    expect(await ringCentral.readAccountPresence('t1', 3)).toEqual({ records: [] });
  });

  test('is read for one extension', async () => {
    answerWith({ body: presence });
    expect(await ringCentral.readPresence('t1', '222')).toEqual(read);
    expect(last().request).toBe(`GET ${path}/account/~/extension/222/presence`);
  });

  test('is written field by field, and tells what is left of the budget', async () => {
    const limits = {
      'X-Rate-Limit-Limit': '40',
      'X-Rate-Limit-Remaining': '39',
    };
    answerWith({ body: presence, headers: { ...limits, 'X-Rate-Limit-Window': '60' } });
    expect(
      await ringCentral.writePresence('t1', '222', { dndStatus: 'TakeAllCalls', userStatus: undefined }),
    ).toEqual({
      budget: { limit: 40, remaining: 39, windowSeconds: 60 },
    });
    expect(last()).toMatchObject({
      request: `PUT ${path}/account/~/extension/222/presence`,
      body: { dndStatus: 'TakeAllCalls' },
    });
    answerWith({ body: presence, headers: limits });
    expect(await ringCentral.writePresence('t1', '222', { userStatus: 'Busy' })).toEqual({});
  });
});

test.each([
  ['no window', { limit: '40', remaining: '39', window: '' }],
  ['a window of nothing', { limit: '40', remaining: '39', window: '0' }],
  ['a window without end', { limit: '40', remaining: '39', window: '1e15' }],
  ['a limit without end', { limit: '9007199254740991', remaining: '0', window: '60' }],
])('a rate limit with %s is none that is told', async (_, { limit, remaining, window }) => {
  answerWith({
    body: {},
    headers: {
      'x-rate-limit-limit': limit,
      'x-rate-limit-remaining': remaining,
      'x-rate-limit-window': window,
    },
  });
  expect(await ringCentral.writePresence('t1', '222', { userStatus: 'Busy' })).toEqual({});
});

describe('a failing RingCentral call', () => {
  const error = (code: string) => ({
    errorCode: code,
    message: 'Ada Lovelace',
    errors: [{ errorCode: code }],
  });
  test.each([
    [{ status: 400, body: error('CMN-101') }, 'rejected', 'CMN-101', undefined],
    [{ status: 403, body: error('CMN-408') }, 'rejected', 'CMN-408', undefined],
    [{ status: 403, body: error('SUB-505') }, 'rejected', 'SUB-505', undefined],
    [{ status: 409 }, 'conflict', 'HTTP409', undefined],
    [{ status: 429, body: error('CMN-301'), headers: { 'retry-after': '17' } }, 'throttled', 'CMN-301', 17],
    [{ status: 429, body: error('CMN-301') }, 'throttled', 'CMN-301', 60],
    [
      { status: 429, headers: { 'retry-after': 'Mon, 05 Jan 2026 10:00:30 GMT' } },
      ...(['throttled', 'HTTP429', 30] as const),
    ],
    [{ status: 429, headers: { 'retry-after': '1e300' } }, 'throttled', 'HTTP429', 86_400],
    [{ status: 503, body: { errors: [{ errorCode: 'CMN-211' }] } }, 'unavailable', 'CMN-211', undefined],
    [{ status: 502, body: '<html>Ada Lovelace</html>' }, 'unavailable', 'HTTP502', undefined],
    [{ status: 200, body: 'not JSON' }, 'unavailable', 'UnreadableAnswer', undefined],
    [{ fault: 'hang' }, 'unavailable', 'Timeout', undefined],
    [{ fault: 'hangUp' }, 'unavailable', 'UND_ERR_SOCKET', undefined],
  ] as const)('%j is sent once and fails as %s', async (answer, failure, code, retryAfterSeconds) => {
    answerWith(answer);
    const failed = await failureOf(ringCentral.readPresence('t1', '222'));
    expect(failed).toMatchObject({ failure, code, retryAfterSeconds });
    expect(server.received).toHaveLength(1);
  });

  test('with 401 is repeated once with a new token', async () => {
    server.answer = ({ headers }) =>
      headers.authorization === 'Bearer secret-token-t1-1'
        ? { body: {} }
        : { status: 401, body: error('OAU-213') };
    expect(await ringCentral.readPresence('t1', '222')).toEqual({ extensionId: '222' });
    expect(tokens.invalidated).toEqual(['secret-token-t1-0']);
    expect(server.received).toHaveLength(2);
  });

  test('with 401 again means that consent is gone', async () => {
    answerWith({ status: 401, body: error('OAU-213') });
    expect(await failureOf(ringCentral.readPresence('t1', '222'))).toMatchObject({
      failure: 'consentRevoked',
      code: 'OAU-213',
    });
    expect(server.received).toHaveLength(2);
  });

  test('never mixes the tokens of tenants that call at the same time', async () => {
    server.answer = ({ headers }) => ({ body: { userStatus: String(headers.authorization) } });
    const tenants = ['t1', 't10', 't2'];
    const seen = await Promise.all(tenants.map((tenantId) => ringCentral.readPresence(tenantId, '222')));
    expect(seen.map(({ userStatus }) => userStatus)).toEqual(
      tenants.map((id) => `Bearer secret-token-${id}-0`),
    );
  });
});
