/** Opening the product's database, and the customers in it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, openStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { aTenant, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

describe('the database', () => {
  test('keeps what it holds when it is opened again', async () => {
    await store.tenants.add(aTenant, now);
    const again = await openStore(database.settings);
    expect(await again.tenants.find(tenantId)).toEqual(aTenant);
    await again.close();
  });

  test('takes a second connection at the same time', async () => {
    const second = makeStore(database.open());
    await Promise.all([
      store.tenants.add(aTenant, now),
      second.tenants.add({ ...aTenant, tenantId: otherId }, now),
    ]);
    expect(await second.tenants.ids()).toEqual([tenantId, otherId]);
  });
});

describe('tenants', () => {
  test('are added once, and stay as they were', async () => {
    await store.tenants.add(aTenant, now);
    await store.tenants.add({ ...aTenant, microsoftTenantId: 'another' }, now);
    expect(await store.tenants.find(tenantId)).toEqual(aTenant);
    expect(await store.tenants.find(otherId)).toBeUndefined();
    expect(await store.tenants.ids()).toEqual([tenantId]);
  });

  test('are the same however their ids are written', async () => {
    await store.tenants.add({ ...aTenant, tenantId: tenantId.toUpperCase(), microsoftTenantId: 'M' }, now);
    await store.tenants.add(aTenant, now);
    expect(await store.tenants.find(tenantId.toUpperCase())).toEqual(aTenant);
    expect(await store.tenants.ids()).toEqual([tenantId]);
  });
});
