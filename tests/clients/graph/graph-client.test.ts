import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeGraphClient, type GraphClient } from '../../../clients/graph/graph-client.ts';
import type { PresenceWrite } from '../../../clients/graph/presence-writes.ts';
import { failureOf, someTokens } from '../fakes.ts';
import { openOddServer, type Answer, type OddServer, oddServerTimeoutMs } from '../odd-server.ts';

const tenant = { tenantId: 't1', microsoftTenantId: 'm1' };
const busy = (userId: string): PresenceWrite => ({
  userId,
  kind: 'set',
  availability: 'Busy',
  activity: 'InACall',
  durationMinutes: 240,
});
const expiresAt = new Date('2026-01-05T10:59:00Z');
let server: OddServer;
let tokens: ReturnType<typeof someTokens>;
let graph: GraphClient;
beforeAll(async () => {
  server = await openOddServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.received.length = 0;
  tokens = someTokens();
  const clock = () => new Date('2026-01-05T10:00:00Z');
  graph = makeGraphClient({
    baseUrl: server.url,
    tokens,
    clientId: 'our-app',
    clock,
    timeoutMs: oddServerTimeoutMs,
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
const asked = {
  notificationUrl: 'https://hub/n',
  lifecycleNotificationUrl: 'https://hub/l',
  clientState: 's',
  expiresAt,
};
const granted = { id: 'sub/1', expirationDateTime: '2026-01-05T10:45:00Z', clientState: null, novel: {} };

describe('presence subscriptions at Graph', () => {
  test('are made for the users of a shard, and end when Graph says', async () => {
    answerWith({ status: 201, body: granted });
    const made = await graph.createPresenceSubscription(tenant, 2, { ...asked, userIds: ['a', 'b'] });
    expect(made).toEqual({ id: 'sub/1', expiresAt: new Date('2026-01-05T10:45:00Z') });
    expect(last()).toEqual({
      request: 'POST /v1.0/subscriptions',
      token: 'Bearer secret-token-t1-2-0',
      body: {
        changeType: 'updated',
        resource: "/communications/presences?$filter=id in ('a','b')",
        notificationUrl: 'https://hub/n',
        lifecycleNotificationUrl: 'https://hub/l',
        expirationDateTime: '2026-01-05T10:59:00.000Z',
        clientState: 's',
      },
    });
  });

  test('bring the presence along when there is a certificate', async () => {
    answerWith({ status: 201, body: granted });
    const certificate = { id: 'key-1', derBase64: 'AAAA' };
    await graph.createPresenceSubscription(tenant, 0, { ...asked, userIds: ['a'], certificate });
    expect(last().body).toMatchObject({
      includeResourceData: true,
      encryptionCertificate: 'AAAA',
      encryptionCertificateId: 'key-1',
    });
  });

  test('are renewed and deleted', async () => {
    answerWith({ body: granted });
    expect((await graph.renewSubscription(tenant, 0, 'sub/1', expiresAt)).id).toBe('sub/1');
    expect(last()).toMatchObject({
      request: 'PATCH /v1.0/subscriptions/sub%2F1',
      body: { expirationDateTime: '2026-01-05T10:59:00.000Z' },
    });
    answerWith({ status: 204 });
    await graph.deleteSubscription(tenant, 0, 'sub/1');
    expect(last()).toMatchObject({ request: 'DELETE /v1.0/subscriptions/sub%2F1' });
  });

  test('that are gone are no failure to delete', async () => {
    answerWith({ status: 404, body: { error: { code: 'ResourceNotFound' } } });
    await graph.deleteSubscription(tenant, 0, 'x');
    expect(await failureOf(graph.renewSubscription(tenant, 0, 'x', expiresAt))).toMatchObject({
      failure: 'notFound',
      code: 'ResourceNotFound',
    });
  });

  test('are listed over all pages of our own server', async () => {
    const record = (id: string) => ({
      ...granted,
      id,
      resource: 'r',
      notificationUrl: 'n',
      clientState: 'c',
    });
    server.answer = ({ path }) =>
      path.includes('skiptoken')
        ? { body: { value: [record('2')] } }
        : {
            body: {
              value: [record('1')],
              '@odata.nextLink': `${server.url}/v1.0/subscriptions?$skiptoken=a%26b%3d`,
            },
          };
    const all = await graph.listSubscriptions(tenant, 0);
    expect(all.map(({ id }) => id)).toEqual(['1', '2']);
    expect(all[0]).toEqual({
      id: '1',
      resource: 'r',
      notificationUrl: 'n',
      clientState: 'c',
    });
    expect(last().request).toBe('GET /v1.0/subscriptions?$skiptoken=a%26b%3d');
  });

  test('are never looked for on a foreign server', async () => {
    answerWith({
      body: { value: [], '@odata.nextLink': 'https://evil.example/v1.0/subscriptions?$skiptoken=x' },
    });
    expect(await failureOf(graph.listSubscriptions(tenant, 0))).toMatchObject({ code: 'ForeignNextLink' });
    expect(server.received).toHaveLength(1);
  });
});

describe('presence at Graph', () => {
  test('is read for many users in our own name', async () => {
    answerWith({
      body: {
        value: [
          { id: 'a', availability: 'Busy', activity: 'InACall', sequenceNumber: 'A1', statusMessage: null },
          { id: 'b', availability: 'Daydreaming', activity: null },
          { id: null },
        ],
      },
    });
    expect(await graph.readPresences(tenant, ['a', 'b'])).toEqual([
      { userId: 'a', availability: 'Busy', activity: 'InACall', sequenceNumber: 'A1' },
      { userId: 'b', availability: 'Daydreaming', activity: 'PresenceUnknown' },
    ]);
    expect(last()).toEqual({
      request: 'POST /v1.0/communications/getPresencesByUserId',
      token: 'Bearer secret-token-application-m1-0',
      body: { ids: ['a', 'b'] },
    });
  });

  test('of nobody needs no call', async () => {
    expect(await graph.readPresences(tenant, [])).toEqual([]);
    expect(server.received).toHaveLength(0);
  });

  test('is set, with the empty JSON answer that Graph gives', async () => {
    answerWith({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(await graph.writePresences(tenant, [busy('u1')])).toEqual([undefined]);
    expect(last()).toMatchObject({
      request: 'POST /v1.0/users/u1/presence/setPresence',
      body: { sessionId: 'our-app', availability: 'Busy', activity: 'InACall', expirationDuration: 'PT240M' },
    });
  });

  test('is cleared, also when there was none', async () => {
    answerWith({ status: 404, body: 'no session of Ada Lovelace' });
    expect(await graph.writePresences(tenant, [{ userId: 'u1', kind: 'clear' }])).toEqual([undefined]);
    expect(last()).toMatchObject({
      request: 'POST /v1.0/users/u1/presence/clearPresence',
      body: { sessionId: 'our-app' },
    });
  });

  test('of several users is written in one batch, whose answers may come in any order', async () => {
    answerWith({
      body: {
        responses: [
          { id: '3', status: 404, body: { error: { code: 'NotFound' } } },
          {
            id: '1',
            status: 429,
            headers: { 'retry-after': '7.2' },
            body: { error: { code: 'TooManyRequests' } },
          },
          { id: '2', status: 503 },
          { id: '0', status: 200 },
        ],
      },
    });
    const outcomes = await graph.writePresences(tenant, [
      busy('u0'),
      busy('u1'),
      busy('u2'),
      { userId: 'u3', kind: 'clear' },
      busy('u4'),
    ]);
    expect(outcomes).toMatchObject([
      undefined,
      { failure: 'throttled', code: 'TooManyRequests', retryAfterSeconds: 8 },
      { failure: 'unavailable', code: 'HTTP503' },
      undefined,
      { failure: 'unavailable', code: 'NoAnswerInBatch' },
    ]);
    expect(server.received).toHaveLength(1);
    expect(last()).toMatchObject({ request: 'POST /v1.0/$batch' });
    expect(last().body.requests).toHaveLength(5);
    expect(last().body.requests[3]).toEqual({
      id: '3',
      method: 'POST',
      url: '/users/u3/presence/clearPresence',
      headers: { 'Content-Type': 'application/json' },
      body: { sessionId: 'our-app' },
    });
  });

  test('is written once more by itself where only its part of a batch was refused for the token', async () => {
    server.answer = ({ path }) =>
      path.endsWith('$batch')
        ? {
            body: {
              responses: [
                { id: '0', status: 200 },
                { id: '1', status: 401 },
              ],
            },
          }
        : { status: 200 };
    expect(await graph.writePresences(tenant, [busy('u0'), busy('u1')])).toEqual([undefined, undefined]);
    expect(last().request).toBe('POST /v1.0/users/u1/presence/setPresence');
  });
});

describe('a failing Graph call', () => {
  const error = (code: string) => ({
    error: { code, message: 'Ada Lovelace', innerError: { 'request-id': 'r' } },
  });
  test.each([
    [{ status: 400, body: error('InvalidArgument') }, 'rejected', 'InvalidArgument', undefined],
    [{ status: 403, body: error('ExtensionError') }, 'rejected', 'ExtensionError', undefined],
    [{ status: 409, body: error('ExtensionError') }, 'conflict', 'ExtensionError', undefined],
    [{ status: 410 }, 'notFound', 'HTTP410', undefined],
    [{ status: 429, headers: { 'retry-after': '2.128' } }, 'throttled', 'HTTP429', 3],
    [{ status: 429, body: error('TooManyRequests') }, 'throttled', 'TooManyRequests', 30],
    [{ status: 500, body: '<html>Ada Lovelace</html>' }, 'unavailable', 'HTTP500', undefined],
    [{ status: 503, headers: { 'retry-after': '7' } }, 'unavailable', 'HTTP503', 7],
    [{ status: 200, body: 'not JSON' }, 'unavailable', 'UnreadableAnswer', undefined],
    [{ status: 200, body: { value: 'secret-' } }, 'unavailable', 'UnreadableAnswer', undefined],
    [{ fault: 'hang' }, 'unavailable', 'Timeout', undefined],
    [{ fault: 'hangUp' }, 'unavailable', 'UND_ERR_SOCKET', undefined],
    [{ fault: 'breakOff', body: { value: [] } }, 'unavailable', 'UND_ERR_SOCKET', undefined],
  ] as const)('%j is sent once and means %s', async (answer, failure, code, retryAfterSeconds) => {
    answerWith(answer);
    expect(await failureOf(graph.readPresences(tenant, ['a']))).toMatchObject({
      failure,
      code,
      retryAfterSeconds,
    });
    expect(server.received).toHaveLength(1);
  });

  test('with 401 is repeated once with a new token', async () => {
    server.answer = ({ headers }) =>
      headers.authorization === 'Bearer secret-token-application-m1-1'
        ? { body: { value: [] } }
        : { status: 401 };
    expect(await graph.readPresences(tenant, ['a'])).toEqual([]);
    expect(tokens.invalidated).toEqual(['secret-token-application-m1-0']);
  });

  test('with 401 again means that consent is gone', async () => {
    answerWith({ status: 401, body: error('InvalidAuthenticationToken') });
    expect(await failureOf(graph.readPresences(tenant, ['a']))).toMatchObject({
      failure: 'consentRevoked',
      code: 'InvalidAuthenticationToken',
    });
    expect(server.received).toHaveLength(2);
  });

  test('without a token is not sent', async () => {
    const failing = { ...tokens, graphApplication: () => Promise.reject(new Error('no token')) };
    const clock = () => new Date();
    const broken = makeGraphClient({ baseUrl: server.url, tokens: failing, clientId: 'our-app', clock });
    await expect(broken.readPresences(tenant, ['a'])).rejects.toThrow('no token');
    expect(server.received).toHaveLength(0);
  });
});
