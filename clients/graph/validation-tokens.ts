/** Checks the tokens that prove a batch of rich notifications comes from Microsoft Graph. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { VendorError } from '../../domain/vendor-error.ts';
import { networkFailure } from '../http-answer.ts';
import { openText } from '../lenient.ts';

/** Microsoft Graph's change notification publisher (Microsoft Graph, "Change notifications that include resource data"). */
const publisherId = '0bf30f3b-4a52-48df-9a82-234910c4a086';

/** Graph waits three seconds for the whole answer. */
const keysTimeoutMs = 2_000;

/** An unknown key id makes them be fetched earlier, so this only bounds how long a withdrawn key is honoured. */
const keysMaxAgeMs = 24 * 60 * 60_000;

export interface ValidationTokensOptions {
  readonly clientId: string;
  /** The sign-in service's origin, for example https://login.microsoftonline.com: where its signing keys are. */
  readonly authorityUrl: string;
  readonly clock: () => Date;
}

/** Tenant ids are in lower case. */
export type VerifyValidationTokens = (
  tokens: readonly string[],
) => Promise<{ tenantIds: Set<string> } | undefined>;

/** The signing keys are cached, and fetched anew when a token names an unknown one. */
export function makeValidationTokenVerifier(options: ValidationTokensOptions): VerifyValidationTokens {
  const authority = options.authorityUrl.replace(/\/+$/, '');
  const keys = createRemoteJWKSet(new URL(`${authority}/common/discovery/v2.0/keys`), {
    timeoutDuration: keysTimeoutMs,
    cacheMaxAge: keysMaxAgeMs,
  });
  return async (tokens) => {
    const tenantIds = await Promise.all(tokens.map((token) => verifiedTenant(token, keys, options)));
    const known = tenantIds.filter((tenantId) => tenantId !== undefined);
    return known.length === 0 || known.length < tenantIds.length ? undefined : { tenantIds: new Set(known) };
  };
}

async function verifiedTenant(
  token: string,
  keys: JWTVerifyGetKey,
  { clientId, clock }: ValidationTokensOptions,
): Promise<string | undefined> {
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      audience: clientId,
      currentDate: clock(),
      requiredClaims: ['exp', 'iss', 'tid'],
    }));
  } catch (error) {
    if (isUnreachable(error)) throw keysFailure(error);
    return undefined;
  }
  const { data: claims } = publisherClaims.safeParse(payload);
  if (claims === undefined) return undefined;
  const { azp, appid } = claims;
  const tenantId = claims.tid.toLowerCase();
  const publisher = publisherNamedBy(claims.iss.toLowerCase(), tenantId, { azp, appid });
  return publisher === publisherId ? tenantId : undefined;
}

/** The two versions of Entra's tokens differ in their issuer and in the claim that names the application. Takes lower case. */
function publisherNamedBy(
  issuer: string,
  tenantId: string,
  { azp, appid }: { azp?: string | undefined; appid?: string | undefined },
): string | undefined {
  if (issuer === `https://login.microsoftonline.com/${tenantId}/v2.0`) return azp;
  if (issuer === `https://sts.windows.net/${tenantId}/`) return appid;
  return undefined;
}

const publisherClaims = z.object({
  tid: z.string().min(1),
  iss: z.string(),
  azp: openText,
  appid: openText,
});

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
