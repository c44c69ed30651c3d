/**
 * `POST /{tenant}/oauth2/v2.0/token` (Microsoft identity platform, "OAuth 2.0 client credentials flow", "authorization code
 * flow"), and its older form `/{tenant}/oauth2/token`, which names a resource instead of a scope.
 */
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { Directory, Tenant } from './directory.ts';
import { EntraError } from './entra-error.ts';
import type { Application, Grant, Grants } from './grants.ts';
import { grantedOf, parseScopes, scopeText } from './scopes.ts';
import { applicationResources, type IssuedToken, type Tokens } from './tokens.ts';

export interface TokenRequest {
  readonly version: 1 | 2;
  /** Id, domain, or common and its like, as the path has it. */
  readonly tenant: string;
  readonly contentType: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface TokenEndpointParts {
  readonly codes: AuthorizationCodes;
  readonly directory: Directory;
  readonly grants: Grants;
  readonly tokens: Tokens;
}

const anyTenant: ReadonlySet<string> = new Set(['common', 'organizations']);

/** Answers a token request. @throws EntraError */
export async function requestToken(parts: TokenEndpointParts, request: TokenRequest): Promise<object> {
  const isForm = request.contentType.toLowerCase().startsWith('application/x-www-form-urlencoded');
  const form = new URLSearchParams(isForm ? request.body : '');
  const grantType = required(form, 'grant_type');
  const tenant = parts.directory.tenant(request.tenant);
  if (tenant === undefined && !anyTenant.has(request.tenant)) {
    throw new EntraError(
      90002,
      `Tenant '${request.tenant}' not found. Check to make sure you have the correct tenant ID.`,
    );
  }
  const application = authenticate(parts.grants, form, request.authorization);
  const client = { tenant, application };
  if (request.version === 1) {
    if (grantType !== 'client_credentials') throw new EntraError(70003);
    return ofVersion1(parts, form, client);
  }
  if (grantType === 'client_credentials') {
    const resource = resourceOfScope(required(form, 'scope'));
    return bearer(await credentials(parts, client, resource));
  }
  if (grantType === 'refresh_token') return refresh(parts, form, client);
  if (grantType === 'authorization_code') return redeemCode(parts, form, application);
  throw new EntraError(70003);
}

interface Client {
  /** Undefined for common and organizations. */
  readonly tenant: Tenant | undefined;
  readonly application: Application;
}

function resourceOfScope(scope: string): string {
  if (!scope.endsWith('/.default') || scope.includes(' ')) throw new EntraError(1002012);
  return scope.slice(0, -'/.default'.length);
}

/** A token for a resource in the application's own name. */
async function credentials(
  { grants, tokens }: TokenEndpointParts,
  { tenant, application }: Client,
  resource: string,
): Promise<IssuedToken> {
  if (tenant === undefined) throw new EntraError(90002);
  if (!applicationResources.has(resource)) throw new EntraError(500011);
  const consent = grants.consentOf(tenant.tenantId, application.clientId);
  if (consent === undefined) throw unknownIn(tenant, application);
  return tokens.forApplication(consent, resource);
}

function bearer({ token, lifeSeconds }: IssuedToken): object {
  return { token_type: 'Bearer', expires_in: lifeSeconds, ext_expires_in: lifeSeconds, access_token: token };
}

/** The older endpoint's numbers are texts. */
async function ofVersion1(parts: TokenEndpointParts, form: URLSearchParams, client: Client): Promise<object> {
  const resource = required(form, 'resource');
  const issued = await credentials(parts, client, resource);
  const life = String(issued.lifeSeconds);
  return {
    ...bearer(issued),
    expires_in: life,
    ext_expires_in: life,
    not_before: String(issued.issuedAt),
    expires_on: String(issued.issuedAt + issued.lifeSeconds),
    resource,
  };
}

async function refresh(
  parts: TokenEndpointParts,
  form: URLSearchParams,
  { tenant, application }: Client,
): Promise<object> {
  const grant = parts.grants.redeem(required(form, 'refresh_token'));
  if (grant.clientId !== application.clientId) throw new EntraError(70000);
  if (tenant !== undefined && tenant.tenantId !== grant.tenantId) throw unknownIn(tenant, application);
  const { permissions, openId } = parseScopes(form.get('scope') ?? '');
  const granted = grantedOf(permissions, grant.scopes);
  return tokensOf(parts, { grant, granted, openId: [...openId, 'offline_access'] }, form);
}

async function redeemCode(
  parts: TokenEndpointParts,
  form: URLSearchParams,
  application: Application,
): Promise<object> {
  const code = required(form, 'code');
  const redeemed = parts.codes.redeem(code, required(form, 'redirect_uri'), form.get('code_verifier'));
  const grant = parts.grants.grantWithId(redeemed.grantId);
  if (grant === undefined || grant.clientId !== application.clientId) throw new EntraError(70000);
  const { openId, nonce } = redeemed;
  return tokensOf(parts, { grant, granted: grant.scopes, openId, nonce }, form);
}

interface Granted {
  readonly grant: Grant;
  readonly granted: readonly string[];
  readonly openId: readonly string[];
  readonly nonce?: string | undefined;
}

/** The whole answer for a user's grant: access token, and as asked a fresh refresh token and an id token. */
async function tokensOf(
  { directory, grants, tokens }: TokenEndpointParts,
  { grant, granted, openId, nonce }: Granted,
  form: URLSearchParams,
): Promise<object> {
  const user = directory.user(grant.userId);
  if (user === undefined) throw new EntraError(50034);
  if (!user.accountEnabled) throw new EntraError(50057);
  const { token, lifeSeconds } = await tokens.forUser(grant, granted);
  const info = JSON.stringify({ uid: user.userId, utid: user.tenantId });
  return {
    token_type: 'Bearer',
    scope: scopeText(granted, openId),
    expires_in: lifeSeconds,
    ext_expires_in: lifeSeconds,
    access_token: token,
    ...(openId.includes('offline_access') ? { refresh_token: grants.refreshToken(grant) } : {}),
    ...(openId.includes('openid') ? { id_token: await tokens.idToken(grant, user, nonce) } : {}),
    ...(form.get('client_info') === '1' ? { client_info: Buffer.from(info).toString('base64url') } : {}),
  };
}

/** The application that asks, by the secret in the body or in the Authorization header. */
function authenticate(grants: Grants, form: URLSearchParams, authorization: string | undefined): Application {
  const basic = basicCredentials(authorization);
  const clientId = basic?.id ?? required(form, 'client_id');
  const secret = basic?.secret ?? form.get('client_secret');
  const application = grants.application(clientId);
  if (application === undefined) {
    throw new EntraError(700016, `Application with identifier '${clientId}' was not found in the directory.`);
  }
  if (secret === null || secret === '') throw new EntraError(7000218);
  if (secret !== application.clientSecret) throw new EntraError(7000215);
  return application;
}

function basicCredentials(authorization: string | undefined): { id: string; secret: string } | undefined {
  if (authorization?.toLowerCase().startsWith('basic ') !== true) return undefined;
  const [id = '', secret = ''] = Buffer.from(authorization.slice(6), 'base64').toString().split(':', 2);
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') {
    throw new EntraError(900144, `The request body must contain the following parameter: '${name}'.`);
  }
  return value;
}

function unknownIn(tenant: Tenant, { clientId }: Application): EntraError {
  return new EntraError(
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  );
}
