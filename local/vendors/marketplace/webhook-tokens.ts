/** The tokens on the marketplace's webhooks, and those of impostors. */
import { randomUUID } from 'node:crypto';
import { base64url, exportSPKI, importJWK, SignJWT, generateKeyPair, type JWTPayload } from 'jose';
import type { Clock } from '../../clock/clock.ts';
import type { Signer } from '../entra/signer.ts';
import { marketplaceResource } from '../entra/tokens.ts';
import type { Forgery } from '../faults.ts';

export interface WebhookTokenParts {
  readonly clock: Clock;
  readonly signer: Signer;
  /** The publisher's application, as the offer's technical configuration names it, and its tenant. */
  readonly clientId: string;
  readonly tenantId: string;
}

const lifeSeconds = 3600;

/** A token as Entra gives it to the marketplace for the publisher's application. */
export function webhookToken(parts: WebhookTokenParts, version: 1 | 2): Promise<string> {
  return parts.signer.sign(claimsOf(parts, version), lifeSeconds);
}

/** The Authorization header of an impostor. */
export async function forgedAuthorization(
  parts: WebhookTokenParts,
  how: Forgery,
): Promise<Record<string, string>> {
  if (how === 'noToken') return {};
  return { authorization: `Bearer ${await forgedToken(parts, how)}` };
}

function forgedToken(parts: WebhookTokenParts, how: Exclude<Forgery, 'noToken'>): Promise<string> {
  const { signer } = parts;
  const claims = claimsOf(parts, 1);
  switch (how) {
    case 'noJwt':
      return Promise.resolve('opensesame');
    case 'algNone':
      return unsigned(parts, claims);
    case 'algHmac':
      return signedWithPublicKey(parts, claims);
    case 'badSignature':
      return withBadSignature(signer.sign(claims, lifeSeconds));
    case 'foreignKey':
      return signedByStranger(parts, claims);
    case 'wrongAudience':
      return signer.sign({ ...claims, aud: randomUUID() }, lifeSeconds);
    case 'wrongTenant':
      return signer.sign(claimsOf({ ...parts, tenantId: randomUUID() }, 1), lifeSeconds);
    case 'wrongApplication':
      return signer.sign({ ...claims, appid: randomUUID() }, lifeSeconds);
    case 'wrongIssuer':
      return signer.sign({ ...claims, iss: `https://sts.example/${parts.tenantId}/` }, lifeSeconds);
    case 'expired':
      return signer.sign(claims, -1);
  }
}

/** Both versions of Entra's access tokens are met ("Implementing a webhook on the SaaS service"). */
function claimsOf({ clientId, tenantId }: WebhookTokenParts, version: 1 | 2): JWTPayload {
  const oid = randomUUID();
  const common = { aud: clientId, tid: tenantId, oid, sub: oid, idtyp: 'app' };
  return version === 1
    ? {
        ...common,
        iss: `https://sts.windows.net/${tenantId}/`,
        appid: marketplaceResource,
        appidacr: '2',
        ver: '1.0',
      }
    : {
        ...common,
        iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        azp: marketplaceResource,
        azpacr: '2',
        ver: '2.0',
      };
}

function withTimes({ clock }: WebhookTokenParts, claims: JWTPayload): JWTPayload {
  const now = Math.floor(clock.now() / 1000);
  return { ...claims, iat: now, nbf: now, exp: now + lifeSeconds };
}

function headerOf({ signer }: WebhookTokenParts, alg: string) {
  return { alg, typ: 'JWT', kid: String(signer.jwks.keys[0]?.kid) };
}

function unsigned(parts: WebhookTokenParts, claims: JWTPayload): Promise<string> {
  const encoded = [headerOf(parts, 'none'), withTimes(parts, claims)].map((part) =>
    base64url.encode(JSON.stringify(part)),
  );
  return Promise.resolve(`${encoded.join('.')}.`);
}

/** For who takes any algorithm and uses the published key as it comes. */
async function signedWithPublicKey(parts: WebhookTokenParts, claims: JWTPayload): Promise<string> {
  const key = await importJWK({ ...parts.signer.jwks.keys[0] }, 'RS256', { extractable: true });
  if (key instanceof Uint8Array) throw new Error('The published key is not a public one.');
  return new SignJWT(withTimes(parts, claims))
    .setProtectedHeader(headerOf(parts, 'HS256'))
    .sign(new TextEncoder().encode(await exportSPKI(key)));
}

async function signedByStranger(parts: WebhookTokenParts, claims: JWTPayload): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT(withTimes(parts, claims))
    .setProtectedHeader({ ...headerOf(parts, 'RS256'), kid: randomUUID() })
    .sign(privateKey);
}

/** One character in the middle of the signature is another. */
async function withBadSignature(signing: Promise<string>): Promise<string> {
  const token = await signing;
  const at = token.length - 100;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}
