/** A customer's settings, each version kept. */
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

const save = (body: unknown, after: number) => store.settings.save(tenantId, body, { after, at: now });

describe('settings', () => {
  test('are none at first', async () => {
    expect(await store.settings.newest(tenantId)).toBeUndefined();
    expect(await store.settings.find(tenantId, 1)).toBeUndefined();
  });

  test('are kept version by version', async () => {
    const bodies = [{ rules: ['a', 'ä', '😀', "' or 1=1 --"], on: true }, 'text', null];
    for (const [index, body] of bodies.entries()) {
      const at = minutesLater(index);
      expect(await store.settings.save(tenantId, body, { after: index, at })).toBe(index + 1);
    }
    for (const [index, body] of bodies.entries()) {
      expect(await store.settings.find(tenantId, index + 1)).toEqual({
        version: index + 1,
        body,
        changedAt: minutesLater(index),
      });
    }
    expect(await store.settings.newest(tenantId)).toMatchObject({ version: 3, body: null });
    expect(await store.settings.newest(otherId)).toBeUndefined();
  });

  test('saved again by a repeated activity are the version they were', async () => {
    expect(await save({ a: 1 }, 0)).toBe(1);
    expect(await save({ a: 1 }, 0)).toBe(1);
    expect(await save({ a: 2 }, 1)).toBe(2);
    expect(await save({ a: 2 }, 1)).toBe(2);
    expect(await store.settings.find(tenantId, 3)).toBeUndefined();
  });

  test.each([
    ['what somebody else has replaced', 0],
    ['a version that never was', 2],
  ])('are refused on top of %s', async (_case, after) => {
    await save({ a: 1 }, 0);
    await expect(save({ a: 2 }, after)).rejects.toMatchObject({
      failure: 'conflict',
      code: 'settings.version',
    });
    expect(await store.settings.newest(tenantId)).toMatchObject({ version: 1, body: { a: 1 } });
  });

  test('saved again after somebody else went on are refused', async () => {
    await save({ a: 1 }, 0);
    await save({ a: 2 }, 1);
    await expect(save({ a: 1 }, 0)).rejects.toMatchObject({ failure: 'conflict' });
  });

  test('may be long, but not without end', async () => {
    const long = { text: 'ä'.repeat(400_000) };
    await save(long, 0);
    expect(await store.settings.newest(tenantId)).toMatchObject({ body: long });
    await expect(save({ text: 'x'.repeat(1_000_000) }, 1)).rejects.toMatchObject({
      failure: 'rejected',
      code: 'settings.body',
    });
    await expect(save(undefined, 1)).rejects.toMatchObject({ failure: 'rejected', code: 'settings.body' });
  });
});
