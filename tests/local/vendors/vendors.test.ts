import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Client, HTTPMessageHandler } from '@microsoft/microsoft-graph-client';
import { aCustomer, aSubscriber, minute, presenceFilter, theVendors } from './vendor-fixtures.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vendors-'));
  cleanUps.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function openVendors(options: Parameters<typeof theVendors>[0] = {}) {
  const world = await theVendors(options);
  cleanUps.push(() => world.vendors.close());
  return world;
}

describe('customers', () => {
  test('have the same people on both sides, and a service user for each 650 begun', async () => {
    const { vendors } = await openVendors();
    const one = vendors.createCustomer({ users: 651 });
    const other = vendors.createCustomer({ users: 1 });
    expect(one.serviceUsers).toHaveLength(2);
    expect(other.serviceUsers).toHaveLength(1);
    const users = [...one.users, ...other.users];
    expect(new Set(users.map(({ userId }) => userId)).size).toBe(652);
    expect(new Set(users.map(({ extensionId }) => extensionId)).size).toBe(652);
    expect(new Set(users.map(({ mail }) => mail)).size).toBe(652);
    expect(one.microsoftTenantId).not.toBe(other.microsoftTenantId);
    const [{ extensionId } = { extensionId: '' }] = other.users;
    expect(vendors.ringCentral.showPresence(extensionId)).toMatchObject({ presenceStatus: 'Available' });
  });

  test('are read page by page with the official Graph SDK', async () => {
    const world = await openVendors();
    const customer = await aCustomer(world, 250);
    const client = Client.initWithMiddleware({
      baseUrl: `${world.vendors.urls.graph}/`,
      middleware: new HTTPMessageHandler(),
    });
    const authorization = `Bearer ${await customer.tokenOf(customer.serviceUsers[0]?.refreshToken ?? '')}`;
    const page = (await client.api('/users').top(200).header('authorization', authorization).get()) as {
      value: object[];
      '@odata.nextLink': string;
    };
    expect(page.value).toHaveLength(200);
    expect(page['@odata.nextLink']).toContain(`${world.vendors.urls.graph}/v1.0/users?`);
  });
});

describe('a killed process', () => {
  // Closing would write nothing, so leaving the first one open is as good as killing it.
  test('goes on with nothing changed but the addresses', async () => {
    const dataDir = aDirectory();
    const before = await openVendors({ dataDir });
    const customer = await aCustomer(before);
    const subscriber = await aSubscriber();
    cleanUps.push(subscriber.close);
    const made = await customer.asUser('POST /subscriptions', {
      changeType: 'updated',
      resource: presenceFilter(customer.ids),
      notificationUrl: `${subscriber.url}/changes`,
      lifecycleNotificationUrl: `${subscriber.url}/lifecycle`,
      expirationDateTime: new Date(before.clock.now() + 59 * minute).toISOString(),
    });
    await customer.asApp(`POST /users/${customer.userId}/presence/setPresence`, {
      sessionId: customer.clientId,
      availability: 'Busy',
      activity: 'InACall',
      expirationDuration: 'PT10M',
    });
    await before.work.whenIdle();
    const requests = before.vendors.journal.list().length;

    const start = new Date(before.clock.now() + 9 * minute);
    const after = await openVendors({ dataDir, start });
    expect(after.vendors.apps).toEqual(before.vendors.apps);
    expect(after.vendors.managedIdentity.header).toBe(before.vendors.managedIdentity.header);
    expect(after.vendors.journal.list()).toHaveLength(requests);
    expect(after.vendors.teams.subscriptions()).toMatchObject([{ id: made.body['id'] }]);
    expect(after.vendors.teams.showPresence(customer.userId)).toMatchObject({ activity: 'InACall' });
    await after.clock.advance(minute);
    expect(after.vendors.teams.showPresence(customer.userId)).toMatchObject({ activity: 'Available' });
    expect(subscriber.received).toHaveLength(2);
    await after.clock.advance(60 * minute);
    expect(after.vendors.teams.subscriptions()).toEqual([]);
  });

  test('finds the key vault in its own directory, and nothing there of what was purged', async () => {
    const [dataDir, keyVaultDir] = [aDirectory(), aDirectory()];
    const { vendors } = await openVendors({ dataDir, keyVaultDir });
    const { endpoint, header } = vendors.managedIdentity;
    const tokenUrl = `${endpoint}?api-version=2019-08-01&resource=https://vault.azure.net`;
    const issued = await fetch(tokenUrl, { headers: { 'x-identity-header': header } });
    const { access_token: token } = (await issued.json()) as { access_token: string };
    const ask = (method: string, path: string, body?: object) =>
      fetch(`${vendors.urls.keyVault}/${path}?api-version=7.6`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const isOnDisk = () =>
      readdirSync(keyVaultDir).some((file) => readFileSync(join(keyVaultDir, file)).includes('tell-nobody'));
    await ask('PUT', 'secrets/pin', { value: 'tell-nobody' });
    expect(isOnDisk()).toBe(true);
    await ask('DELETE', 'secrets/pin');
    expect((await ask('DELETE', 'deletedsecrets/pin')).status).toBe(204);
    expect(isOnDisk()).toBe(false);
  });
});
