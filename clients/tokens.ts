/**
 * Access tokens for both vendors. They live in memory and in Key Vault only; each connection is refreshed by one caller at
 * a time, in this process and among all workers, and what another worker refreshed is picked up from the vault.
 */
import { setTimeout as realPause } from 'node:timers/promises';
import { graphConnection, ringCentralConnection, type ConnectionLeases } from '../domain/connection-lease.ts';
import { graphGrantName, ringCentralGrantName } from '../domain/secret-names.ts';
import { makeConnectionLock } from './connection-lock.ts';
import { makeGrantKeeper, type Connection, type Refresh } from './grant-keeper.ts';
import { makeGrants } from './grants.ts';
import {
  clientCredentialsGrant,
  refreshGrant,
  revokeToken,
  type OnTokenRequest,
  type TokenEndpoint,
} from './oauth.ts';
import type { Secrets } from './secrets.ts';
import { makeTokenMemory } from './token-memory.ts';

/** A customer as Graph calls need it: our own id and the Entra tenant's. */
export interface GraphTenant {
  readonly tenantId: string;
  readonly microsoftTenantId: string;
}

/**
 * All getters fail with `consentRevoked` when the customer has to connect (again), else with `throttled` or `unavailable`:
 * trouble with the vault or with our own secret is to be waited out, and says nothing about the wish a token was for.
 */
export interface Tokens {
  /** A token of the shard's service user (delegated permissions) that lasts until then, where Entra gives one so long. */
  graphDelegated(tenant: GraphTenant, shard: number, until?: Date): Promise<string>;
  /** A token in our own name (application permissions) for one Entra tenant. */
  graphApplication(microsoftTenantId: string): Promise<string>;
  ringCentral(tenantId: string): Promise<string>;
  /** Says that an API refused this token (401): it is never handed out again. */
  invalidate(accessToken: string): void;
  /** Keeps what a service user granted at the end of the consent flow, in place of an earlier grant. */
  storeGraphGrant(tenantId: string, shard: number, refreshToken: string): Promise<void>;
  storeRingCentralGrant(tenantId: string, refreshToken: string): Promise<void>;
  /**
   * Removes the grant from the vault for good, and from this worker's memory; fails as `Secrets.remove` does. Another worker
   * may hold an access token to its end, but no grant any more; a tenant that is gone has nothing done for it anyway.
   */
  removeGraphGrant(tenantId: string, shard: number): Promise<void>;
  removeRingCentralGrant(tenantId: string): Promise<void>;
  /** As `removeRingCentralGrant`, and ends the grant at RingCentral before; fails where RingCentral cannot be reached. */
  revokeRingCentralGrant(tenantId: string): Promise<void>;
}

export interface TokensOptions {
  readonly secrets: Secrets;
  readonly leases: ConnectionLeases;
  /** `authorityUrl` is the sign-in service's origin, for example https://login.microsoftonline.com. */
  readonly microsoft: {
    readonly authorityUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly ringCentral: {
    readonly serverUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly clock: () => Date;
  readonly timeoutMs?: number | undefined;
  readonly onTokenRequest?: OnTokenRequest | undefined;
  /** How the end of another worker's refresh is waited for. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
}

/** Tokens of all customers, for one process. */
export function makeTokens(options: TokensOptions): Tokens {
  const { secrets, leases, clock, pause = realPause } = options;
  const memory = makeTokenMemory(clock);
  const keeper = makeGrantKeeper(makeGrants(secrets, clock), makeConnectionLock({ leases, clock, pause }));
  const ringCentral = ringCentralEndpoint(options);
  const fromGrant = (connection: Connection, refresh: Refresh, until?: Date) =>
    memory.get(connection.secretName, (usable) => keeper.obtain(connection, refresh, usable), until);
  const store = (connection: Connection, refreshToken: string) =>
    memory.replace(connection.secretName, () => keeper.replace(connection, refreshToken));
  const remove = (connection: Connection, giveBack?: (refreshToken: string) => Promise<void>) =>
    memory.replace(connection.secretName, () => keeper.remove(connection, giveBack));
  const revocation = ringCentralEndpoint(options, 'revoke');
  return {
    graphDelegated: ({ tenantId, microsoftTenantId }, shard, until) => {
      const endpoint = entraEndpoint(options, microsoftTenantId);
      const refresh: Refresh = (refreshToken) =>
        refreshGrant(endpoint, refreshToken, { scope: delegatedScope });
      return fromGrant(toGraph(tenantId, shard), refresh, until);
    },
    graphApplication: (microsoftTenantId) =>
      memory.get(`application ${microsoftTenantId}`, () =>
        clientCredentialsGrant(entraEndpoint(options, microsoftTenantId), { scope: applicationScope }),
      ),
    ringCentral: (tenantId) =>
      fromGrant(toRingCentral(tenantId), (refreshToken) => refreshGrant(ringCentral, refreshToken, {})),
    invalidate: (accessToken) => memory.invalidate(accessToken),
    storeGraphGrant: (tenantId, shard, refreshToken) => store(toGraph(tenantId, shard), refreshToken),
    storeRingCentralGrant: (tenantId, refreshToken) => store(toRingCentral(tenantId), refreshToken),
    removeGraphGrant: (tenantId, shard) => remove(toGraph(tenantId, shard)),
    removeRingCentralGrant: (tenantId) => remove(toRingCentral(tenantId)),
    revokeRingCentralGrant: (tenantId) =>
      remove(toRingCentral(tenantId), (refreshToken) => revokeToken(revocation, refreshToken)),
  };
}

const delegatedScope = 'offline_access https://graph.microsoft.com/Presence.Read.All';
const applicationScope = 'https://graph.microsoft.com/.default';

const toGraph = (tenantId: string, shard: number): Connection => ({
  tenantId,
  connection: graphConnection(shard),
  secretName: graphGrantName(tenantId, shard),
});

const toRingCentral = (tenantId: string): Connection => ({
  tenantId,
  connection: ringCentralConnection,
  secretName: ringCentralGrantName(tenantId),
});

function entraEndpoint(options: TokensOptions, microsoftTenantId: string): TokenEndpoint {
  const { authorityUrl, clientId, clientSecret } = options.microsoft;
  const url = `${withoutSlash(authorityUrl)}/${encodeURIComponent(microsoftTenantId)}/oauth2/v2.0/token`;
  const { clock, timeoutMs, onTokenRequest: onRequest } = options;
  return { vendor: 'entra', url, clientId, clientSecret, clock, timeoutMs, onRequest };
}

function ringCentralEndpoint(options: TokensOptions, path: 'token' | 'revoke' = 'token'): TokenEndpoint {
  const { serverUrl, clientId, clientSecret } = options.ringCentral;
  const url = `${withoutSlash(serverUrl)}/restapi/oauth/${path}`;
  const { clock, timeoutMs, onTokenRequest: onRequest } = options;
  return { vendor: 'ringCentral', url, clientId, clientSecret, clock, timeoutMs, onRequest };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
