/** RingCentral's token endpoint: rotation with its grace, lifetimes, sessions, the code flow, revocation. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  aCustomer,
  aStack,
  Client,
  form,
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

/** The status and code that an access token gets. */
async function codeFor(token: string): Promise<string> {
  const client = new Client(stack.vendor, '');
  client.token = token;
  const { status, json } = await client.get(account);
  return status === 200 ? 'fine' : `${status} ${json.errorCode}`;
}

const codesOf = ({ status, json }: Answer): unknown[] => [status, json['error'], json.errors?.[0]?.errorCode];
const unknownToken = [400, 'invalid_grant', 'OAU-213'];

describe('a refresh', () => {
  test('answers the pair, whose it is and what it may do', async () => {
    const answer = await customer.client.refresh();
    expect(answer.json).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      refresh_token_expires_in: 604800,
      scope: 'ReadAccounts ReadPresence EditPresence SubscriptionWebhook',
      owner_id: customer.adminExtensionId,
      endpoint_id: expect.any(String),
      session_id: expect.any(String),
    });
    expect(answer.headers.get('x-rate-limit-group')).toBe('auth');
  });

  test('kills the old access token at once: corrupted first, unknown ten seconds later', async () => {
    const { token, refreshToken } = customer.client;
    await customer.client.refresh(refreshToken);
    expect(await codeFor(token)).toBe('401 OAU-129');
    await stack.clock.advance(10_000);
    expect(await codeFor(token)).toBe('401 OAU-213');
  });

  test('repeated with the same token answers the same pair, up to an hour while the new one is unused', async () => {
    const { refreshToken } = customer.client;
    const first = await customer.client.refresh(refreshToken);
    await stack.clock.advance(59 * 60_000);
    const second = await customer.client.refresh(refreshToken);
    expect(second.json).toMatchObject({
      access_token: first.json.access_token,
      refresh_token: first.json.refresh_token,
      expires_in: 60,
    });
    await stack.clock.advance(60_000);
    expect(codesOf(await customer.client.refresh(refreshToken))).toEqual(unknownToken);
  });

  test('can be repeated for ten seconds once the new access token was used', async () => {
    const { refreshToken } = customer.client;
    const { json } = await customer.client.refresh(refreshToken);
    expect(await codeFor(json.access_token)).toBe('fine');
    await stack.clock.advance(9_999);
    expect((await customer.client.refresh(refreshToken)).json.access_token).toBe(json.access_token);
    await stack.clock.advance(1);
    expect(codesOf(await customer.client.refresh(refreshToken))).toEqual(unknownToken);
    expect((await customer.client.refresh(json.refresh_token)).status).toBe(200);
  });

  test('two steps on, the first token is unknown', async () => {
    const { refreshToken } = customer.client;
    await customer.client.logIn();
    await customer.client.logIn();
    expect(codesOf(await customer.client.refresh(refreshToken))).toEqual(unknownToken);
  });

  test.each([
    [{ access_token_ttl: '600', refresh_token_ttl: '86400' }, 600, 86400],
    [{ access_token_ttl: '-1', refresh_token_ttl: '9999999' }, 600, 604800],
    [{ access_token_ttl: '7200', refresh_token_ttl: '-1' }, 3600, undefined],
  ])('takes lifetimes within bounds: %j', async (lifetimes, access, refresh) => {
    const { json } = await customer.client.refresh(undefined, lifetimes);
    expect([json.expires_in, json['refresh_token_expires_in']]).toEqual([access, refresh]);
    await stack.clock.advance(access * 1000);
    expect(await codeFor(json.access_token)).toBe('401 OAU-128');
  });

  test('fails after the refresh token expired, without a token, and for nobody', async () => {
    expect(codesOf(await customer.client.refresh('nonsense'))).toEqual(unknownToken);
    const without = await customer.client.oauth('token', { grant_type: 'refresh_token' });
    expect(codesOf(without)).toEqual([400, 'invalid_request', 'CMN-101']);
    const password = await customer.client.oauth('token', { grant_type: 'password' });
    expect(codesOf(password)).toEqual([400, 'unsupported_grant_type', 'OAU-112']);
    await stack.clock.advance(604_800_000);
    expect(codesOf(await customer.client.refresh())).toEqual([400, 'invalid_grant', 'OAU-210']);
  });

  test('with unknown tokens uses up nobody else’s budget', async () => {
    for (let count = 0; count < 6; count += 1) {
      expect(codesOf(await customer.client.refresh(`unknown ${count}`))).toEqual(unknownToken);
    }
  });

  test('needs the right client and the right content type', async () => {
    const wrong = await customer.client.oauth('token', { grant_type: 'refresh_token' }, 'wrong secret');
    expect(codesOf(wrong)).toEqual([401, 'invalid_client', 'OAU-146']);
    const json = await customer.client.post('/restapi/oauth/token', { grant_type: 'refresh_token' });
    expect(json.status).toBe(415);
  });

  test('is refused for a disabled extension', async () => {
    const { refreshToken } = stack.vendor.authorize(customer.first);
    stack.vendor.changeExtension(customer.first, { status: 'Disabled' });
    expect(codesOf(await customer.client.refresh(refreshToken))).toEqual(unknownToken);
    const again = stack.vendor.authorize(customer.first);
    expect(codesOf(await customer.client.refresh(again.refreshToken))).toEqual([
      400,
      'invalid_grant',
      'OAU-236',
    ]);
  });
});

