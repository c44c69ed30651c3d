/** Makes customers: people at both vendors, and in the app what buying and consenting would leave behind; the app finds out by itself who they are. */
import { randomUUID } from 'node:crypto';
import { ManagedIdentityCredential } from '@azure/identity';
import { z } from 'zod';
import { makeSecrets } from '../../clients/secrets.ts';
import { makeTokens } from '../../clients/tokens.ts';
import { onboardingId } from '../../contracts/identities.ts';
import { onboardTenantName } from '../../contracts/onboard-tenant.ts';
import { openStore, type Store } from '../../store/store.ts';
import type { Work } from '../clock/work.ts';
import type { Host } from '../host/host.ts';
import type { CustomerGrants, NewCustomer } from '../vendors/customers.ts';
import type { Vendors } from '../vendors/vendors.ts';
import { databaseFile } from './app-settings.ts';

export const customerRequestSchema = z.strictObject({
  users: z.int().min(1).max(5000).default(3),
  /** Without it the people exist at both vendors, but Presence Hub does not know them. */
  onboard: z.boolean().default(true),
  /** A RingCentral account that has the new call handling. */
  newCallHandling: z.boolean().default(false),
  /** Accounts that read presence, for 650 people each; as many as that takes, unless said. */
  serviceUsers: z.int().min(1).max(10).optional(),
});
export type CustomerRequest = z.infer<typeof customerRequestSchema>;

export interface Customer extends Pick<NewCustomer, 'microsoftTenantId' | 'ringCentralAccountId'> {
  subscriptionId: string;
  users: Pick<NewCustomer['users'][number], 'userId' | 'extensionId' | 'displayName' | 'mail'>[];
}

interface Surroundings {
  vendors: Vendors;
  host: Host;
  work: Work;
  appDataDir: string;
}

/** Makes a customer and, unless asked not to, onboards it; resolves when its vendor subscriptions stand. */
export async function createCustomer(
  around: Surroundings,
  { users, onboard, newCallHandling, serviceUsers }: CustomerRequest,
): Promise<Customer> {
  const created = around.vendors.createCustomer({ users, newCallHandling, serviceUsers });
  const { microsoftTenantId, ringCentralAccountId } = created;
  let subscriptionId: string = randomUUID();
  if (onboard) {
    subscriptionId = await buy(around, { microsoftTenantId, seats: users });
    await seed(around, subscriptionId, created);
    await startOnboarding(around.host, subscriptionId);
    await around.work.whenIdle();
    await assertOnboarded(around.host, subscriptionId);
  }
  const people = created.users.map(({ userId, extensionId, displayName, mail }) => ({
    userId,
    extensionId,
    displayName,
    mail,
  }));
  return { subscriptionId, microsoftTenantId, ringCentralAccountId, users: people };
}

/** The customer buys at the marketplace, and comes to the landing page; resolves once the app knows of it. */
async function buy(
  { vendors, host, work }: Surroundings,
  { microsoftTenantId, seats }: { microsoftTenantId: string; seats: number },
): Promise<string> {
  const bought = { microsoftTenantId, quantity: seats, subscribed: true };
  const { subscriptionId, purchaseToken } = vendors.marketplace.purchase(bought);
  const response = await fetch(`http://127.0.0.1:${host.port}/api/marketplace/purchases/activate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: purchaseToken }),
  });
  if (!response.ok)
    throw new Error(`The purchase was refused: HTTP ${response.status} ${await response.text()}`);
  await work.whenIdle();
  return subscriptionId;
}

/** The customer grants the app access anew on both sides, and the app takes it up. */
export async function reconnectCustomer(around: Surroundings, subscriptionId: string): Promise<void> {
  const store = await openStore({ file: databaseFile(around.appDataDir) });
  try {
    const tenant = await store.tenants.find(subscriptionId);
    if (tenant === undefined) throw new Error('There is no such customer.');
    const grants = around.vendors.consentAgain(tenant.microsoftTenantId);
    await storeGrants(around.vendors, store, { tenantId: subscriptionId, grants });
  } finally {
    await store.close();
  }
  await startOnboarding(around.host, subscriptionId);
}

async function seed(
  { vendors, appDataDir }: Surroundings,
  tenantId: string,
  created: NewCustomer,
): Promise<void> {
  const store = await openStore({ file: databaseFile(appDataDir) });
  try {
    const { microsoftTenantId, ringCentralAccountId } = created;
    const at = new Date();
    await store.tenants.add({ tenantId, microsoftTenantId, ringCentralAccountId }, at);
    const serviceUsers = created.serviceUsers.map(({ userId }, shard) => ({
      shard,
      userId,
      connectedAt: at,
    }));
    await store.serviceUsers.save(tenantId, serviceUsers);
    await storeGrants(vendors, store, { tenantId, grants: created });
  } finally {
    await store.close();
  }
}

async function storeGrants(
  vendors: Vendors,
  { leases }: Store,
  { tenantId, grants }: { tenantId: string; grants: CustomerGrants },
): Promise<void> {
  const tokens = makeTokens({
    leases,
    secrets: makeSecrets({ vaultUrl: vendors.urls.keyVault, credential: new ManagedIdentityCredential() }),
    microsoft: { authorityUrl: vendors.urls.entra, ...vendors.apps.microsoft },
    ringCentral: { serverUrl: vendors.urls.ringCentral, ...vendors.apps.ringCentral },
    clock: () => new Date(),
  });
  for (const [shard, { refreshToken }] of grants.serviceUsers.entries()) {
    await tokens.storeGraphGrant(tenantId, shard, refreshToken);
  }
  await tokens.storeRingCentralGrant(tenantId, grants.ringCentral.refreshToken);
}

async function startOnboarding(host: Host, tenantId: string): Promise<void> {
  const path = `orchestrators/${onboardTenantName}/${onboardingId(tenantId)}`;
  const response = await durable(host, 'POST', path, { tenantId, directory: true });
  if (!response.ok) throw new Error(`Onboarding could not be started: HTTP ${response.status}`);
}

const statusSchema = z.object({ runtimeStatus: z.string(), output: z.unknown() });

async function assertOnboarded(host: Host, tenantId: string): Promise<void> {
  const response = await durable(host, 'GET', `instances/${onboardingId(tenantId)}`);
  const { runtimeStatus, output } = statusSchema.parse(await response.json());
  if (runtimeStatus !== 'Completed') {
    throw new Error(`Onboarding is ${runtimeStatus}: ${JSON.stringify(output)}`);
  }
}

function durable(host: Host, method: string, path: string, body?: unknown): Promise<Response> {
  const url = `http://127.0.0.1:${host.port}/runtime/webhooks/durabletask/${path}?code=${host.keys.durableTask}`;
  return fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
