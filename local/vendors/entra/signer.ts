/** The simulated Entra ID's signing keys, made once and kept, and the JSON Web Tokens they sign. */
import { createHash, randomUUID } from 'node:crypto';
import {
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { Clock } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';

export interface Signer {
  /** The public keys as the JWKS document shows them, the one in use first. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A JWT valid from now for so many seconds; it has ended already when they are negative. */
  sign(claims: JWTPayload, lifeSeconds: number): Promise<string>;
  /** The claims of a token that a published key signed and that is valid now for `audience`; else why not. */
  verify(token: string, audience: readonly string[]): Promise<Verified>;
  /** Signs with a new key from now on. The keys before stay published for what they signed, or are withdrawn. */
  rotate(earlier: 'keep' | 'withdraw'): Promise<void>;
}

type Verified =
  { readonly claims: JWTPayload } | { readonly refused: 'expired' | 'malformed' | 'audience' | 'signature' };

interface StoredKey {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

interface KeyRing {
  /** Everything published. */
  readonly jwks: { readonly keys: JWK[] };
  readonly keySet: JWTVerifyGetKey;
  readonly privateKey: CryptoKey | Uint8Array;
}

/** The key in use; the ones before lie under their own ids. */
const inUse = 'signing';

export async function openSigner(data: VendorData, clock: Clock): Promise<Signer> {
  const stored = data.collection<StoredKey>('keys');
  if (stored.get(inUse) === undefined) stored.put(inUse, await makeKey());
  let ring = await readRing(stored);
  return {
    get jwks() {
      return ring.jwks;
    },
    sign: (claims, lifeSeconds) => {
      const now = Math.floor(clock.now() / 1000);
      const times = { iat: now, nbf: now, exp: now + Math.floor(lifeSeconds) };
      const header = { alg: 'RS256', typ: 'JWT', kid: String(ring.jwks.keys[0]?.kid) };
      return new SignJWT({ ...claims, ...times, uti: randomUUID() })
        .setProtectedHeader(header)
        .sign(ring.privateKey);
    },
    verify: async (token, audience) => {
      try {
        const currentDate = new Date(clock.now());
        const options = { algorithms: ['RS256'], audience: [...audience], currentDate };
        return { claims: (await jwtVerify(token, ring.keySet, options)).payload };
      } catch (error) {
        return { refused: reason(error) };
      }
    },
    rotate: async (earlier) => {
      const before = stored.all();
      for (const key of stored.keys()) stored.delete(key);
      stored.put(inUse, await makeKey());
      for (const key of earlier === 'keep' ? before : []) stored.put(String(key.publicKey.kid), key);
      ring = await readRing(stored);
    },
  };
}

async function readRing(stored: Collection<StoredKey>): Promise<KeyRing> {
  const current = stored.get(inUse);
  if (current === undefined) throw new Error('There is no signing key.');
  const { kid } = current.publicKey;
  const earlier = stored.all().map(({ publicKey }) => publicKey);
  const jwks = { keys: [current.publicKey, ...earlier.filter((key) => key.kid !== kid)] };
  return {
    jwks,
    keySet: createLocalJWKSet(jwks),
    privateKey: await importJWK(current.privateKey, 'RS256'),
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
  if (error instanceof errors.JWKSNoMatchingKey) return 'signature';
  if (error instanceof errors.JOSEError) return 'malformed';
  throw error;
}
