/** Who has a seat, and for how many people a plan is. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isOffered, planCatalogueSchema, seatsOf, usualPlans } from '../../domain/plans.ts';
import { seatedOf, type Assignment } from '../../domain/seats.ts';

const anyAssignments: fc.Arbitrary<Assignment[]> = fc.uniqueArray(
  fc.record({
    userId: fc.uuid(),
    assignedAt: fc.integer({ min: 0, max: 5 }).map((day) => new Date(day * 86_400_000).toISOString()),
  }),
  { selector: ({ userId }) => userId, maxLength: 20 },
);
const anySeats = fc.option(fc.nat(25));

describe('seats', () => {
  test('go to whoever was assigned first, as many as there are', () => {
    const people = [
      { userId: 'a', assignedAt: '2026-03-03T08:00:00.000Z' },
      { userId: 'c', assignedAt: '2026-03-02T08:00:00.000Z' },
      { userId: 'b', assignedAt: '2026-03-02T08:00:00.000Z' },
    ];
    expect([...seatedOf(people, 2)]).toEqual(['b', 'c']);
    expect(seatedOf(people, null).size).toBe(3);
    expect(seatedOf(people, 0).size).toBe(0);
  });

  test('are given out alike in whatever order people are listed, none too many and none left over', () => {
    fc.assert(
      fc.property(anyAssignments, anySeats, fc.infiniteStream(fc.nat()), (people, seats, order) => {
        const shuffled = people
          .map((person) => [Number(order.next().value), person] as const)
          .toSorted(([one], [other]) => one - other)
          .map(([, person]) => person);
        const seated = seatedOf(people, seats);
        expect(seatedOf(shuffled, seats)).toEqual(seated);
        expect(seated.size).toBe(Math.min(people.length, seats ?? people.length));
      }),
    );
  });

  test('with more of them nobody loses one, and whoever has one was assigned no later than whoever has none', () => {
    fc.assert(
      fc.property(anyAssignments, fc.nat(20), fc.nat(5), (people, seats, more) => {
        const [few, many] = [seatedOf(people, seats), seatedOf(people, seats + more)];
        for (const userId of few) expect(many.has(userId)).toBe(true);
        const latest = people.filter(({ userId }) => few.has(userId)).map(({ assignedAt }) => assignedAt);
        const earliest = people.filter(({ userId }) => !few.has(userId)).map(({ assignedAt }) => assignedAt);
        for (const one of latest) for (const other of earliest) expect(one <= other).toBe(true);
      }),
    );
  });
});

describe('a plan', () => {
  test.each([
    ['standard', 5, 5],
    ['standard', null, null],
    ['team', null, 25],
    ['team', 3, 25],
    ['no-longer-known', 7, 7],
    ['no-longer-known', null, null],
  ])('%s bought with %p seats is for %p people', (planId, quantity, people) => {
    expect(seatsOf(usualPlans, { planId, quantity })).toBe(people);
  });

  test('is offered when the catalogue has it, which names none twice', () => {
    expect(isOffered(usualPlans, 'premium')).toBe(true);
    expect(isOffered(usualPlans, 'gold')).toBe(false);
    const twice = [...usualPlans, { planId: 'team', perSeat: true }];
    expect(planCatalogueSchema.safeParse(twice).success).toBe(false);
    expect(planCatalogueSchema.safeParse([]).success).toBe(false);
  });
});
