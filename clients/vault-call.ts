/** One call to Key Vault: its time limit, what its failures mean, and the retries of what may safely be asked again. */
import { setTimeout as pause } from 'node:timers/promises';
import pRetry, { AbortError } from 'p-retry';
import { z } from 'zod';
import { VendorError } from '../domain/vendor-error.ts';
import { networkFailure, refusal, retryAfterSeconds } from './http-answer.ts';
import { openText } from './lenient.ts';

/** Three further attempts within about a second: whoever calls has retries of its own, with longer waits. */
const retries = { retries: 3, minTimeout: 150, factor: 2, maxRetryTime: 5_000 };
/** A vault that wants a longer pause is not asked again here: the wait is left to the caller. */
const longestRetryAfterSeconds = 3;

/** Runs a call once. Fails with `throttled` or `unavailable`. */
export async function askVault<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw vaultFailure(error);
  }
}

/** Runs a call that changes nothing, or changes it to the same when run twice; transient failures are tried again. */
export async function askVaultAgain<T>(call: () => Promise<T>): Promise<T> {
  return pRetry(
    async () => {
      try {
        return await call();
      } catch (error) {
        const failure = vaultFailure(error);
        throw isTransient(error, failure) ? failure : new AbortError(failure);
      }
    },
    {
      ...retries,
      onFailedAttempt: async ({ error, retryDelay }) => {
        const asked = (error as VendorError).retryAfterSeconds ?? 0;
        if (retryDelay > 0 && asked * 1000 > retryDelay) await pause(asked * 1000 - retryDelay);
      },
    },
  );
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

/** The HTTP status with which the vault refused; undefined when it gave no answer. */
export function statusOf(error: unknown): number | undefined {
  return restError.safeParse(error).data?.statusCode;
}

function isTransient(error: unknown, failure: VendorError): boolean {
  if (error instanceof VendorError) return false;
  if ((failure.retryAfterSeconds ?? 0) > longestRetryAfterSeconds) return false;
  const status = statusOf(error);
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

/** The SDK's error holds request and answer, so it is not passed on as the cause. */
function vaultFailure(error: unknown): VendorError {
  if (error instanceof VendorError) return error;
  const { data } = restError.safeParse(error);
  if (data === undefined) return networkFailure(error);
  return refusal('Key Vault', data.statusCode, {
    failure: data.statusCode === 429 ? 'throttled' : 'unavailable',
    code: data.code,
    wait: retryAfterSeconds(data.response?.headers.get('retry-after')),
    usualWait: 10,
  });
}
