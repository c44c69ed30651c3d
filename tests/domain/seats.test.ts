/** Who has a seat: those assigned first, whatever order they are told in. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { seatedOf, type Assignment } from '../../domain/seats.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 2, 2, 8, n)).toISOString();
const at = (userId: string, n: number): Assignment => ({ userId, assignedAt: minute(n) });

/** Few minutes, so that many are assigned together. */
const people = fc.uniqueArray(
  fc.record({ userId: fc.uuid(), assignedAt: fc.integer({ min: 0, max: 5 }).map(minute) }),
  { maxLength: 20, selector: ({ userId }) => userId },
);
const limit = fc.option(fc.nat(25), { nil: null });

describe('seats', () => {
  test('go to those assigned first; of those assigned together the id decides', () => {
    const some = [at('d', 1), at('c', 0), at('b', 1), at('a', 2)];
    expect(seatedOf(some, 1)).toEqual(['c']);
    expect(seatedOf(some, 2)).toEqual(['c', 'b']);
    expect(seatedOf(some, null)).toEqual(['c', 'b', 'd', 'a']);
    expect(seatedOf(some, 0)).toEqual([]);
  });

  test('are given alike in whatever order people are told', () => {
    const shuffled = people.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    fc.assert(
      fc.property(shuffled, limit, ([some, others], seats) => {
        expect(seatedOf(others, seats)).toEqual(seatedOf(some, seats));
      }),
    );
  });

  test('are given to as many as there are people and seats for, and to nobody twice', () => {
    fc.assert(
      fc.property(people, limit, (some, seats) => {
        const seated = seatedOf(some, seats);
        expect(seated).toHaveLength(Math.min(some.length, seats ?? some.length));
        expect(new Set(seated).size).toBe(seated.length);
      }),
    );
  });

  test('that become more take a seat from nobody', () => {
    fc.assert(
      fc.property(people, fc.nat(20), fc.nat(5), (some, seats, more) => {
        const after = new Set(seatedOf(some, seats + more));
        for (const userId of seatedOf(some, seats)) expect(after).toContain(userId);
      }),
    );
  });

  test('that become fewer are taken from nobody before somebody assigned later', () => {
    fc.assert(
      fc.property(people, fc.nat(20), (some, seats) => {
        const seated = new Set(seatedOf(some, seats));
        const [sitting, standing] = [true, false].map((is) =>
          some.filter(({ userId }) => seated.has(userId) === is).map(({ assignedAt }) => assignedAt),
        );
        for (const last of sitting ?? []) {
          for (const first of standing ?? []) expect(last <= first).toBe(true);
        }
      }),
    );
  });

  test('of those who were there first are not given to newcomers', () => {
    fc.assert(
      fc.property(people, fc.nat(20), (some, seats) => {
        const newcomer = at('newcomer', 6);
        const before = seatedOf(some, seats);
        expect(seatedOf([newcomer, ...some], seats).slice(0, before.length)).toEqual(before);
      }),
    );
  });
});
