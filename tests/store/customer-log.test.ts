/** The log that a customer may read. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Happening } from '../../domain/customer-log.ts';
import { makeCustomerLog, type Occurrence } from '../../store/customer-log.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { many, minutesLater, now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

const enrolled = (people: number): Occurrence => ({
  happening: { kind: 'peopleEnrolled', people },
  at: minutesLater(people),
  once: String(people),
});
const numbers = async (size = 100): Promise<number[]> =>
  (await store.customerLog.page(tenantId, { size })).map((entry) => entry.sequence);

describe('the log', () => {
  test('tells what happened, the newest first, with all its particulars', async () => {
    const ada = '2b0c8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
    const happenings: Happening[] = [
      { kind: 'connected', side: 'teams' },
      { kind: 'presenceRefused', side: 'ringCentral', userId: ada, code: 'TAG-109' },
      { kind: 'throttled', side: 'ringCentral', seconds: 60 },
      { kind: 'consentRevoked', side: 'teams', code: 'invalid_grant' },
      { kind: 'dataExported', userId: ada },
      { kind: 'dataExported' },
    ];
    await store.customerLog.append(
      tenantId,
      happenings.map((happening, index) => ({ happening, at: minutesLater(index), once: String(index) })),
    );
    const page = await store.customerLog.page(tenantId, { size: 10 });
    expect(page.map((entry) => entry.happening)).toEqual(happenings.toReversed());
    expect(page[0]).toEqual({
      sequence: 6,
      happening: { kind: 'dataExported' },
      severity: 'info',
      at: minutesLater(5),
    });
    expect(page.map((entry) => entry.severity)).toEqual([
      'info',
      'info',
      'error',
      'warning',
      'warning',
      'info',
    ]);
    expect(await store.customerLog.page(otherId, { size: 10 })).toEqual([]);
  });

  test('is told page by page, by the number of the last entry seen', async () => {
    await store.customerLog.append(
      tenantId,
      many(7, (_text, index) => enrolled(index)),
    );
    const first = await store.customerLog.page(tenantId, { size: 3 });
    const second = await store.customerLog.page(tenantId, { size: 3, before: 5 });
    const last = await store.customerLog.page(tenantId, { size: 3, before: 2 });
    expect([first, second, last].map((page) => page.map((entry) => entry.sequence))).toEqual([
      [7, 6, 5],
      [4, 3, 2],
      [1],
    ]);
  });

  test('takes the same occurrence once, whether in one call or in several', async () => {
    await store.customerLog.append(tenantId, [enrolled(1), enrolled(2), enrolled(1)]);
    await store.customerLog.append(tenantId, [enrolled(2), enrolled(3)]);
    await store.customerLog.append(tenantId, []);
    expect(await numbers()).toEqual([3, 2, 1]);
    await store.customerLog.append(tenantId, [
      { happening: { kind: 'presenceRead', side: 'teams', people: 1 }, at: now, once: '1' },
    ]);
    expect(await numbers()).toEqual([4, 3, 2, 1]);
  });

  test('lets the oldest entries go when there are too many', async () => {
    const log = makeCustomerLog(database.open(), 3);
    await log.append(
      tenantId,
      many(2, (_text, index) => enrolled(index)),
    );
    await log.append(otherId, [enrolled(1)]);
    await log.append(
      tenantId,
      many(5, (_text, index) => enrolled(index)),
    );
    expect(await numbers()).toEqual([5, 4, 3]);
    expect(await store.customerLog.page(otherId, { size: 10 })).toHaveLength(1);
  });

  test('takes more than one statement holds', async () => {
    await store.customerLog.append(
      tenantId,
      many(1200, (_text, index) => enrolled(index)),
    );
    await store.customerLog.append(
      tenantId,
      many(1300, (_text, index) => enrolled(index)),
    );
    expect(await numbers(2000)).toEqual(many(1300, (_text, index) => 1300 - index));
  });

  test('takes nothing of a call in which something does not fit', async () => {
    const unfit: [Occurrence, string][] = [
      [
        { ...enrolled(2), happening: { kind: 'throttled', side: 'teams', seconds: -1 } },
        'log_entries.details',
      ],
      [
        {
          ...enrolled(2),
          happening: { kind: 'presenceRefused', side: 'teams', userId: 'ä', code: 'x' },
        },
        'log_entries.details',
      ],
    ];
    for (const [occurrence, code] of unfit) {
      await expect(store.customerLog.append(tenantId, [enrolled(1), occurrence])).rejects.toMatchObject({
        failure: 'rejected',
        code,
      });
    }
    expect(await numbers()).toEqual([]);
  });
});
