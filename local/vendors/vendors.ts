/** All simulated vendors together, and what an operator of the local stack may make happen at them. */
import type { Clock } from '../clock/clock.ts';
import type { Work } from '../clock/work.ts';
import { startEntra } from './entra/entra.ts';
import {
  consentAgain,
  createCustomer,
  serviceUsersOf,
  type CustomerGrants,
  type CustomerRecord,
  type CustomerWish,
  type NewCustomer,
  type Vendored,
} from './customers.ts';
import type { Directory } from './entra/directory.ts';
import type { Faults } from './faults.ts';
import { startGraph, type Graph } from './graph/graph.ts';
import type { LifecycleEvent } from './graph/notifier.ts';
import type { Journal } from './journal.ts';
import { startKeyVault } from './key-vault/key-vault.ts';
import { startLogs, type ReceivedItem } from './logs/logs.ts';
import { startMarketplace, type Marketplace } from './marketplace/marketplace.ts';
import { startRingCentral, type RingCentralSimulator } from './ring-central/ring-central.ts';
import { openSimulation } from './simulation.ts';
import { VendorData } from './vendor-data.ts';

export interface VendorsOptions {
  /** Keeps what belongs to the vendors; without it in memory. */
  readonly dataDir?: string | undefined;
  /** Keeps the key vault, which in Azure would be its owner's; without it in memory. */
  readonly keyVaultDir?: string | undefined;
  /** Keeps what was sent to Azure Monitor, likewise its owner's; without it in memory. */
  readonly logsDir?: string | undefined;
  readonly clock: Clock;
  readonly work: Work;
}

/** A client id and secret, the same as long as the data directory. */
interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Unknown ids throw. */
export interface Vendors {
  /** Without a slash at the end. */
  readonly urls: {
    readonly graph: string;
    readonly ringCentral: string;
    readonly entra: string;
    readonly keyVault: string;
    readonly logs: string;
    /** With `/api`, as the real one's. */
    readonly marketplace: string;
  };
  /** As Azure gives it to whoever sends telemetry. */
  readonly telemetryConnectionString: string;
  /** IDENTITY_ENDPOINT and IDENTITY_HEADER, as App Service gives them to an app. */
  readonly managedIdentity: { readonly endpoint: string; readonly header: string };
  readonly apps: {
    readonly microsoft: AppCredentials;
    readonly ringCentral: AppCredentials;
    readonly marketplace: AppCredentials;
  };
  /** The tenant of the publisher, in which its app for the marketplace is registered. */
  readonly publisherTenantId: string;
  readonly teams: Pick<Graph, 'setPersonPresence' | 'showPresence' | 'subscriptions'>;
  readonly ringCentral: RingCentralSimulator;
  /** What Azure Monitor has taken in so far, the oldest first. */
  telemetry(): ReceivedItem[];
  readonly marketplace: Marketplace;
  readonly journal: Journal;
  readonly faults: Faults;
  /** A Microsoft tenant and a RingCentral account with the same people, both open to the apps. */
  createCustomer(asked: CustomerWish): NewCustomer;
  /** What administrators of Microsoft tenants do with their users. */
  readonly directory: Pick<Directory, 'tenant' | 'user' | 'addUser' | 'update' | 'remove'>;
  /** The links to changes of a Microsoft tenant's users are good no more. */
  expireDeltaLinks(microsoftTenantId: string): void;
  /** The customer consents again, on both sides, after either was revoked. */
  consentAgain(microsoftTenantId: string): CustomerGrants;
  /**
   * At Microsoft the administrator removes the app with its consent, or only ends the sessions of the users who
   * granted it access; at RingCentral every session of the account ends.
   */
  revoke(
    what:
      | { readonly microsoftTenantId: string; readonly how?: 'consent' | 'sessions' | undefined }
      | { readonly ringCentralAccountId: string },
  ): void;
  /** Graph sends a lifecycle notification for one subscription, or for all of a Microsoft tenant. */
  lifecycle(subscriptionOrTenantId: string, event: LifecycleEvent): void;
  /** All subscriptions of a Microsoft tenant go on, and tell of no change any more. */
  silence(microsoftTenantId: string): void;
  /** A subscription at Graph or RingCentral dies without a word. */
  removeSubscription(subscriptionId: string): void;
  /** Entra signs with a new key from now on. */
  rotateKeys(earlier: 'keep' | 'withdraw'): Promise<void>;
  close(): Promise<void>;
}

