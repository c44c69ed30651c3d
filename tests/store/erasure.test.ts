/** What has to be deleted and when, and the proof of what was. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DueDeletion } from '../../domain/subscription.ts';
import type { ErasureReceipt } from '../../store/erasure.ts';
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

describe('due deletions', () => {
  const deletion = (category: DueDeletion['category'], minutes: number): DueDeletion => ({
    category,
    reason: 'cancelled',
    dueAt: minutesLater(minutes),
  });

  test('are one for each category, the soonest first', async () => {
    await store.dueDeletions.set(tenantId, deletion('billing', 90));
    await store.dueDeletions.set(tenantId, { ...deletion('service', 120), reason: 'suspended' });
    await store.dueDeletions.set(tenantId, deletion('service', 24));
    expect(await store.dueDeletions.of(tenantId)).toEqual([deletion('service', 24), deletion('billing', 90)]);
    expect(await store.dueDeletions.of(otherId)).toEqual([]);
  });

  test('are found when their time has come, whosoever they are', async () => {
    await store.dueDeletions.set(tenantId, deletion('service', 24));
    await store.dueDeletions.set(otherId, deletion('service', 23));
    await store.dueDeletions.set(otherId, deletion('licence', 30));
    expect(await store.dueDeletions.due(minutesLater(22), 10)).toEqual([]);
    const due = [
      { tenantId: otherId, ...deletion('service', 23) },
      { tenantId, ...deletion('service', 24) },
    ];
    expect(await store.dueDeletions.due(minutesLater(24), 10)).toEqual(due);
    expect(await store.dueDeletions.due(minutesLater(60), 2)).toEqual(due);
  });

  test('are read page by page, however many are due at the same instant', async () => {
    await store.dueDeletions.set(tenantId, deletion('service', 24));
    await store.dueDeletions.set(tenantId, deletion('licence', 24));
    await store.dueDeletions.set(otherId, deletion('service', 24));
    await store.dueDeletions.set(otherId, deletion('billing', 25));
    const all = await store.dueDeletions.due(minutesLater(60), 10);
    expect(all).toHaveLength(4);
    const paged = [];
    let page = await store.dueDeletions.due(minutesLater(60), 1);
    for (; page.length > 0; page = await store.dueDeletions.due(minutesLater(60), 1, page.at(-1))) {
      paged.push(...page);
    }
    expect(paged).toEqual(all);
  });

  test('once done are forgotten, those of others not', async () => {
    await store.dueDeletions.set(tenantId, deletion('service', 24));
    await store.dueDeletions.set(tenantId, deletion('billing', 24));
    await store.dueDeletions.set(otherId, deletion('service', 24));
    await store.dueDeletions.clear(tenantId, deletion('service', 24));
    await store.dueDeletions.clear(tenantId, deletion('licence', 24));
    expect(await store.dueDeletions.of(tenantId)).toEqual([deletion('billing', 24)]);
    expect(await store.dueDeletions.of(otherId)).toEqual([deletion('service', 24)]);
  });
});

describe('erasure receipts', () => {
  const receipt = (sequence: number): ErasureReceipt => ({
    sequence,
    body: JSON.stringify({ rows: sequence }),
    previousHash: `h-${sequence - 1}`,
    hash: `h-${sequence}`,
    signature: `s-${sequence}`,
    claimHash: `c-${sequence % 2}`,
    issuedAt: minutesLater(sequence),
  });

  test('are a chain that is read from its beginning', async () => {
    expect(await store.erasureReceipts.newest()).toBeUndefined();
    for (const sequence of [1, 2, 3]) await store.erasureReceipts.append(receipt(sequence));
    expect(await store.erasureReceipts.newest()).toEqual(receipt(3));
    expect(await store.erasureReceipts.page(0, 2)).toEqual([receipt(1), receipt(2)]);
    expect(await store.erasureReceipts.page(1, 2)).toEqual([receipt(3)]);
  });

  test('are appended once, and never replaced', async () => {
    await store.erasureReceipts.append(receipt(1));
    await store.erasureReceipts.append(receipt(1));
    const other = { ...receipt(1), hash: 'another' };
    await expect(store.erasureReceipts.append(other)).rejects.toMatchObject({
      failure: 'conflict',
      code: 'erasure_receipts.sequence',
    });
    expect(await store.erasureReceipts.page(0, 10)).toEqual([receipt(1)]);
  });

  test('that do not fit are refused', async () => {
    await expect(store.erasureReceipts.append({ ...receipt(1), hash: 'ä' })).rejects.toMatchObject({
      failure: 'rejected',
      code: 'erasure_receipts.hash',
    });
    await expect(store.erasureReceipts.append(receipt(0))).rejects.toMatchObject({
      code: 'erasure_receipts.sequence',
    });
  });
});
