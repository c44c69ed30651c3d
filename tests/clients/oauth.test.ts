import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientCredentialsGrant, refreshGrant, type TokenEndpoint } from '../../clients/oauth.ts';
import { failureOf } from './fakes.ts';
import { openOddServer, type Answer, type OddServer, oddServerTimeoutMs } from './odd-server.ts';

const now = new Date('2026-01-05T10:00:00Z');
let server: OddServer;
beforeAll(async () => {
  server = await openOddServer();
});
afterAll(() => server.close());

const endpoint = (vendor: TokenEndpoint['vendor'] = 'entra'): TokenEndpoint => ({
  vendor,
  url: `${server.url}/token`,
  clientId: 'our-app_id',
  clientSecret: 'secret-client',
  clock: () => now,
  timeoutMs: oddServerTimeoutMs,
});
const refused = (vendor: TokenEndpoint['vendor'], answer: Answer) => {
  server.answer = () => answer;
  return failureOf(refreshGrant(endpoint(vendor), 'secret-refresh', {}));
};

describe('a token endpoint', () => {
  test('exchanges a refresh token, with the secret in the form for Entra', async () => {
    server.answer = () => ({
      body: { token_type: 'Bearer', access_token: 'at', refresh_token: 'rt2', expires_in: '3599', novel: 1 },
    });
    const issued = await refreshGrant(endpoint(), 'rt1', { scope: 'offline_access' });
    expect(issued).toEqual({
      accessToken: 'at',
      refreshToken: 'rt2',
      expiresAt: new Date('2026-01-05T10:59:59Z'),
    });
    expect(Object.fromEntries(new URLSearchParams(server.received.at(-1)?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'rt1',
      scope: 'offline_access',
      client_id: 'our-app_id',
      client_secret: 'secret-client',
    });
  });

  test('sends RingCentral its id and secret as they are', async () => {
    server.answer = () => ({ body: { access_token: 'at' } });
    await refreshGrant(endpoint('ringCentral'), 'rt1', {});
    const basic = String(server.received.at(-1)?.headers.authorization).replace('Basic ', '');
    expect(Buffer.from(basic, 'base64').toString()).toBe('our-app_id:secret-client');
  });

  test('gives tokens without a refresh token in the own name', async () => {
    server.answer = () => ({ body: { access_token: 'app', expires_in: 60 } });
    expect(await clientCredentialsGrant(endpoint(), { scope: 's' })).toEqual({
      accessToken: 'app',
      expiresAt: new Date('2026-01-05T10:01:00Z'),
    });
  });

  const entra = (error: string, ...numbers: number[]) => ({
    status: 400,
    body: { error, error_codes: numbers, error_description: 'AADSTS50057: Ada Lovelace is disabled' },
  });
  const ring = (status: number, error: string, code: string) => ({
    status,
    body: {
      error,
      error_description: 'Ada Lovelace',
      errors: [{ errorCode: code, message: 'Ada Lovelace' }],
    },
  });

  test.each([
    ['entra', 'a revoked grant', entra('invalid_grant', 50173), 'consentRevoked', 'AADSTS50173'],
    ['entra', 'a policy demand', entra('interaction_required', 50076), 'consentRevoked', 'AADSTS50076'],
    [
      'entra',
      'an unknown number of a dead grant',
      entra('invalid_grant', 99),
      'consentRevoked',
      'invalid_grant',
    ],
    [
      'entra',
      'our application gone from the tenant',
      entra('unauthorized_client', 700016),
      'consentRevoked',
      'AADSTS700016',
    ],
    [
      'entra',
      'our own bad secret',
      { ...entra('invalid_client', 7000215), status: 401 },
      'unavailable',
      'AADSTS7000215',
    ],
    [
      'entra',
      'our own secret past its end',
      { ...entra('invalid_client', 7000222), status: 401 },
      'unavailable',
      'AADSTS7000222',
    ],
    ['entra', 'a transient fault', entra('invalid_request', 90033), 'unavailable', 'AADSTS90033'],
    ['entra', 'something new', entra('brand_new_error'), 'unavailable', 'brand_new_error'],
    ['entra', 'a code that is no word', entra('Ada Lovelace was here'), 'unavailable', 'HTTP400'],
    [
      'entra',
      'a page instead of JSON',
      { status: 502, body: '<html>Ada Lovelace</html>' },
      'unavailable',
      'HTTP502',
    ],
    ['entra', 'a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'unavailable', 'HTTP302'],
    ['entra', 'success without a token', { body: { error: 'odd' } }, 'unavailable', 'UnreadableAnswer'],
    ['entra', 'success without JSON', { body: 'fine' }, 'unavailable', 'UnreadableAnswer'],
    ['ringCentral', 'an ended session', ring(400, 'invalid_grant', 'OAU-210'), 'consentRevoked', 'OAU-210'],
    [
      'ringCentral',
      'a disabled extension',
      ring(400, 'invalid_grant', 'OAU-236'),
      'consentRevoked',
      'OAU-236',
    ],
    [
      'ringCentral',
      'a login not allowed',
      ring(401, 'invalid_request', 'OAU-142'),
      'consentRevoked',
      'OAU-142',
    ],
    ['ringCentral', 'our own bad secret', ring(401, 'invalid_client', 'OAU-146'), 'unavailable', 'OAU-146'],
    ['ringCentral', 'a site access rule', ring(403, 'access_denied', 'OAU-167'), 'unavailable', 'OAU-167'],
    [
      'ringCentral',
      'an outage naming a dead grant',
      ring(503, 'invalid_grant', 'OAU-210'),
      'unavailable',
      'OAU-210',
    ],
  ] as const)('of %s: %s', async (vendor, _what, answer, ...expected) => {
    const [failure, code] = expected;
    expect(await refused(vendor, answer)).toMatchObject({ failure, code });
  });

  test('tells how long to wait', async () => {
    const throttled = { status: 429, headers: { 'retry-after': '2.128' } };
    expect(await refused('entra', throttled)).toMatchObject({ failure: 'throttled', retryAfterSeconds: 3 });
    expect(await refused('ringCentral', { status: 429 })).toMatchObject({ retryAfterSeconds: 60 });
    const date = { status: 503, headers: { 'retry-after': 'Mon, 05 Jan 2026 10:00:30 GMT' } };
    expect(await refused('entra', date)).toMatchObject({ failure: 'unavailable', retryAfterSeconds: 30 });
    const ours = { status: 401, body: { error: 'invalid_client' }, headers: { 'retry-after': '7' } };
    expect(await refused('entra', ours)).toMatchObject({ failure: 'unavailable', retryAfterSeconds: 7 });
  });

  test('is unavailable when it hangs, hangs up, breaks off or is not there', async () => {
    expect(await refused('entra', { fault: 'hang' })).toMatchObject({
      failure: 'unavailable',
      code: 'Timeout',
    });
    expect(await refused('entra', { fault: 'hangUp' })).toMatchObject({ failure: 'unavailable' });
    expect(await refused('entra', { fault: 'breakOff', body: { access_token: 'at' } })).toMatchObject({
      failure: 'unavailable',
    });
    const nobody = { ...endpoint(), url: 'http://127.0.0.1:1/token' };
    expect(await failureOf(refreshGrant(nobody, 'secret-refresh', {}))).toMatchObject({
      failure: 'unavailable',
      code: expect.stringMatching(/ECONNREFUSED|NetworkError/),
    });
  });
});
