/** Which wish was last sent towards a vendor. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

describe('delivery attempts', () => {
  const begin = async (...attempts: [string, number][]): Promise<string[]> => {
    const given = attempts.map(([targetId, revision]) => ({ targetId, revision }));
    return [...(await store.deliveryAttempts.begin(tenantId, 'teams', given))];
  };

  test('are told when they repeat one, and only then', async () => {
    expect(await begin(['ada', 1], ['bob', 1])).toEqual([]);
    expect(await begin(['ada', 1], ['bob', 2], ['cyd', 1])).toEqual(['ada']);
    expect(await begin(['bob', 2])).toEqual(['bob']);
    expect(
      await store.deliveryAttempts.begin(tenantId, 'ringCentral', [{ targetId: 'ada', revision: 1 }]),
    ).toEqual(new Set());
  });

  test('that did not reach the vendor are forgotten, those of others not', async () => {
    await begin(['ada', 1], ['bob', 1]);
    await store.deliveryAttempts.forget(tenantId, 'teams', ['ada']);
    await store.deliveryAttempts.forget(tenantId, 'teams', []);
    await store.deliveryAttempts.forget(otherId, 'teams', ['bob']);
    expect(await begin(['ada', 1], ['bob', 1])).toEqual(['bob']);
  });

  test('of the same person twice count as the last', async () => {
    expect(await begin(['ada', 1], ['ada', 2])).toEqual([]);
    expect(await begin(['ada', 2])).toEqual(['ada']);
  });

  test('may be none, and a thousand at once', async () => {
    expect(await begin()).toEqual([]);
    const many = Array.from({ length: 1000 }, (_, n): [string, number] => [`user-${n}`, n]);
    expect(await begin(...many)).toEqual([]);
    expect(await begin(...many)).toHaveLength(1000);
  });
});