const permissions = {
  displayName: 'Presence app',
  roles: ['Presence.ReadWrite.All', 'User.Read.All'],
  scopes: ['Presence.Read.All', 'User.Read.All'],
};

/** It needs no permission: that it belongs to the offer's publisher is enough. */
const fulfilmentApp = { displayName: 'Marketplace fulfilment app', roles: [], scopes: [] };

/** Starts them all on free ports; on the same directories they go on where a killed process left them. */
export async function startVendors(options: VendorsOptions): Promise<Vendors> {
  const { dataDir: directory, clock, work } = options;
  const simulation = openSimulation(clock, work, directory);
  const entra = await startEntra(simulation, { directory });
  const application = entra.grants.register(permissions);
  const graph = await startGraph(simulation, { directory, entra });
  const ringCentral = await startRingCentral(simulation, { directory });
  const keyVault = await startKeyVault(simulation, {
    directory: options.keyVaultDir,
    tokens: entra.tokens,
    tenantId: entra.homeTenantId,
    allowedOid: entra.identity.oid,
    retentionDays: 7,
  });
  const logs = await startLogs(simulation, { directory: options.logsDir });
  const publisherApp = entra.grants.register(fulfilmentApp);
  entra.grants.consent(entra.homeTenantId, publisherApp);
  const marketplace = await startMarketplace(simulation, {
    directory,
    entra,
    clientId: publisherApp.clientId,
  });
  const customerData = new VendorData('customers', directory);
  const customers = customerData.collection<CustomerRecord>('customers');
  const running = { entra, application, graph, ringCentral, customers };
  return {
    urls: {
      graph: graph.url,
      ringCentral: ringCentral.url,
      entra: entra.url,
      keyVault: keyVault.url,
      logs: logs.url,
      marketplace: marketplace.url,
    },
    telemetryConnectionString: logs.connectionString,
    telemetry: () => logs.received(),
    managedIdentity: { endpoint: `${entra.url}/msi/token`, header: entra.identity.header },
    apps: {
      microsoft: credentials(application),
      ringCentral: credentials(ringCentral.app),
      marketplace: credentials(publisherApp),
    },
    publisherTenantId: entra.homeTenantId,
    teams: graph,
    ringCentral,
    marketplace,
    journal: simulation.journal,
    faults: simulation.faults,
    createCustomer: (asked) => createCustomer(running, asked),
    directory: entra.directory,
    expireDeltaLinks: (microsoftTenantId) => graph.expireDeltaLinks(microsoftTenantId),
    ...incidents(running),
    close: async () => {
      simulation.deliveries.close();
      await Promise.all([graph, ringCentral, keyVault, marketplace, logs, entra].map((each) => each.close()));
      customerData.close();
      simulation.close();
    },
  };
}

function incidents(
  running: Vendored & { graph: Graph },
): Pick<Vendors, 'consentAgain' | 'revoke' | 'lifecycle' | 'silence' | 'removeSubscription' | 'rotateKeys'> {
  const { entra, application, graph, ringCentral } = running;
  return {
    consentAgain: (microsoftTenantId) => consentAgain(running, microsoftTenantId),
    revoke: (what) => {
      if ('ringCentralAccountId' in what) return ringCentral.revoke(what.ringCentralAccountId);
      const { microsoftTenantId, how = 'consent' } = what;
      if (entra.directory.tenant(microsoftTenantId) === undefined) {
        throw new Error(`Entra ID knows no tenant ${microsoftTenantId}.`);
      }
      if (how === 'consent') entra.grants.withdrawConsent(microsoftTenantId, application.clientId);
      else for (const { userId } of serviceUsersOf(entra, microsoftTenantId)) entra.grants.revokeUser(userId);
      return graph.unauthorize(microsoftTenantId);
    },
    lifecycle: (id, event) => {
      const concerned = graph.subscriptions((each) => each.id === id || each.tenantId === id);
      if (concerned.length === 0) throw new Error(`Microsoft Graph has no subscription for ${id}.`);
      for (const subscription of concerned) graph.lifecycle(subscription.id, event);
    },
    silence: (microsoftTenantId) => {
      for (const { id } of graph.subscriptions((each) => each.tenantId === microsoftTenantId))
        graph.silence(id);
    },
    removeSubscription: (id) => {
      if (graph.subscriptions((each) => each.id === id).length > 0) graph.removeSubscription(id);
      else ringCentral.removeSubscription(id);
    },
    rotateKeys: (earlier) => entra.signer.rotate(earlier),
  };
}

function credentials({ clientId, clientSecret }: AppCredentials): AppCredentials {
  return { clientId, clientSecret };
}
