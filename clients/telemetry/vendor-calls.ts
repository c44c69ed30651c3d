/** Counts and times the calls of a client, by what they are for and how they end, without the client knowing. */
import { errorKind, type OperationGroup, type Outcome, type Vendor } from '../../domain/telemetry-words.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import type { GraphClient } from '../graph/graph-client.ts';
import type { MarketplaceClient } from '../marketplace/marketplace-client.ts';
import type { OnTokenRequest } from '../oauth.ts';
import type { RingCentralClient } from '../ring-central/ring-central-client.ts';
import type { Secrets } from '../secrets.ts';

interface Watch {
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/** What each call of a client is for. */
type Groups<Client> = Readonly<Record<keyof Client & string, OperationGroup>>;
type Call = (...parameters: readonly unknown[]) => Promise<unknown>;

export function watchGraph(client: GraphClient, watch: Watch): GraphClient {
  return watched('graph', client, watch, {
    createPresenceSubscription: 'subscription',
    renewSubscription: 'subscription',
    listSubscriptions: 'subscription',
    deleteSubscription: 'subscription',
    readPresences: 'presenceRead',
    writePresences: 'presenceWrite',
    readUserChanges: 'directoryRead',
    readUser: 'directoryRead',
  });
}

export function watchRingCentral(client: RingCentralClient, watch: Watch): RingCentralClient {
  return watched('ringCentral', client, watch, {
    createSubscription: 'subscription',
    getSubscription: 'subscription',
    listSubscriptions: 'subscription',
    renewSubscription: 'subscription',
    deleteSubscription: 'subscription',
    readAccountPresence: 'presenceRead',
    readPresence: 'presenceRead',
    writePresence: 'presenceWrite',
    listExtensions: 'directoryRead',
  });
}

export function watchSecrets(client: Secrets, watch: Watch): Secrets {
  return watched('keyVault', client, watch, {
    get: 'secretRead',
    set: 'secretWrite',
    remove: 'secretWrite',
    names: 'secretRead',
  });
}

export function watchMarketplace(client: MarketplaceClient, watch: Watch): MarketplaceClient {
  return watched('marketplace', client, watch, {
    resolve: 'fulfilment',
    activate: 'fulfilment',
    getSubscription: 'fulfilment',
    listSubscriptions: 'fulfilment',
    listPlans: 'fulfilment',
    getOperation: 'fulfilment',
    listOpenOperations: 'fulfilment',
    acknowledge: 'fulfilment',
  });
}

/** Counts how requests for tokens end. */
export function countTokenRequests(telemetry: Telemetry): OnTokenRequest {
  return (vendor, failure) => {
    const outcome = failure === undefined ? 'done' : errorKind(failure);
    telemetry.count('tokenRequests', { vendor, outcome });
  };
}

/** The same client, each of whose calls is counted. Every call must answer a promise. */
function watched<Client extends object>(
  vendor: Vendor,
  client: Client,
  { telemetry, clock }: Watch,
  groups: Groups<Client>,
): Client {
  const calls = Object.entries<OperationGroup>(groups).map(([name, operation]) => {
    const call = (client as Record<string, unknown>)[name] as Call;
    const counted: Call = async (...parameters) => {
      const began = clock().getTime();
      const end = (outcome: Outcome): void => {
        telemetry.count('vendorCalls', { vendor, operation, outcome });
        telemetry.measure('vendorCallMs', { vendor, operation }, Math.max(0, clock().getTime() - began));
      };
      try {
        const answer = await call(...parameters);
        end('done');
        return answer;
      } catch (error) {
        end(errorKind(error));
        throw error;
      }
    };
    return [name, counted] as const;
  });
  return Object.fromEntries(calls) as unknown as Client;
}