test('the sixth session of a user ends the first', async () => {
  const { adminExtensionId, client } = customer;
  for (let count = 0; count < 4; count += 1) {
    await stack.clock.advance(1000);
    stack.vendor.authorize(adminExtensionId);
  }
  expect(await codeFor(client.token)).toBe('fine');
  await stack.clock.advance(1000);
  stack.vendor.authorize(adminExtensionId);
  expect(await codeFor(client.token)).toBe('401 OAU-213');
});

test('revoking one token ends the whole session; revoking an account all of its sessions', async () => {
  const { client, accountId, adminExtensionId } = customer;
  expect((await client.oauth('revoke', { token: client.token })).status).toBe(200);
  expect(await codeFor(client.token)).toBe('401 OAU-213');
  expect(codesOf(await client.refresh())).toEqual(unknownToken);
  expect((await client.oauth('revoke', { token: client.token })).status).toBe(400);
  const other = await aCustomer(stack);
  const { refreshToken } = stack.vendor.authorize(adminExtensionId);
  stack.vendor.revoke(accountId);
  expect(codesOf(await client.refresh(refreshToken))).toEqual(unknownToken);
  expect(await codeFor(other.client.token)).toBe('fine');
});

test.each([
  ['no token', {}, 'CMN-405'],
  ['another scheme', { Authorization: 'Basic eDp5' }, 'OAU-151'],
])('a request with %s is turned away', async (_, headers, errorCode) => {
  const response = await fetch(stack.vendor.url + account, { headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ errorCode });
});

describe('the code flow', () => {
  const redirectUri = 'https://hub.example/connected';
  const verifier = 'a-code-verifier-that-is-long-enough-for-the-rules';
  const challenge = createHash('sha256').update(verifier).digest('base64url');

  function request(more: Record<string, string> = {}): Record<string, string> {
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const client = { client_id: stack.vendor.app.clientId, redirect_uri: redirectUri };
    return { response_type: 'code', state: 'the state', ...client, ...pkce, ...more };
  }

  async function signIn(more: Record<string, string>): Promise<URL> {
    const response = await fetch(`${stack.vendor.url}/restapi/oauth/authorize`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: form(request(more)),
      redirect: 'manual',
    });
    return new URL(response.headers.get('location') ?? '');
  }

  const redeem = (code: string, fields: Record<string, string> = {}): Promise<Answer> =>
    customer.client.oauth('token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...fields,
    });

  test('shows a page to sign in, redirects with a code, and exchanges it once', async () => {
    const page = await fetch(`${stack.vendor.url}/restapi/oauth/authorize?${form(request())}`);
    expect(await page.text()).toContain(`value="${customer.adminExtensionId}"`);
    const target = await signIn({ extension_id: customer.adminExtensionId });
    expect(target.origin + target.pathname).toBe(redirectUri);
    expect(target.searchParams.get('state')).toBe('the state');
    expect(target.searchParams.get('expires_in')).toBe('60');
    const code = target.searchParams.get('code') ?? '';
    const { json } = await redeem(code);
    expect(json['owner_id']).toBe(customer.adminExtensionId);
    expect(await codeFor(json.access_token)).toBe('fine');
    expect(codesOf(await redeem(code))).toEqual([400, 'invalid_grant', 'OAU-106']);
  });

  test('tells the app when somebody refuses', async () => {
    expect((await signIn({})).searchParams.get('error')).toBe('access_denied');
  });

  test('refuses a wrong verifier, another address, and a code older than a minute', async () => {
    const codeOf = async (): Promise<string> =>
      (await signIn({ extension_id: customer.first })).searchParams.get('code') ?? '';
    expect(codesOf(await redeem(await codeOf(), { code_verifier: 'guessed' }))[2]).toBe('OAU-106');
    expect(codesOf(await redeem(await codeOf(), { redirect_uri: `${redirectUri}/` }))[2]).toBe('OAU-109');
    const late = await codeOf();
    await stack.clock.advance(60_000);
    expect(codesOf(await redeem(late))[2]).toBe('OAU-108');
  });

  test('refuses another client', async () => {
    const query = form(request({ client_id: 'somebody' }));
    const page = await fetch(`${stack.vendor.url}/restapi/oauth/authorize?${query}`);
    expect(page.status).toBe(400);
  });
});
