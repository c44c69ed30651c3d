/** Checks tokens that Entra ID gave one of Microsoft's services for an application of ours: who may send us webhooks. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { VendorError } from '../domain/vendor-error.ts';
import { networkFailure } from './http-answer.ts';
import { openText } from './lenient.ts';

/** Why a token proves nothing. */
export type TokenFlaw =
  'malformed' | 'algorithm' | 'signature' | 'lifetime' | 'audience' | 'issuer' | 'claims';

export interface EntraTokenRules {
  /** Where the signing keys are; they are cached, and fetched anew when a token names an unknown one. */
  readonly keysUrl: string;
  /** The id of our application. */
  readonly audience: string;
  readonly clock: () => Date;
  /** How long a withdrawn key may still be honoured. */
  readonly keysMaxAgeMs: number;
}

/** In lower case. */
interface TokenHolder {
  readonly tenantId: string;
  readonly applicationId: string;
}

/** Fails with `unavailable` while the signing keys cannot be had. */
export type VerifyEntraToken = (token: string) => Promise<TokenHolder | { readonly flaw: TokenFlaw }>;

/** The senders of webhooks wait for seconds only. */
const keysTimeoutMs = 2_000;

export function makeEntraTokenVerifier(rules: EntraTokenRules): VerifyEntraToken {
  const keys = createRemoteJWKSet(new URL(rules.keysUrl), {
    timeoutDuration: keysTimeoutMs,
    cacheMaxAge: rules.keysMaxAgeMs,
  });
  return async (token) => {
    const payload = await verifiedPayload(token, keys, rules);
    return 'flaw' in payload ? payload : holderOf(payload.claims);
  };
}

async function verifiedPayload(
  token: string,
  keys: JWTVerifyGetKey,
  { audience, clock }: EntraTokenRules,
): Promise<{ claims: JWTPayload } | { flaw: TokenFlaw }> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      audience,
      currentDate: clock(),
      requiredClaims: ['exp', 'iss', 'tid'],
    });
    return { claims: payload };
  } catch (error) {
    if (isUnreachable(error)) throw keysFailure(error);
    return { flaw: flawOf(error) };
  }
}

const holderClaims = z.object({ tid: z.string().min(1), iss: z.string(), azp: openText, appid: openText });

/** The two versions of Entra's tokens differ in their issuer and in the claim that names the application. */
function holderOf(claims: JWTPayload): TokenHolder | { flaw: TokenFlaw } {
  const { data } = holderClaims.safeParse(claims);
  if (data === undefined) return { flaw: 'claims' };
  const tenantId = data.tid.toLowerCase();
  const named = new Map([
    [`https://login.microsoftonline.com/${tenantId}/v2.0`, data.azp],
    [`https://sts.windows.net/${tenantId}/`, data.appid],
  ]);
  const issuer = data.iss.toLowerCase();
  if (!named.has(issuer)) return { flaw: 'issuer' };
  const applicationId = named.get(issuer);
  return applicationId === undefined
    ? { flaw: 'claims' }
    : { tenantId, applicationId: applicationId.toLowerCase() };
}

function flawOf(error: unknown): TokenFlaw {
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWTExpired) return 'lifetime';
  if (error instanceof errors.JWTClaimValidationFailed) return flawOfClaim(error.claim);
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'signature';
  }
  return 'malformed';
}

function flawOfClaim(claim: string): TokenFlaw {
  if (claim === 'aud') return 'audience';
  return claim === 'nbf' || claim === 'exp' || claim === 'iat' ? 'lifetime' : 'claims';
}

/** Errors about getting the keys; about a bad token, jose throws its other own errors. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  return !(error instanceof errors.JOSEError) || error.code === errors.JOSEError.code;
}

function keysFailure(error: unknown): VendorError {
  return error instanceof errors.JOSEError
    ? new VendorError('unavailable', error.code, { cause: error })
    : networkFailure(error);
}
