/** The figures of convergence, and which read was asked for last. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addDelay, type BatchFigures } from '../../domain/convergence.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { now, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

const hours = (many: number): Date => new Date(now.getTime() + many * 3_600_000);
const written = (...delays: number[]): BatchFigures => ({ delays, refused: 0, overdue: 0 });

describe('the figures of convergence', () => {
  test('add up within the hour, and stand apart by side, hour and tenant', async () => {
    const { convergence } = store;
    await convergence.add(tenantId, 'teams', { id: 'b-1', figures: written(1000), at: now });
    await convergence.add(tenantId, 'teams', {
      id: 'b-2',
      figures: { ...written(1000, 400_000), refused: 2 },
      at: now,
    });
    await convergence.add(tenantId, 'ringCentral', { id: 'b-2', figures: written(7), at: now });
    await convergence.add(tenantId, 'teams', { id: 'b-3', figures: written(5000), at: hours(1) });
    await convergence.add(otherId, 'teams', { id: 'b-1', figures: written(9), at: now });
    const told = await convergence.since(tenantId, now);
    const thisHour = addDelay(addDelay(addDelay({}, 1000), 1000), 400_000);
    expect(told.map(({ side, histogram, refused }) => ({ side, histogram, refused }))).toEqual([
      { side: 'ringCentral', histogram: addDelay({}, 7), refused: 0 },
      { side: 'teams', histogram: thisHour, refused: 2 },
      { side: 'teams', histogram: addDelay({}, 5000), refused: 0 },
    ]);
    expect(await convergence.since(tenantId, hours(1))).toHaveLength(1);
  });

  test('count a batch once that is added twice in a row', async () => {
    for (const id of ['b-1', 'b-1', 'b-2']) {
      await store.convergence.add(tenantId, 'teams', { id, figures: written(1000), at: now });
    }
    const [hour] = await store.convergence.since(tenantId, now);
    expect(hour?.histogram).toEqual(addDelay(addDelay({}, 1000), 1000));
  });

  test('of more than a week ago go with the first batch of another hour', async () => {
    const week = 168;
    await store.convergence.add(tenantId, 'teams', { id: 'b-1', figures: written(1), at: now });
    await store.convergence.add(tenantId, 'teams', { id: 'b-2', figures: written(1), at: hours(week + 1) });
    expect(await store.convergence.since(tenantId, new Date(0))).toHaveLength(2);
    await store.convergence.add(tenantId, 'teams', { id: 'b-3', figures: written(1), at: hours(week + 2) });
    expect(await store.convergence.since(tenantId, new Date(0))).toHaveLength(2);
  });
});

describe('of the reads that are asked for', () => {
  const scope = { tenantId, side: 'teams', shard: 1 } as const;
  const turn = async (asked: Date, where: typeof scope | object = {}, at = now): Promise<string> =>
    (await store.resyncs.turn({ ...scope, ...where }, { asked, now: at })).kind;

  test('the newest has its turn, by side and shard', async () => {
    expect(await turn(hours(1))).toBe('now');
    expect(await turn(now)).toBe('overtaken');
    expect(await turn(hours(1))).toBe('now');
    expect(await turn(hours(3), { shard: 2 })).toBe('now');
    expect(await turn(hours(3), { side: 'ringCentral' })).toBe('now');
    expect(await turn(hours(2))).toBe('now');
    expect(await turn(hours(1))).toBe('overtaken');
    // Another worker's clock may be behind.
    expect(await turn(new Date(hours(2).getTime() - 2000))).toBe('now');
    expect(await turn(new Date(hours(2).getTime() - 2001))).toBe('overtaken');
  });

  test('none has its turn while the vendor wants a pause', async () => {
    expect(await turn(now)).toBe('now');
    await store.resyncs.pause(scope, hours(1));
    expect(await store.resyncs.turn(scope, { asked: hours(0.5), now: hours(0.5) })).toEqual({
      kind: 'wait',
      until: hours(1),
    });
    expect(await store.resyncs.isPaused(scope, hours(0.5))).toBe(true);
    expect(await store.resyncs.isPaused(scope, hours(1))).toBe(false);
    expect(await turn(now, {}, hours(1))).toBe('overtaken');
    expect(await turn(hours(0.5), {}, hours(1))).toBe('now');
    expect(await turn(now, { shard: 2 })).toBe('now');
  });
});
