/**
 * Tells the store's failures by one type, and tries again what failed in passing. That is safe because every operation of
 * the store may be run twice: it says what is to be, never what is to be added to what is there.
 */
import pRetry, { AbortError } from 'p-retry';
import { StoreError } from '../domain/store-error.ts';
import { storeTrouble } from './trouble.ts';

type Operations = Record<string, (...given: never[]) => Promise<unknown>>;

/** Times in milliseconds; once `maxRetryTime` has passed nothing is tried again. */
const patience = {
  retries: 6,
  minTimeout: 50,
  maxTimeout: 2000,
  factor: 2,
  randomize: true,
  maxRetryTime: 8000,
};

/** The same operations, which reject with a `StoreError` once a few attempts within some seconds have failed. */
export function patient<T extends object>(operations: T, terms = patience): T {
  const patiently = Object.entries(operations as Operations).map(([name, operation]) => [
    name,
    (...given: never[]) => withPatience(() => operation(...given), terms),
  ]);
  return Object.fromEntries(patiently) as T;
}

/** What `attempt` answers, which may be run more than once. Rejects as {@link patient}'s operations do. */
export function withPatience<T>(attempt: () => Promise<T>, terms = patience): Promise<T> {
  return pRetry(
    async () => {
      try {
        return await attempt();
      } catch (error) {
        // What an operation itself has found will be so the next time.
        if (error instanceof StoreError) throw new AbortError(error);
        throw storeTrouble(error);
      }
    },
    { ...terms, shouldRetry: ({ error }) => error instanceof StoreError && mayPass.has(error.failure) },
  );
}

/** A driver's conflict is a race that was lost: every operation has looked before it writes, and will look again. */
const mayPass = new Set(['unavailable', 'conflict']);
