import { describe, expect, test } from '@jest/globals';
import {
  canBeCopied,
  copyEnds,
  mayChangeRules,
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
  const toBeErased = [due('service', 1, 'suspended')];
  const beingErased = [due('service', -1, 'suspended')];
  const standing = (state: CustomerState, isConnected: boolean, deletions: DueDeletion[] = []) => ({
    state,
    isConnected,
    deletions,
  });
  const cases: [what: string, standing: Parameters<typeof nextStep>[0], expected: NextStep][] = [
    ['of what is bought: activate it', standing('pending', false), 'activate'],
    ['once it is active: connect', standing('active', false), 'connect'],
    ['once it is connected: none', standing('active', true), 'none'],
    ['back while what was held is to be erased: wait', standing('active', false, toBeErased), 'wait'],
    ['back while it is being erased: wait', standing('active', true, beingErased), 'wait'],
    ['no other category is waited for', standing('active', false, [due('billing', 1)]), 'connect'],
    ['suspended: pay', standing('suspended', true, toBeErased), 'pay'],
    ['lapsed: pay', standing('lapsed', false), 'pay'],
    ['cancelled: buy again', standing('cancelled', true, [due('service', 24)]), 'buyAgain'],
    ['forgotten: buy again', standing('forgotten', false), 'buyAgain'],
  ];
  test.each(cases)('%s', (_what, given, expected) => {
    expect(nextStep(given)).toBe(expected);
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

describe('rules', () => {
  const cases: [what: string, CustomerState, DueDeletion[], boolean][] = [
    ['can be changed while the product is used', 'active', [], true],
    ['cannot be changed before', 'pending', [], false],
    ['cannot be changed while suspended', 'suspended', [due('service', 100, 'suspended')], false],
    ['cannot be changed once cancelled', 'cancelled', [due('service', 24)], false],
    [
      'cannot be changed while what is left of a lapse is erased',
      'active',
      [due('service', -1, 'suspended')],
      false,
    ],
    ['cannot be changed of what is forgotten', 'forgotten', [], false],
  ];
  test.each(cases)('%s', (_what, state, deletions, expected) => {
    expect(mayChangeRules(state, deletions)).toBe(expected);
  });
});
