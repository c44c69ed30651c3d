/** How long changes take to show on the other side. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  addDelay,
  addUp,
  figuresOfHours,
  figuresOf,
  histogramSchema,
  overdueOf,
  promisedMs,
  type Histogram,
} from '../../domain/convergence.ts';

const delay = fc.oneof(
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 0, max: 3 * 3_600_000 }),
  fc.constantFrom(0, 1, promisedMs - 1, promisedMs, promisedMs + 1),
);
const histogramOf = (delays: readonly number[]): Histogram =>
  delays.reduce<Histogram>((histogram, each) => addDelay(histogram, each), {});

const of = (histogram: Histogram) => figuresOfHours([{ histogram, refused: 0 }], 0);

describe('the histogram', () => {
  test.each([
    ['p50Seconds', 0.5],
    ['p95Seconds', 0.95],
    ['p99Seconds', 0.99],
  ] as const)('tells %s at most 9.1 % or 5 ms above the true one, and never below it', (name, share) => {
    fc.assert(
      fc.property(fc.array(delay, { minLength: 1 }), (all) => {
        const sorted = all.toSorted((one, other) => one - other);
        const exact = sorted[Math.ceil(share * all.length) - 1] ?? 0;
        const told = (of(histogramOf(all))[name] ?? -1) * 1000;
        // A bound need not be exact in the last digit, and is told in whole milliseconds, rounded up.
        expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(told).toBeLessThanOrEqual(Math.max(exact * 1.0906 + 1.001, 5.001));
      }),
    );
  });

  test('says of every change whether it was in time', () => {
    fc.assert(
      fc.property(fc.array(delay), (all) => {
        const histogram = histogramOf(all);
        const late = all.filter((each) => each > promisedMs).length;
        expect(of(histogram)).toMatchObject({ written: all.length, late, notConverged: late });
      }),
    );
  });

  test('adds up to the same in whatever order and grouping', () => {
    const histogram = fc.array(delay).map(histogramOf);
    fc.assert(
      fc.property(histogram, histogram, histogram, (one, two, three) => {
        expect(addUp(one, two)).toEqual(addUp(two, one));
        expect(addUp(addUp(one, two), three)).toEqual(addUp(one, addUp(two, three)));
        expect(addUp(one, {})).toEqual(one);
      }),
    );
  });

  test('of two sets together is the sum of theirs', () => {
    fc.assert(
      fc.property(fc.array(delay), fc.array(delay), (some, others) => {
        expect(histogramOf([...some, ...others])).toEqual(addUp(histogramOf(some), histogramOf(others)));
      }),
    );
  });

  test('holds delays of any length, and none below nothing', () => {
    expect(of(addDelay({}, -5)).p50Seconds).toBe(0.005);
    expect(of(addDelay({}, 1e12)).late).toBe(1);
    expect(histogramSchema.safeParse(addDelay(addDelay({}, -1), 1e12)).success).toBe(true);
  });

  test('without changes has no percentile', () => {
    expect(of({})).toMatchObject({ written: 0, p50Seconds: null, p99Seconds: null, notConverged: 0 });
  });
});

test('the figures of several hours are those of all their changes, and what is refused or waits has not converged', () => {
  const hours = [
    { histogram: histogramOf([1000, 400_000]), refused: 1 },
    { histogram: histogramOf([2000]), refused: 2 },
  ];
  expect(figuresOfHours(hours, 4)).toMatchObject({
    written: 3,
    late: 1,
    refused: 3,
    waiting: 4,
    notConverged: 8,
  });
});

describe('a batch of writes', () => {
  const at = new Date('2026-03-02T08:10:00.000Z');
  const ago = (seconds: number): string => new Date(at.getTime() - seconds * 1000).toISOString();

  test('counts delays, refusals, and what waits longer than promised', () => {
    const figures = figuresOf(
      [
        { since: ago(2), result: 'done' },
        { since: undefined, result: 'done' },
        { since: ago(4), result: 'rejected' },
        { since: ago(10), result: 'retry' },
        { since: ago(301), result: 'retry' },
        { since: ago(400), result: 'unsent' },
      ],
      at,
    );
    expect(figures).toEqual({ delays: [2000], refused: 1, overdue: 2 });
  });

  test('of a clock that is behind takes no time', () => {
    expect(figuresOf([{ since: ago(-3), result: 'done' }], at).delays).toEqual([0]);
  });

  test('that waits is overdue after five minutes, and not before', () => {
    expect(overdueOf([{ since: ago(300) }, { since: ago(300.001) }, {}], at)).toBe(1);
  });
});
