/** `GET /msi/token`, as App Service offers it to the code it runs (App Service, "Use managed identities", REST endpoint). */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { VendorData } from '../vendor-data.ts';
import { vaultResource, type Tokens } from './tokens.ts';

/** The one identity that the hosted app has in its own tenant. */
export interface ManagedIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  readonly oid: string;
  /** What the platform hands to the app as IDENTITY_HEADER. */
  readonly header: string;
}

/** The identity kept in `data`, made when missing. */
export function openManagedIdentity(data: VendorData, tenantId: string): ManagedIdentity {
  const identities = data.collection<ManagedIdentity>('identities');
  const known = identities.get('app');
  if (known !== undefined) return known;
  const header = randomBytes(16).toString('hex');
  const identity = { tenantId, clientId: randomUUID(), oid: randomUUID(), header };
  identities.put('app', identity);
  return identity;
}

/** Answers a token request that carries `header` as X-IDENTITY-HEADER. */
export async function managedIdentityToken(
  parts: { identity: ManagedIdentity; tokens: Tokens; clock: Clock },
  query: (name: string) => string | undefined,
  header: string | undefined,
): Promise<Response> {
  const { identity, tokens, clock } = parts;
  if (!isSame(header ?? '', identity.header))
    return refuse(401, 'The X-IDENTITY-HEADER header is missing or wrong.');
  const version = query('api-version');
  if (version !== '2019-08-01') return refuse(400, `The api-version '${version ?? ''}' is not supported.`);
  const resource = query('resource') ?? '';
  if (resource.replace(/\/$/, '') !== vaultResource)
    return refuse(400, `The resource '${resource}' is unknown.`);
  const client = query('client_id');
  if (client !== undefined && client !== identity.clientId)
    return refuse(400, 'No User Assigned identity found.');
  const { token, lifeSeconds } = await tokens.forManagedIdentity(identity);
  return Response.json({
    access_token: token,
    expires_on: String(Math.floor(clock.now() / 1000) + lifeSeconds),
    resource,
    token_type: 'Bearer',
    client_id: identity.clientId,
  });
}

function refuse(statusCode: number, message: string): Response {
  return Response.json({ statusCode, message }, { status: statusCode });
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
