/** What is counted where rules are tried. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { holdSchema, type Hold } from '../../domain/presence.ts';
import { outlookOf, summarize, tally, type Outlook } from '../../domain/rules-preview.ts';
import { defaultRules } from '../../domain/sync-rules.ts';
import { enrol } from '../../domain/service-of-person.ts';
import type { UserPresence } from '../../domain/user-presence-state.ts';
import { applyRules, observeRingCentral, observeTeams } from '../../domain/user-presence.ts';

const at = '2026-03-02T08:00:00.000Z';
const later = '2026-03-02T08:01:00.000Z';
const held = fc.option(fc.constantFrom<Hold>(...holdSchema.options), { nil: null });
const side = fc.record({ now: held, after: held, isWritten: fc.boolean() });
const outlook: fc.Arbitrary<Outlook> = fc.record({ userId: fc.uuid(), teams: side, ringCentral: side });

/** Somebody in a call in Teams, seen on both sides. */
function inCall(): UserPresence {
  const origin = { kind: 'read' } as const;
  const state = enrol(undefined, { extensionId: '101', version: 1 }, at)?.state;
  if (state === undefined) throw new Error('Nobody was taken on.');
  const available = observeRingCentral(
    state,
    { userStatus: 'Available', dndStatus: 'TakeAllCalls' },
    origin,
    at,
  );
  return observeTeams(available.state, { availability: 'Busy', activity: 'InACall' }, origin, at).state;
}

describe('a trial of rules', () => {
  test('counts everybody on each side once, however the pages are cut', () => {
    fc.assert(
      fc.property(fc.array(outlook, { maxLength: 30 }), fc.nat(30), (people, cut) => {
        const pages = [people.slice(0, cut), people.slice(cut)].map((page) => ({
          ...tally(page),
          isLast: true,
        }));
        const summary = summarize(pages);
        expect(summary).toEqual(summarize([{ ...tally(people), isLast: true }]));
        expect(summary.people).toBe(people.length);
        for (const counted of [summary.teams, summary.ringCentral]) {
          for (const counts of [counted.now, counted.after]) {
            expect(Object.values(counts).reduce((one, other) => one + other, 0)).toBe(people.length);
          }
        }
        const changing = people.filter(({ teams, ringCentral }) =>
          [teams, ringCentral].some(({ now, after, isWritten }) => now !== after || isWritten),
        );
        expect(summary.userIds).toEqual(changing.map(({ userId }) => userId));
      }),
    );
  });

  test('names so many and no more, and counts all', () => {
    const change = { now: null, after: 'busy', isWritten: true } as const;
    const people = Array.from({ length: 1500 }, (_, n) => ({
      userId: String(n),
      teams: change,
      ringCentral: change,
    }));
    const { changing, userIds } = summarize([{ ...tally(people), isLast: true }]);
    expect([changing, userIds.length]).toEqual([1500, 1000]);
  });
});

describe('what a person’s sides would hold', () => {
  test('is what they hold where the rules are those that hold', () => {
    const state = inCall();
    expect(outlookOf({ userId: 'ada', state }, defaultRules, later)).toEqual({
      userId: 'ada',
      teams: { now: null, after: null, isWritten: false },
      ringCentral: { now: 'busy', after: 'busy', isWritten: false },
    });
  });

  test('is told by the rules that are tried, whichever are known', () => {
    const tried = { ...defaultRules, direction: 'ringCentralToTeams' } as const;
    const state = inCall();
    expect(outlookOf({ userId: 'ada', state }, tried, later).ringCentral).toEqual({
      now: 'busy',
      after: null,
      isWritten: true,
    });
    const ruled = applyRules(state, { rules: tried, version: 7 }, later)?.state ?? state;
    expect(outlookOf({ userId: 'ada', state: ruled }, tried, later).ringCentral.after).toBeNull();
    expect(outlookOf({ userId: 'ada', state: ruled }, defaultRules, later).ringCentral).toMatchObject({
      now: null,
      after: 'busy',
    });
  });
});
