/** Makes customers: people at both vendors, and in the app what buying and consenting would leave behind. */
import { randomUUID } from 'node:crypto';
import { ManagedIdentityCredential } from '@azure/identity';
import { z } from 'zod';
import { makeSecrets } from '../../clients/secrets.ts';
import { makeTokens } from '../../clients/tokens.ts';
import { onboardingId } from '../../contracts/identities.ts';
import { onboardTenantName } from '../../contracts/onboard-tenant.ts';
import { graphReadLimit } from '../../contracts/resync-presence.ts';
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
  { users, onboard, newCallHandling }: CustomerRequest,
): Promise<Customer> {
  const created = around.vendors.createCustomer({ users, newCallHandling });
  const subscriptionId = randomUUID();
  if (onboard) {
    await seed(around, subscriptionId, created);
    await startOnboarding(around.host, subscriptionId);
    await around.work.whenIdle();
    await assertOnboarded(around.host, subscriptionId);
  }
  const { microsoftTenantId, ringCentralAccountId } = created;
  const people = created.users.map(({ userId, extensionId, displayName, mail }) => ({
    userId,
    extensionId,
    displayName,
    mail,
  }));
  return { subscriptionId, microsoftTenantId, ringCentralAccountId, users: people };
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
    await seedDirectory(store, tenantId, created, at);
    const mappings = created.users.map(({ userId, extensionId }, index) => ({
      userId,
      extensionId,
      shard: Math.floor(index / graphReadLimit),
    }));
    await store.mappings.add(tenantId, mappings, at);
    const seats = created.users.length;
    await store.licences.save(tenantId, { planId: 'standard', quantity: seats, assigned: seats }, at);
    const paid = { event: 'paid' as const, plan: { planId: 'standard', quantity: seats }, at };
    const purchase = { eventId: 'purchase', termUnit: 'P1M', purchaser: { mail: null, objectId: null } };
    await store.subscriptions.change(tenantId, paid, purchase);
    await store.subscriptions.markBegun(tenantId, 1);
    await storeGrants(vendors, store, { tenantId, grants: created });
  } finally {
    await store.close();
  }
}

/** What reading both directories would have found. */
async function seedDirectory(store: Store, tenantId: string, created: NewCustomer, at: Date): Promise<void> {
  await store.users.upsert(tenantId, created.users, at);
  const extensions = created.users.map(({ extensionId, extensionNumber, displayName }) => ({
    extensionId,
    extensionNumber,
    name: displayName,
  }));
  await store.extensions.upsert(tenantId, extensions, at);
  const serviceUsers = created.serviceUsers.map(({ userId }, shard) => ({ shard, userId, connectedAt: at }));
  await store.serviceUsers.save(tenantId, serviceUsers);
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
  const response = await durable(host, 'POST', path, { tenantId });
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
