/** What becomes of a subscription, whatever is seen of it in whatever order. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  eventOfStatus,
  lifecycleEvents,
  nextState,
  tenantStates,
  transitions,
} from '../../domain/lifecycle.ts';
import { changeOf, type Seen, type Subscription } from '../../domain/subscription.ts';

const at = new Date('2026-03-02T08:00:00Z');
const plan = { planId: 'standard', quantity: 5 };
const hours = (count: number): Date => new Date(at.getTime() + count * 3_600_000);
const active: Subscription = { state: 'active', version: 3, entered: 2, ...plan };
const suspended: Subscription = { ...active, state: 'suspended', version: 4, entered: 4 };
const lapsed: Subscription = { ...active, state: 'lapsed', version: 5, entered: 5 };

const anyEvent = fc.constantFrom(...lifecycleEvents, undefined);
const anyPlan = fc.option(
  fc.record({ planId: fc.constantFrom('standard', 'premium'), quantity: fc.option(fc.nat(3)) }),
  { nil: undefined },
);
const anySeen: fc.Arbitrary<Seen> = fc.record({
  event: anyEvent,
  plan: anyPlan,
  at: fc.nat(10_000).map((hour) => hours(hour)),
});

function live(seen: readonly Seen[]): (Subscription | undefined)[] {
  const lives: (Subscription | undefined)[] = [undefined];
  for (const each of seen) {
    const before = lives.at(-1);
    lives.push(changeOf(before, each)?.after ?? before);
  }
  return lives;
}

describe('the table of transitions', () => {
  test('leaves no state but the last without a way to the end', () => {
    for (const state of tenantStates) {
      expect(nextState(state, 'ended')).toBe(state === 'cancelled' ? undefined : 'cancelled');
    }
    expect(transitions.cancelled).toEqual({});
  });

  test('keeps nothing of what had ended before it was known', () => {
    expect(changeOf(undefined, { event: 'ended', plan, at })).toBeUndefined();
  });

  test.each([
    ['Subscribed', 'paid'],
    ['Suspended', 'unpaid'],
    ['Unsubscribed', 'ended'],
    ['PendingFulfillmentStart', undefined],
    ['NotStarted', undefined],
    ['Frozen', undefined],
  ])('the status %s of the marketplace is the event %s', (status, event) => {
    expect(eventOfStatus(status)).toBe(event);
  });
});

describe('a change', () => {
  test('of plan or seats is told to billing as what it is, and enters no state', () => {
    const of = (change: object) => changeOf(active, { event: 'paid', plan: { ...plan, ...change }, at });
    expect(of({ quantity: 6 })).toMatchObject({
      after: { version: 4, entered: 2, quantity: 6 },
      kind: 'quantityChanged',
      due: [],
    });
    expect(of({ planId: 'team', quantity: null })?.kind).toBe('planChanged');
    expect(of({})).toBeUndefined();
  });

  test('to suspended has service data erased after 7 days, and nothing else', () => {
    expect(changeOf(active, { event: 'unpaid', plan, at })).toMatchObject({
      after: { state: 'suspended', version: 4, entered: 4 },
      kind: 'suspended',
      due: [{ category: 'service', reason: 'suspended', dueAt: hours(7 * 24) }],
    });
  });

  test('back from suspended in time calls that off; once lapsed it is seen through', () => {
    expect(changeOf(suspended, { event: 'paid', plan, at })?.calledOff).toEqual(['service']);
    expect(changeOf(suspended, { event: 'timeUp', plan: undefined, at })).toMatchObject({
      after: { state: 'lapsed' },
      kind: undefined,
      calledOff: [],
    });
    expect(changeOf(lapsed, { event: 'paid', plan, at })).toMatchObject({
      after: { state: 'active' },
      kind: 'reinstated',
      calledOff: [],
    });
  });

  test.each([active, suspended, lapsed])('to cancelled sets all three deletions: from $state', (before) => {
    expect(changeOf(before, { event: 'ended', plan: { planId: 'x', quantity: 0 }, at })).toMatchObject({
      after: { state: 'cancelled', planId: 'standard', quantity: 5 },
      kind: 'cancelled',
      due: [
        { category: 'service', dueAt: hours(24) },
        { category: 'licence', dueAt: hours(30 * 24) },
        { category: 'billing', dueAt: hours(90 * 24) },
      ],
    });
  });

  test('leads to the same when the same is seen twice, and never out of the end', () => {
    fc.assert(
      fc.property(fc.array(anySeen, { maxLength: 12 }), (seen) => {
        const lives = live(seen);
        const last = lives.at(-1);
        const newest = seen.at(-1);
        if (newest !== undefined) expect(changeOf(last, { ...newest, event: undefined })).toBeUndefined();
        const end = lives.findIndex((each) => each?.state === 'cancelled');
        if (end >= 0) expect(new Set(lives.slice(end)).size).toBe(1);
      }),
    );
  });

  test('counts versions one by one, and names the one that brought the state', () => {
    fc.assert(
      fc.property(fc.array(anySeen, { maxLength: 12 }), (seen) => {
        const kept = live(seen).filter((each) => each !== undefined);
        kept.forEach((each, index) => {
          const before = kept[index - 1];
          expect(each.entered).toBeLessThanOrEqual(each.version);
          if (before === undefined || before === each) return;
          expect(each.version).toBe(before.version + 1);
          expect(each.entered === each.version).toBe(each.state !== before.state);
        });
      }),
    );
  });
});
