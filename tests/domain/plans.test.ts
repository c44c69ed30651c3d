/** For how many people a plan is. */
import { describe, expect, test } from '@jest/globals';
import { isOffered, publishedPlans, seatsOf } from '../../domain/plans.ts';
import { planOf } from '../../local/vendors/marketplace/plans.ts';

const catalogue = [
  { planId: 'gold', perSeat: true },
  { planId: 'flat', perSeat: false, includedSeats: 25 },
  { planId: 'everybody', perSeat: false },
] as const;

describe('a plan', () => {
  test.each([
    ['by the seat is for as many people as seats are bought', 'gold', 7, 7],
    ['by the seat of which no number is known has no limit', 'gold', null, null],
    ['at one price is for as many people as it includes', 'flat', null, 25],
    ['at one price is for no more, whatever number comes with it', 'flat', 40, 25],
    ['at one price for all has no limit', 'everybody', null, null],
    ['that is not in the catalogue is for as many people as seats are bought', 'silver', 3, 3],
    ['that is not in the catalogue, and has no seats, has no limit', 'silver', null, null],
  ])('%s', (_name, planId, quantity, seats) => {
    expect(seatsOf([...catalogue], planId, quantity)).toBe(seats);
  });

  test('is offered where the catalogue has it', () => {
    expect(isOffered([...catalogue], 'flat')).toBe(true);
    expect(isOffered([...catalogue], 'Flat')).toBe(false);
  });

  test('of the published ones is sold by the seat where the marketplace sells it so', () => {
    for (const { planId, perSeat } of publishedPlans) {
      expect([planId, planOf(planId).isPricePerSeat]).toEqual([planId, perSeat]);
    }
  });
});
