/** What a customer has bought, and the events of the purchase. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BillingEvent } from '../../store/licensing.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { minutesLater, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

describe('a licence', () => {
  test('is one for each customer, and the last one saved', async () => {
    expect(await store.licences.find(tenantId)).toBeUndefined();
    await store.licences.save(tenantId, { planId: 'flat', quantity: null, assigned: 3 }, now);
    expect(await store.licences.find(tenantId)).toEqual({ planId: 'flat', quantity: null, assigned: 3 });
    await store.licences.save(tenantId, { planId: 'seats', quantity: 10, assigned: 4 }, now);
    expect(await store.licences.find(tenantId)).toEqual({ planId: 'seats', quantity: 10, assigned: 4 });
    expect(await store.licences.find(otherId)).toBeUndefined();
  });

  test('keeps what was bought where it is noted how many seats are assigned', async () => {
    await store.licences.noteAssigned(tenantId, 2, now);
    expect(await store.licences.find(tenantId)).toBeUndefined();
    await store.licences.save(tenantId, { planId: 'seats', quantity: 10, assigned: 4 }, now);
    await store.licences.save(otherId, { planId: 'seats', quantity: 3, assigned: 3 }, now);
    await store.licences.noteAssigned(tenantId, 7, now);
    expect(await store.licences.find(tenantId)).toEqual({ planId: 'seats', quantity: 10, assigned: 7 });
    expect(await store.licences.find(otherId)).toEqual({ planId: 'seats', quantity: 3, assigned: 3 });
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 31])('of %p seats is refused', async (quantity) => {
    const saving = store.licences.save(tenantId, { planId: 'seats', quantity, assigned: 0 }, now);
    await expect(saving).rejects.toMatchObject({ failure: 'rejected', code: 'licences.quantity' });
    expect(await store.licences.find(tenantId)).toBeUndefined();
  });
});

describe('billing events', () => {
  const bought: BillingEvent = {
    eventId: 'e-1',
    kind: 'purchased',
    planId: 'seats',
    quantity: 10,
    termUnit: 'P1M',
    purchaser: { mail: 'bjørn@example.com', objectId: 'o-1' },
    happenedAt: minutesLater(2),
  };
  const nobody = { mail: null, objectId: null };
  const changed: BillingEvent = {
    ...bought,
    eventId: 'e-0',
    kind: 'planChanged',
    quantity: null,
    termUnit: null,
    purchaser: nobody,
    happenedAt: minutesLater(3),
  };

  test('are told from the oldest to the newest', async () => {
    await store.billingEvents.add(tenantId, changed);
    await store.billingEvents.add(tenantId, bought);
    expect(await store.billingEvents.all(tenantId)).toEqual([bought, changed]);
    expect(await store.billingEvents.all(otherId)).toEqual([]);
  });

  test('noted again are no new ones', async () => {
    await store.billingEvents.add(tenantId, bought);
    await store.billingEvents.add(tenantId, bought);
    expect(await store.billingEvents.all(tenantId)).toEqual([bought]);
  });
});
