/** What is tried again, and what is not. */
import { describe, expect, test } from '@jest/globals';
import { StoreError } from '../../domain/store-error.ts';
import { patient } from '../../store/patience.ts';

const quick = { retries: 3, minTimeout: 0, maxTimeout: 0, factor: 1, randomize: false, maxRetryTime: 8000 };

/** An operation that fails so often before it answers how often it was called. */
function failing(times: number, error: () => Error) {
  let calls = 0;
  const operations = {
    act: (word: string): Promise<string> => {
      calls += 1;
      return calls <= times ? Promise.reject(error()) : Promise.resolve(`${word} ${calls}`);
    },
  };
  return { store: patient(operations, quick), calls: () => calls };
}

const ofDriver = (number: number) => () => Object.assign(new Error('told by the server'), { number });

describe('an operation', () => {
  test.each([
    ['the victim of a deadlock', ofDriver(1205)],
    ['beaten to a key', ofDriver(2627)],
    ['without a connection', () => Object.assign(new Error('gone'), { code: 'ESOCKET' })],
    ['before a SQLite file that is in use', () => Object.assign(new Error('locked'), busy)],
  ])('is tried again when it was %s', async (_what, error) => {
    const { store } = failing(2, error);
    expect(await store.act('done')).toBe('done 3');
  });

  test('is given up after some attempts, with the last failure', async () => {
    const { store, calls } = failing(99, ofDriver(1205));
    await expect(store.act('done')).rejects.toEqual(new StoreError('unavailable', 'SQL1205'));
    expect(calls()).toBe(4);
  });

  test.each([
    ['does not fit', ofDriver(2628), 'rejected'],
    ['lacks a table', ofDriver(208), 'outdated'],
    ['is not allowed', ofDriver(229), 'forbidden'],
    ['found a conflict itself', () => new StoreError('conflict', 'settings.version'), 'conflict'],
    ['found itself unable', () => new StoreError('unavailable', 'somewhere'), 'unavailable'],
  ])('is tried once when it %s', async (_what, error, failure) => {
    const { store, calls } = failing(99, error);
    await expect(store.act('done')).rejects.toMatchObject({ name: 'StoreError', failure });
    expect(calls()).toBe(1);
  });

  test('that is mistaken says so, and is tried once', async () => {
    const mistake = new RangeError('Invalid time value');
    const { store, calls } = failing(99, () => mistake);
    await expect(store.act('done')).rejects.toBe(mistake);
    expect(calls()).toBe(1);
  });
});

const busy = { code: 'ERR_SQLITE_ERROR', errcode: 5, errstr: 'database is locked' };
