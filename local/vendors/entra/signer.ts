/** The simulated Entra ID's signing key, made once and kept, and the JSON Web Tokens it signs. */
import { createHash, randomUUID } from 'node:crypto';
import {
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type JWK,
  type JWTPayload,
} from 'jose';
import type { Clock } from '../../clock/clock.ts';
import type { VendorData } from '../vendor-data.ts';

export interface Signer {
  /** The public key as the JWKS document shows it. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A JWT valid from now for so many seconds. */
  sign(claims: JWTPayload, lifeSeconds: number): Promise<string>;
  /** The claims of a token that this key signed and that is valid now for `audience`; else why not. */
  verify(token: string, audience: readonly string[]): Promise<Verified>;
}

type Verified =
  { readonly claims: JWTPayload } | { readonly refused: 'expired' | 'malformed' | 'audience' | 'signature' };

interface StoredKey {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

export async function openSigner(data: VendorData, clock: Clock): Promise<Signer> {
  const keys = data.collection<StoredKey>('keys');
  const stored = keys.get('signing') ?? (await makeKey());
  keys.put('signing', stored);
  const privateKey = await importJWK(stored.privateKey, 'RS256');
  const publicKey = await importJWK(stored.publicKey, 'RS256');
  const header = { alg: 'RS256', typ: 'JWT', kid: String(stored.publicKey.kid) };
  return {
    jwks: { keys: [stored.publicKey] },
    sign: (claims, lifeSeconds) => {
      const now = Math.floor(clock.now() / 1000);
      const times = { iat: now, nbf: now, exp: now + Math.floor(lifeSeconds) };
      return new SignJWT({ ...claims, ...times, uti: randomUUID() })
        .setProtectedHeader(header)
        .sign(privateKey);
    },
    verify: async (token, audience) => {
      try {
        const currentDate = new Date(clock.now());
        const options = { algorithms: ['RS256'], audience: [...audience], currentDate };
        return { claims: (await jwtVerify(token, publicKey, options)).payload };
      } catch (error) {
        return { refused: reason(error) };
      }
    },
  };
}

async function makeKey(): Promise<StoredKey> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const publicKey = await exportJWK(pair.publicKey);
  const kid = createHash('sha256').update(String(publicKey.n)).digest('base64url').slice(0, 27);
  return {
    privateKey: await exportJWK(pair.privateKey),
    publicKey: { ...publicKey, kid, x5t: kid, use: 'sig', alg: 'RS256' },
  };
}

function reason(error: unknown): 'expired' | 'malformed' | 'audience' | 'signature' {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return 'audience';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEError) return 'malformed';
  throw error;
}
