/** Where a subscription stands: state, plan, billing and what is due, in step whatever happens. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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

const plan = { planId: 'standard', quantity: 5 };
const purchaser = { mail: 'bjørn@example.com', objectId: null };
const noted = (eventId: string) => ({ eventId, termUnit: 'P1M', purchaser });
const week = 7 * 24 * 60;
const paid = async (eventId = 'purchase') => {
  const changed = await store.subscriptions.change(
    tenantId,
    { event: 'paid', plan, at: now },
    noted(eventId),
  );
  if (changed === undefined) throw new Error('It has moved on.');
  return changed;
};
const unpaid = (eventId = 'o-1') =>
  store.subscriptions.change(tenantId, { event: 'unpaid', plan, at: minutesLater(1) }, noted(eventId));

describe('a change', () => {
  test('writes state, licence and billing at once, and the same again writes nothing', async () => {
    const { before, after } = await paid();
    expect(before).toBeUndefined();
    expect(after).toEqual({ state: 'active', version: 1, entered: 1, begun: 0, changedAt: now, ...plan });
    expect(await store.subscriptions.find(tenantId)).toEqual(after);
    expect(await store.licences.find(tenantId)).toEqual({ ...plan, assigned: 0 });
    expect(await store.billingEvents.all(tenantId)).toEqual([
      { eventId: 'purchase:1', kind: 'purchased', termUnit: 'P1M', purchaser, happenedAt: now, ...plan },
    ]);
    expect(await paid('again')).toEqual({ before: after, after, change: undefined });
    expect(await store.billingEvents.all(tenantId)).toHaveLength(1);
    expect(await store.subscriptions.find(otherId)).toBeUndefined();
  });

  test('of the plan leaves the seats assigned as they are', async () => {
    await paid();
    await store.licences.save(tenantId, { ...plan, assigned: 4 }, now);
    const bigger = { planId: 'premium', quantity: 9 };
    await store.subscriptions.change(tenantId, { event: 'paid', plan: bigger, at: now }, noted('o-1'));
    expect(await store.licences.find(tenantId)).toEqual({ ...bigger, assigned: 4 });
  });

  test('that does not fit is refused, and nothing of it is written', async () => {
    await paid();
    const seen = { event: 'ended', plan, at: now } as const;
    const refused = store.subscriptions.change(tenantId, seen, noted('ä'));
    await expect(refused).rejects.toMatchObject({ failure: 'rejected', code: 'billing_events.event_id' });
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'active', version: 1 });
    expect(await store.dueDeletions.of(tenantId)).toEqual([]);
  });

  test('by several workers at once is made once', async () => {
    await paid();
    const others = [makeStore(database.open()), makeStore(database.open()), store];
    const answers = await Promise.all(
      others.map((each) =>
        each.subscriptions.change(tenantId, { event: 'unpaid', plan, at: now }, noted('o-1')),
      ),
    );
    expect(answers.filter((each) => each?.change !== undefined)).toHaveLength(1);
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'suspended', version: 2 });
  });

  test('to suspended sets what is due, back to active calls it off, to cancelled sets all', async () => {
    await paid();
    await unpaid();
    expect(await store.dueDeletions.of(tenantId)).toEqual([
      { category: 'service', reason: 'suspended', dueAt: minutesLater(1 + week) },
    ]);
    await paid('o-2');
    expect(await store.dueDeletions.of(tenantId)).toEqual([]);
    await unpaid('o-3');
    await store.subscriptions.change(tenantId, { event: 'ended', plan, at: now }, noted('o-4'));
    expect((await store.dueDeletions.of(tenantId)).map(({ category, reason }) => [category, reason])).toEqual(
      [
        ['service', 'cancelled'],
        ['licence', 'cancelled'],
        ['billing', 'cancelled'],
      ],
    );
    expect((await store.billingEvents.all(tenantId)).map(({ kind }) => kind).toSorted()).toEqual(
      ['cancelled', 'purchased', 'reinstated', 'suspended', 'suspended'].toSorted(),
    );
  });

  test('of what was cancelled is none, so that nothing that is erased comes back', async () => {
    await paid();
    await store.subscriptions.change(tenantId, { event: 'ended', plan, at: now }, noted('o-1'));
    const seen = { event: 'paid', plan: { planId: 'premium', quantity: 9 }, at: now } as const;
    expect(await store.subscriptions.change(tenantId, seen, noted('o-2'))).toMatchObject({
      change: undefined,
    });
    expect(await store.licences.find(tenantId)).toEqual({ ...plan, assigned: 0 });
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'cancelled' });
  });
});

test('what was seen before others have changed it counts for nothing', async () => {
  await paid();
  const seen = { event: 'paid', plan, at: now } as const;
  await unpaid();
  expect(await store.subscriptions.change(tenantId, seen, { ...noted('o-2'), version: 1 })).toBeUndefined();
  expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'suspended', version: 2 });
  expect(await store.dueDeletions.of(tenantId)).toHaveLength(1);
  const { after } = (await store.subscriptions.change(tenantId, seen, { ...noted('o-2'), version: 2 })) ?? {};
  expect(after).toMatchObject({ state: 'active', version: 3 });
});

describe('work', () => {
  test('is to be begun for each version, and an older one’s mark leaves a newer one to be', async () => {
    await paid();
    expect(await store.subscriptions.unbegun(10)).toEqual([tenantId]);
    await unpaid();
    await store.subscriptions.markBegun(tenantId, 1);
    expect(await store.subscriptions.unbegun(10)).toEqual([tenantId]);
    await store.subscriptions.markBegun(tenantId, 2);
    await store.subscriptions.markBegun(tenantId, 1);
    expect(await store.subscriptions.unbegun(10)).toEqual([]);
  });
});

describe('an erasure', () => {
  test('begins when it is due, and not before', async () => {
    await paid();
    await unpaid();
    expect(await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(week))).toBeUndefined();
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'suspended' });
    const due = { category: 'service', reason: 'suspended', dueAt: minutesLater(1 + week) };
    expect(await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(1 + week))).toEqual(due);
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'lapsed', version: 3 });
  });

  test('that a reinstatement has called off does not begin; one that has begun is not called off', async () => {
    await paid();
    await unpaid();
    await paid('o-2');
    expect(
      await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(2 * week)),
    ).toBeUndefined();
    await unpaid('o-3');
    await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(2 * week));
    await paid('o-4');
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'active' });
    expect(await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(2 * week))).toBeDefined();
  });

  test('that is under way is seen through, whatever is seen meanwhile', async () => {
    await paid();
    await unpaid();
    const begun = await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(1 + week));
    const seen = { event: 'ended', plan, at: minutesLater(2 + week) } as const;
    await store.subscriptions.change(tenantId, seen, noted('o-2'));
    expect(await store.subscriptions.beginErasure(tenantId, 'service', minutesLater(2 + week))).toEqual(
      begun,
    );
    await store.dueDeletions.clear(tenantId, { category: 'service', dueAt: minutesLater(3 + week) });
    expect(await store.dueDeletions.of(tenantId)).toHaveLength(3);
  });

  test('of billing waits for those of the other categories, whose work it ends', async () => {
    await paid();
    await store.subscriptions.change(tenantId, { event: 'ended', plan, at: now }, noted('o-1'));
    const after = minutesLater(90 * 24 * 60);
    expect(await store.subscriptions.beginErasure(tenantId, 'billing', after)).toBeUndefined();
    for (const each of await store.dueDeletions.of(tenantId)) {
      if (each.category !== 'billing') await store.dueDeletions.clear(tenantId, each);
    }
    expect(await store.subscriptions.beginErasure(tenantId, 'billing', after)).toBeDefined();
  });

  test('and a reinstatement at the same moment agree on which came first', async () => {
    for (let round = 0; round < 5; round += 1) {
      await paid(`p-${round}`);
      await unpaid(`u-${round}`);
      const [, begun] = await Promise.all([
        makeStore(database.open()).subscriptions.change(
          tenantId,
          { event: 'paid', plan, at: minutesLater(week) },
          noted(`r-${round}`),
        ),
        store.subscriptions.beginErasure(tenantId, 'service', minutesLater(2 * week)),
      ]);
      const left = await store.dueDeletions.of(tenantId);
      expect(left).toHaveLength(begun === undefined ? 0 : 1);
      for (const each of left) await store.dueDeletions.clear(tenantId, each);
    }
  });
});
