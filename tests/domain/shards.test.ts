import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { placePeople, shardCapacity, type Placeable } from '../../domain/shards.ts';

const people = (count: number, shard?: number): Placeable[] =>
  Array.from({ length: count }, (_, number) => ({
    userId: `u${String(number).padStart(5, '0')}`,
    ...(shard !== undefined && { shard }),
  }));

/** People of whom some have a place, and the shards there are now. */
const company = fc.record({
  people: fc.uniqueArray(fc.record({ userId: fc.uuid(), shard: fc.option(fc.nat(4), { nil: undefined }) }), {
    selector: ({ userId }) => userId,
    maxLength: 40,
  }),
  shards: fc
    .uniqueArray(fc.nat(4), { maxLength: 4 })
    .map((shards) => shards.toSorted((one, other) => one - other)),
});
const capacity = 6;

test('a thousand people are spread evenly over two service users', () => {
  const { placed, unplaced } = placePeople(people(1000), [0, 1]);
  expect(placed.filter(({ shard }) => shard === 0)).toHaveLength(500);
  expect(placed.filter(({ shard }) => shard === 1)).toHaveLength(500);
  expect(unplaced).toEqual([]);
});

test('of 700 people with one service user, the last 50 do not fit and are named', () => {
  const everybody = people(700);
  const { placed, unplaced } = placePeople(everybody, [0]);
  expect(placed).toHaveLength(shardCapacity);
  expect(unplaced).toEqual(everybody.slice(650).map(({ userId }) => userId));
});

test('whoever is new goes where there is room, and nobody moves', () => {
  const before = placePeople(people(11), [0, 1]).placed;
  const after = placePeople([...before, { userId: 'zoe' }], [0, 1]).placed;
  expect(after).toEqual(expect.arrayContaining(before));
});

test('a second service user takes over half of the people, and nobody else moves', () => {
  const { placed } = placePeople(people(650, 0), [0, 1]);
  expect(placed.filter(({ shard }) => shard === 1)).toHaveLength(325);
});

test('somebody new never takes the place of somebody who has one', () => {
  const standing = people(650, 0).map(({ userId }) => ({ userId: `z${userId}`, shard: 0 }));
  expect(placePeople([...standing, { userId: 'aaa' }], [0]).unplaced).toEqual(['aaa']);
});

test('no shard has more than it may, all differ by one at most, and everybody is placed or named', () => {
  fc.assert(
    fc.property(company, ({ people: all, shards }) => {
      const { placed, unplaced } = placePeople(all, shards, capacity);
      const counts = shards.map((shard) => placed.filter((each) => each.shard === shard).length);
      expect(placed.every(({ shard }) => shards.includes(shard))).toBe(true);
      expect(Math.max(0, ...counts)).toBeLessThanOrEqual(capacity);
      if (shards.length > 0) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      const named = [...placed.map(({ userId }) => userId), ...unplaced].toSorted();
      expect(named).toEqual(all.map(({ userId }) => userId).toSorted());
      expect(placed).toHaveLength(Math.min(all.length, capacity * shards.length));
    }),
  );
});

test('the order in which people come does not matter, and a placement stays as it is', () => {
  fc.assert(
    fc.property(company, ({ people: all, shards }) => {
      const placement = placePeople(all, shards, capacity);
      expect(placePeople(all.toReversed(), shards, capacity)).toEqual(placement);
      const again = placePeople(
        [...placement.placed, ...placement.unplaced.map((userId) => ({ userId }))],
        shards,
        capacity,
      );
      expect(again.placed).toEqual(placement.placed);
    }),
  );
});

/** How many leave the shard they have in the best of all even spreads: every way of giving out the odd ones is tried. */
function fewestMoves(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const least = Math.floor(total / counts.length);
  const odd = total % counts.length;
  const waysTo = Array.from({ length: 2 ** counts.length }, (_, bits) =>
    counts.map((_count, index) => Math.floor(bits / 2 ** index) % 2),
  ).filter((way) => way.reduce((sum: number, bit) => sum + bit, 0) === odd);
  return Math.min(
    ...waysTo.map((way) =>
      counts.reduce((moves, count, index) => moves + Math.max(0, count - least - (way[index] ?? 0)), 0),
    ),
  );
}

test('as few people move as an even spread allows', () => {
  fc.assert(
    fc.property(company, ({ people: all, shards }) => {
      const standing = all.filter(({ shard }) => shard !== undefined && shards.includes(shard));
      if (shards.length === 0 || standing.length > capacity * shards.length) return;
      const { placed } = placePeople(standing, shards, capacity);
      const moved = placed.filter(({ userId, shard }) =>
        standing.some((each) => each.userId === userId && each.shard !== shard),
      );
      const counts = shards.map((shard) => standing.filter((each) => each.shard === shard).length);
      expect(moved).toHaveLength(fewestMoves(counts));
    }),
  );
});
