/** Azure Key Vault secrets: the only place where customers' tokens rest. */
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { z } from 'zod';
import type { VendorError } from '../domain/vendor-error.ts';
import { defaultTimeoutMs, networkFailure, refusal, retryAfterSeconds } from './http-answer.ts';
import { openText } from './lenient.ts';

/** Both fail as `throttled`, else as `unavailable`: no trouble with our own vault is a vendor's answer to a customer's wish. */
export interface Secrets {
  /** The newest version's value; undefined when there is no such secret. */
  get(name: string): Promise<string | undefined>;
  /** Writes a new version; not while a deleted secret of that name is not purged. */
  set(name: string, value: string): Promise<void>;
}

export interface SecretsOptions {
  readonly vaultUrl: string;
  readonly credential: TokenCredential;
  readonly timeoutMs?: number | undefined;
}

/** Secrets of one vault. Nothing is retried here: durable retries are the callers'. */
export function makeSecrets({ vaultUrl, credential, timeoutMs }: SecretsOptions): Secrets {
  // Plain http is let through to configuration for loopback addresses only.
  const insecure = new URL(vaultUrl).protocol === 'http:';
  const client = new SecretClient(vaultUrl, credential, {
    allowInsecureConnection: insecure,
    disableChallengeResourceVerification: insecure,
    retryOptions: { maxRetries: 0 },
  });
  const limited = () => ({ abortSignal: AbortSignal.timeout(timeoutMs ?? defaultTimeoutMs) });
  return {
    get: async (name) => {
      try {
        return (await client.getSecret(name, limited())).value;
      } catch (error) {
        if (restError.safeParse(error).data?.statusCode === 404) return undefined;
        throw vaultFailure(error);
      }
    },
    set: async (name, value) => {
      try {
        await client.setSecret(name, value, limited());
      } catch (error) {
        throw vaultFailure(error);
      }
    },
  };
}

const restError = z.object({
  statusCode: z.number(),
  code: openText,
  response: z
    .object({ headers: z.custom<{ get(name: string): string | undefined }>(hasGet) })
    .optional()
    .catch(undefined),
});

function hasGet(headers: unknown): boolean {
  return (
    typeof headers === 'object' && headers !== null && 'get' in headers && typeof headers.get === 'function'
  );
}

/** The SDK's error holds request and answer, so it is not passed on as the cause. */
function vaultFailure(error: unknown): VendorError {
  const { data } = restError.safeParse(error);
  if (data === undefined) return networkFailure(error);
  return refusal('Key Vault', data.statusCode, {
    failure: data.statusCode === 429 ? 'throttled' : 'unavailable',
    code: data.code,
    wait: retryAfterSeconds(data.response?.headers.get('retry-after')),
    usualWait: 10,
  });
}
