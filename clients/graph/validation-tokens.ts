/** Checks the tokens that prove a batch of rich notifications comes from Microsoft Graph. */
import { makeEntraTokenVerifier } from '../entra-token.ts';

/** Microsoft Graph's change notification publisher (Microsoft Graph, "Change notifications that include resource data"). */
const publisherId = '0bf30f3b-4a52-48df-9a82-234910c4a086';

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
export function makeValidationTokenVerifier({
  clientId,
  authorityUrl,
  clock,
}: ValidationTokensOptions): VerifyValidationTokens {
  const verify = makeEntraTokenVerifier({
    keysUrl: `${authorityUrl.replace(/\/+$/, '')}/common/discovery/v2.0/keys`,
    audience: clientId,
    clock,
    keysMaxAgeMs,
  });
  return async (tokens) => {
    const holders = await Promise.all(tokens.map(verify));
    const tenantIds = holders.flatMap((holder) =>
      'tenantId' in holder && holder.applicationId === publisherId ? [holder.tenantId] : [],
    );
    return tenantIds.length === 0 || tenantIds.length < tokens.length
      ? undefined
      : { tenantIds: new Set(tenantIds) };
  };
}
