/** The access and id tokens that the simulated Entra ID issues, and how a resource of Microsoft's checks them. */
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { Directory, DirectoryUser } from './directory.ts';
import type { Consent, Grant, Grants } from './grants.ts';
import { graphResource } from './scopes.ts';
import type { Signer } from './signer.ts';

export const vaultResource = 'https://vault.azure.net';

/** The commercial marketplace's SaaS fulfilment API ("Register a SaaS application"). */
export const marketplaceResource = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/** What an application may have a token for in its own name. */
export const applicationResources: ReadonlySet<string> = new Set([graphResource, marketplaceResource]);

/** Who calls a resource, as its access token says. */
export type Caller = {
  readonly tenantId: string;
  readonly clientId: string;
  /** When the token ends, milliseconds since 1970. */
  readonly expiresAt: number;
} & (
  | { readonly kind: 'application'; readonly roles: readonly string[] }
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly grantId: string;
      readonly scopes: readonly string[];
    }
);

export type CallerRefusal = 'expired' | 'malformed' | 'audience' | 'signature' | 'revoked';

export interface IssuedToken {
  readonly token: string;
  readonly lifeSeconds: number;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

export class Tokens {
  readonly #clock: Clock;
  readonly #signer: Signer;
  readonly #grants: Grants;
  readonly #directory: Directory;

  constructor(parts: { clock: Clock; signer: Signer; grants: Grants; directory: Directory }) {
    this.#clock = parts.clock;
    this.#signer = parts.signer;
    this.#grants = parts.grants;
    this.#directory = parts.directory;
  }

  /** An application's token in its own name; the roles it was given are Microsoft Graph's. */
  forApplication({ tenantId, clientId, roles }: Consent, resource: string): Promise<IssuedToken> {
    const oid = stableId(`${tenantId}/${clientId}`);
    const granted = resource === graphResource ? { roles: [...roles] } : {};
    return this.#issue(resource, { tenantId, clientId }, { ...granted, idtyp: 'app', oid, sub: oid });
  }

  /** A user's token for Microsoft Graph, given to an application. */
  forUser({ tenantId, clientId, userId, grantId }: Grant, scopes: readonly string[]): Promise<IssuedToken> {
    const claims = {
      scp: scopes.join(' '),
      idtyp: 'user',
      oid: userId,
      sub: stableId(`${userId}/${clientId}`),
      sid: grantId,
    };
    return this.#issue(graphResource, { tenantId, clientId }, claims);
  }

  /** A managed identity's token for Key Vault; it lives for 24 hours. */
  async forManagedIdentity(identity: {
    tenantId: string;
    clientId: string;
    oid: string;
  }): Promise<IssuedToken> {
    const { tenantId, clientId, oid } = identity;
    const lifeSeconds = 24 * 3600;
    const claims = { ...common(vaultResource, tenantId), appid: clientId, oid, sub: oid };
    return this.#signed(claims, lifeSeconds);
  }

  /** For the application that a user signed in to; `nonce` comes from its request. */
  idToken({ clientId, grantId }: Grant, user: DirectoryUser, nonce?: string): Promise<string> {
    const claims = {
      aud: clientId,
      iss: `https://login.microsoftonline.com/${user.tenantId}/v2.0`,
      tid: user.tenantId,
      oid: user.userId,
      sub: stableId(`${user.userId}/${clientId}`),
      name: user.displayName,
      preferred_username: user.userPrincipalName,
      email: user.mail,
      ...(nonce === undefined ? {} : { nonce }),
      sid: grantId,
      ver: '2.0',
    };
    return this.#signer.sign(claims, 3600);
  }

  /** Who calls Microsoft Graph with this token. What rests on a withdrawn consent is refused at once, as with continuous access evaluation. */
  async callerOfGraph(token: string): Promise<Caller | CallerRefusal> {
    const verified = await this.#signer.verify(token, [
      graphResource,
      '00000003-0000-0000-c000-000000000000',
    ]);
    if ('refused' in verified) return verified.refused;
    const { claims } = verified;
    const base = {
      tenantId: String(claims['tid']),
      clientId: String(claims['appid']),
      expiresAt: Number(claims.exp) * 1000,
    };
    if (this.#grants.consentOf(base.tenantId, base.clientId) === undefined) return 'revoked';
    if (claims['idtyp'] === 'app') {
      return { ...base, kind: 'application', roles: (claims['roles'] as string[] | undefined) ?? [] };
    }
    const grantId = String(claims['sid']);
    const userId = String(claims['oid']);
    if (this.#grants.grantWithId(grantId)?.revoked !== false) return 'revoked';
    if (this.#directory.user(userId)?.accountEnabled !== true) return 'revoked';
    return { ...base, kind: 'user', userId, grantId, scopes: String(claims['scp']).split(' ') };
  }

  /** The object id of the identity that calls Key Vault with this token; undefined when the token is no good. */
  async callerOfVault(token: string): Promise<string | undefined> {
    const verified = await this.#signer.verify(token, [vaultResource]);
    return 'claims' in verified ? String(verified.claims['oid']) : undefined;
  }

  /** The application that calls the marketplace with this token; undefined when the token is no good. */
  async callerOfMarketplace(token: string): Promise<{ tenantId: string; clientId: string } | undefined> {
    const verified = await this.#signer.verify(token, [marketplaceResource]);
    if ('refused' in verified) return undefined;
    return { tenantId: String(verified.claims['tid']), clientId: String(verified.claims['appid']) };
  }

  async #signed(claims: Record<string, unknown>, lifeSeconds: number): Promise<IssuedToken> {
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    return { token: await this.#signer.sign(claims, lifeSeconds), lifeSeconds, issuedAt };
  }

  /** 60 to 90 minutes of life, as Entra spreads it, but the same for the same holder at the same minute. */
  async #issue(
    resource: string,
    { tenantId, clientId }: { tenantId: string; clientId: string },
    claims: Record<string, unknown>,
  ): Promise<IssuedToken> {
    const minute = Math.floor(this.#clock.now() / 60_000);
    const spread = createHash('sha256')
      .update(`${String(claims['oid'])}/${minute}`)
      .digest()
      .readUInt16BE(0);
    const lifeSeconds = 3600 + Math.floor((spread / 65_536) * 1800);
    const all = { ...common(resource, tenantId), appid: clientId, appidacr: '1', ...claims };
    return this.#signed(all, lifeSeconds);
  }
}

/** Tokens for Microsoft's own resources are of version 1.0 (Microsoft identity platform, "Access tokens"). */
function common(resource: string, tenantId: string): Record<string, string> {
  return { aud: resource, iss: `https://sts.windows.net/${tenantId}/`, tid: tenantId, ver: '1.0' };
}

/** A GUID that always is the same for the same text. */
function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
