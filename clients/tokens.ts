/**
 * Access tokens for both vendors. They live in memory and in Key Vault only; each connection is refreshed by one caller at
 * a time in this process, and what another worker refreshed is picked up from the vault.
 */
import { z } from 'zod';
import { graphGrantName, ringCentralGrantName } from '../domain/secret-names.ts';
import { VendorError } from '../domain/vendor-error.ts';
import { parseJson } from './http-answer.ts';
import {
  clientCredentialsGrant,
  refreshGrant,
  type IssuedTokens,
  type OnTokenRequest,
  type TokenEndpoint,
} from './oauth.ts';
import type { Secrets } from './secrets.ts';
import { makeTokenMemory, type HeldToken, type Usable } from './token-memory.ts';

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
}

export interface TokensOptions {
  readonly secrets: Secrets;
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
}

/** Tokens of all customers, for one process. */
export function makeTokens(options: TokensOptions): Tokens {
  const { secrets, microsoft, ringCentral, clock, timeoutMs, onTokenRequest: onRequest } = options;
  const memory = makeTokenMemory(clock);
  const entra = (microsoftTenantId: string): TokenEndpoint => ({
    vendor: 'entra',
    url: `${withoutSlash(microsoft.authorityUrl)}/${encodeURIComponent(microsoftTenantId)}/oauth2/v2.0/token`,
    clientId: microsoft.clientId,
    clientSecret: microsoft.clientSecret,
    clock,
    timeoutMs,
    onRequest,
  });
  const ringCentralEndpoint: TokenEndpoint = {
    vendor: 'ringCentral',
    url: `${withoutSlash(ringCentral.serverUrl)}/restapi/oauth/token`,
    clientId: ringCentral.clientId,
    clientSecret: ringCentral.clientSecret,
    clock,
    timeoutMs,
    onRequest,
  };
  const fromGrant = (secretName: string, refresh: Refresh, until?: Date) =>
    memory.get(secretName, (usable) => loadOrRefresh({ secrets, secretName, refresh }, usable), until);
  const storeGrant = (secretName: string, refreshToken: string) =>
    memory.replace(secretName, () =>
      secrets.set(secretName, JSON.stringify({ refreshToken } satisfies Grant)),
    );
  return {
    graphDelegated: (tenant, shard, until) => {
      const endpoint = entra(tenant.microsoftTenantId);
      const refresh: Refresh = (refreshToken) =>
        refreshGrant(endpoint, refreshToken, { scope: delegatedScope });
      return fromGrant(graphGrantName(tenant.tenantId, shard), refresh, until);
    },
    graphApplication: (microsoftTenantId) =>
      memory.get(`application ${microsoftTenantId}`, () =>
        clientCredentialsGrant(entra(microsoftTenantId), { scope: applicationScope }),
      ),
    ringCentral: (tenantId) =>
      fromGrant(ringCentralGrantName(tenantId), (refreshToken) =>
        refreshGrant(ringCentralEndpoint, refreshToken, {}),
      ),
    invalidate: (accessToken) => memory.invalidate(accessToken),
    storeGraphGrant: (tenantId, shard, refreshToken) =>
      storeGrant(graphGrantName(tenantId, shard), refreshToken),
    storeRingCentralGrant: (tenantId, refreshToken) =>
      storeGrant(ringCentralGrantName(tenantId), refreshToken),
  };
}

const delegatedScope = 'offline_access https://graph.microsoft.com/Presence.Read.All';
const applicationScope = 'https://graph.microsoft.com/.default';

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

const grant = z.object({
  refreshToken: z.string().min(1),
  accessToken: z.string().min(1).optional(),
  accessTokenExpiresAt: z.iso.datetime().optional(),
});
type Grant = z.infer<typeof grant>;

type Refresh = (refreshToken: string) => Promise<IssuedTokens>;

/** Where a connection's grant lies, and how it is exchanged for tokens. */
interface Connection {
  readonly secrets: Secrets;
  readonly secretName: string;
  readonly refresh: Refresh;
}

async function loadOrRefresh(connection: Connection, usable: Usable): Promise<HeldToken> {
  const stored = await readGrant(connection);
  const held = heldToken(stored);
  if (held !== undefined && usable(held)) return held;
  try {
    return await refreshAndStore(connection, stored);
  } catch (error) {
    if (!(error instanceof VendorError && error.failure === 'consentRevoked')) throw error;
    // Another worker, or the customer reconnecting, may have put a newer grant in the place of the one just refused.
    const newer = await readGrant(connection);
    if (newer.refreshToken === stored.refreshToken) throw error;
    const newerToken = heldToken(newer);
    if (newerToken !== undefined && usable(newerToken)) return newerToken;
    return refreshAndStore(connection, newer);
  }
}

async function readGrant({ secrets, secretName }: Connection): Promise<Grant> {
  const secret = await secrets.get(secretName);
  if (secret === undefined) throw new VendorError('consentRevoked', 'NoGrant');
  const { data } = grant.safeParse(parseJson(secret));
  if (data === undefined) throw new VendorError('consentRevoked', 'UnreadableGrant');
  return data;
}

function heldToken({ accessToken, accessTokenExpiresAt }: Grant): HeldToken | undefined {
  if (accessToken === undefined || accessTokenExpiresAt === undefined) return undefined;
  return { accessToken, expiresAt: new Date(accessTokenExpiresAt) };
}

/**
 * The new pair is in the vault before anybody uses it. RingCentral lets the old refresh token be repeated until the new
 * access token is used (RingCentral API guide, "Refresh tokens"), so a failed write loses nothing: the next call repeats it.
 */
async function refreshAndStore(
  { secrets, secretName, refresh }: Connection,
  stored: Grant,
): Promise<HeldToken> {
  const issued = await refresh(stored.refreshToken);
  const renewed: Grant = {
    refreshToken: issued.refreshToken ?? stored.refreshToken,
    accessToken: issued.accessToken,
    accessTokenExpiresAt: issued.expiresAt.toISOString(),
  };
  await secrets.set(secretName, JSON.stringify(renewed));
  return issued;
}
