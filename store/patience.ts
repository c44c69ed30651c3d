/**
 * Tells the store's failures by one type, and tries again what failed in passing. That is safe because every operation of
 * the store may be run twice: it says what is to be, never what is to be added to what is there.
 */
import pRetry from 'p-retry';
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
export function patient<T extends object>(operations: T): T {
  const patiently = Object.entries(operations as Operations).map(([name, operation]) => [
    name,
    (...given: never[]) =>
      pRetry(async () => {
        try {
          return await operation(...given);
        } catch (error) {
          throw storeTrouble(error);
        }
      }, shouldRepeat),
  ]);
  return Object.fromEntries(patiently) as T;
}

const shouldRepeat = {
  ...patience,
  shouldRetry: ({ error }: { error: Error }) =>
    error instanceof StoreError && error.failure === 'unavailable',
};
