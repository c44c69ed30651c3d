/** Who may refresh a connection's tokens. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { minutesLater, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

const acquire = (holder: string, minute: number, tenant = tenantId) =>
  store.leases.acquire(tenant, 'microsoft', holder, { now: minutesLater(minute), seconds: 60 });

describe('a lease', () => {
  test('is one holder’s, who may have it prolonged', async () => {
    expect(await acquire('first', 0)).toBe(true);
    expect(await acquire('second', 0.5)).toBe(false);
    expect(await acquire('first', 0.5)).toBe(true);
    expect(await acquire('second', 1.25)).toBe(false);
  });

  test('that has run out is anybody’s', async () => {
    await acquire('first', 0);
    expect(await acquire('second', 1)).toBe(true);
    expect(await acquire('first', 1)).toBe(false);
  });

  test('given back is anybody’s, but only its holder gives it back', async () => {
    await acquire('first', 0);
    await store.leases.release(tenantId, 'microsoft', 'second');
    expect(await acquire('second', 0)).toBe(false);
    await store.leases.release(tenantId, 'microsoft', 'first');
    expect(await acquire('second', 0)).toBe(true);
  });

  test('is for one connection of one customer', async () => {
    await acquire('first', 0);
    expect(await acquire('second', 0, otherId)).toBe(true);
    const terms = { now: minutesLater(0), seconds: 60 };
    expect(await store.leases.acquire(tenantId, 'ringCentral', 'second', terms)).toBe(true);
  });
});
