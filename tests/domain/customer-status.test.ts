import { describe, expect, test } from '@jest/globals';
import {
  canBeCopied,
  copyEnds,
  nextStep,
  type CustomerState,
  type NextStep,
} from '../../domain/customer-status.ts';
import type { DueDeletion } from '../../domain/subscription.ts';

const now = new Date('2026-03-02T08:00:00Z');
const hoursLater = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);
const due = (
  category: DueDeletion['category'],
  hours: number,
  reason: DueDeletion['reason'] = 'cancelled',
): DueDeletion => ({ category, reason, dueAt: hoursLater(hours) });

describe('the next step', () => {
  const cases: [what: string, CustomerState, boolean, DueDeletion[], NextStep][] = [
    ['of what is bought: activate it', 'pending', false, [], 'activate'],
    ['once it is active: connect', 'active', false, [], 'connect'],
    ['once it is connected: none', 'active', true, [], 'none'],
    ['back after a lapse, connect anew', 'active', false, [], 'connect'],
    [
      'back while what was held is to be erased: wait',
      'active',
      false,
      [due('service', 1, 'suspended')],
      'wait',
    ],
    ['back while it is being erased: wait', 'active', true, [due('service', -1, 'suspended')], 'wait'],
    ['another category’s erasure is not waited for', 'active', false, [due('billing', 1)], 'connect'],
    ['suspended: pay', 'suspended', true, [due('service', 100, 'suspended')], 'pay'],
    ['lapsed: pay', 'lapsed', false, [], 'pay'],
    ['cancelled: buy again', 'cancelled', true, [due('service', 24), due('billing', 2160)], 'buyAgain'],
    ['forgotten: buy again', 'forgotten', false, [], 'buyAgain'],
  ];
  test.each(cases)('%s', (_what, state, isConnected, deletions, expected) => {
    expect(nextStep({ state, isConnected, deletions })).toBe(expected);
  });
});

describe('a copy', () => {
  const cases: [what: string, CustomerState, DueDeletion[], boolean][] = [
    ['can be had while the product is used', 'active', [], true],
    ['can be had before it is activated', 'pending', [], true],
    ['can be had while suspended', 'suspended', [due('service', 100, 'suspended')], true],
    [
      'can be had in the day after the cancellation',
      'cancelled',
      [due('service', 24), due('licence', 720)],
      true,
    ],
    ['cannot be had from the instant at which the erasure is due', 'cancelled', [due('service', 0)], false],
    ['cannot be had after the erasure', 'cancelled', [due('licence', 700), due('billing', 2000)], false],
    ['cannot be had after a lapse', 'lapsed', [], false],
    [
      'cannot be had while what is left of a lapse is erased',
      'active',
      [due('service', -1, 'suspended')],
      false,
    ],
    ['cannot be had of what is forgotten', 'forgotten', [], false],
  ];
  test.each(cases)('%s', (_what, state, deletions, expected) => {
    expect(canBeCopied(state, deletions, now)).toBe(expected);
  });

  test('ends with its own time, or with the erasure of service data if that is sooner', () => {
    expect(copyEnds(hoursLater(24), [])).toEqual(hoursLater(24));
    expect(copyEnds(hoursLater(24), [due('service', 3)])).toEqual(hoursLater(3));
    expect(copyEnds(hoursLater(24), [due('service', 30)])).toEqual(hoursLater(24));
    expect(copyEnds(hoursLater(24), [due('licence', 3)])).toEqual(hoursLater(24));
  });
});
