/** RingCentral as its own SDK sees it, through faults, and after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SDK } from '@ringcentral/sdk';
import {
  accountFilter,
  aCustomer,
  aStack,
  Client,
  hook,
  people,
  Receiver,
  type Stack,
} from './ring-central-driver.ts';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** On today's date, which the SDK reads for its tokens. */
async function aStackOfToday(): Promise<Stack> {
  const stack = await aStack({}, new Date());
  closers.push(() => stack.close());
  return stack;
}

async function anSdk({ vendor }: Stack, refreshToken: string): Promise<SDK> {
  const sdk = new SDK({ server: vendor.url, ...vendor.app, cachePrefix: `${refreshToken.slice(0, 8)}-` });
  const tokens = {
    token_type: 'bearer',
    expires_in: '-1',
    refresh_token: refreshToken,
    refresh_token_expires_in: '3600',
  };
  await sdk
    .platform()
    .auth()
    .setData({ ...tokens, access_token: '', scope: '' });
  return sdk;
}

describe('the official SDK', () => {
  test('refreshes by itself, reads and writes presence, and logs out', async () => {
    const stack = await aStackOfToday();
    const { extensions, refreshToken } = stack.vendor.createAccount({ people });
    const platform = (await anSdk(stack, refreshToken)).platform();
    const path = `/restapi/v1.0/account/~/extension/${extensions[0]?.extensionId}/presence`;
    const written = await platform.put(path, { userStatus: 'Busy' });
    expect(await written.json()).toMatchObject({ userStatus: 'Busy' });
    const page = await platform.get('/restapi/v1.0/account/~/extension', {
      type: ['User', 'FaxUser'],
      perPage: 2,
    });
    expect(await page.json()).toMatchObject({ paging: { totalElements: 4 } });
    await platform.logout();
    const codes = stack.simulation.journal
      .list()
      .map((entry) => `${entry.method} ${entry.path} ${entry.status}`);
    expect(codes.at(0)).toBe('POST /restapi/oauth/token 200');
    expect(codes.at(-1)).toBe('POST /restapi/oauth/revoke 200');
    expect(JSON.stringify(stack.simulation.journal.list())).not.toContain(refreshToken);
  });

  test('splits what was read for several extensions at once', async () => {
    const stack = await aStackOfToday();
    const { extensions, refreshToken } = stack.vendor.createAccount({ people });
    const sdk = await anSdk(stack, refreshToken);
    const ids = extensions.map(({ extensionId }) => extensionId).join(',');
    const answer = await sdk.platform().get(`/restapi/v1.0/account/~/extension/${ids}/presence`);
    const parts = await sdk.client().multipart(answer);
    const bodies = (await Promise.all(parts.map((part) => part.json()))) as { extension: { id: number } }[];
    expect(bodies.map(({ extension }) => String(extension.id)).join(',')).toBe(ids);
  });

  test('shows the error that the platform sends', async () => {
    const stack = await aStackOfToday();
    const { refreshToken } = stack.vendor.createAccount({ people });
    const platform = (await anSdk(stack, refreshToken)).platform();
    await expect(
      platform.put('/restapi/v1.0/account/~/extension/~/presence', { userStatus: 'Away' }),
    ).rejects.toThrow('Parameter [userStatus] value is invalid.');
  });
});

test('a restart forgets nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ring-central-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  const receiver = await new Receiver().open();
  closers.push(() => receiver.close());
  const before = await aStack({ directory });
  const customer = await aCustomer(before);
  const reminder = '/restapi/v1.0/subscription/~?threshold=300&interval=300';
  await customer.client.post('/restapi/v1.0/subscription', {
    ...hook(receiver.url, [accountFilter, reminder]),
    expiresIn: 600,
  });
  before.vendor.setPersonPresence(customer.first, { userStatus: 'Busy' });
  await before.close();

  const after = await aStack({ directory });
  closers.push(() => after.close());
  expect(after.vendor.app).toEqual(before.vendor.app);
  expect(after.vendor.showPresence(customer.first)).toMatchObject({ userStatus: 'Busy' });
  const client = new Client(after.vendor, customer.client.refreshToken);
  await client.logIn();
  after.vendor.setPersonPresence(customer.first, { userStatus: 'Available' });
  await after.idle();
  await after.clock.advance(300_000);
  expect(receiver.events.map(({ body }) => body.body.sequence ?? body.event)).toEqual([1, 2, reminder]);
  const { accountId } = after.vendor.createAccount({ people });
  expect(Number(accountId)).toBeGreaterThan(Number(customer.first));
});

test('faults are answered in the words of the platform, and a lost answer to a refresh can be repaired', async () => {
  const stack = await aStack();
  closers.push(() => stack.close());
  const { client } = await aCustomer(stack);
  const fault = { vendor: 'ringCentral', count: 1 } as const;
  stack.simulation.faults.add({ ...fault, kind: 'throttle', retryAfterSeconds: 30 });
  const throttled = await client.get('/restapi/v1.0/account/~');
  expect(throttled).toMatchObject({ status: 429, json: { errorCode: 'CMN-301' } });
  expect(throttled.headers.get('retry-after')).toBe('30');
  stack.simulation.faults.add({ ...fault, kind: 'status', status: 503 });
  expect((await client.get('/restapi/v1.0/account/~')).json.errorCode).toBe('CMN-201');
  stack.simulation.faults.add({ ...fault, kind: 'dropResponse' });
  await expect(client.refresh()).rejects.toThrow();
  expect((await client.refresh()).status).toBe(200);
});

test('the secret can travel under the other header that the guide names', async () => {
  const stack = await aStack({ verificationHeader: 'Validation-Token' });
  closers.push(() => stack.close());
  const receiver = await new Receiver().open();
  closers.push(() => receiver.close());
  const { client, first } = await aCustomer(stack);
  await client.post('/restapi/v1.0/subscription', hook(receiver.url));
  stack.vendor.setPersonPresence(first, { userStatus: 'Busy' });
  await stack.idle();
  expect(receiver.events[0]?.headers['validation-token']).toBe('a shared secret');
});
