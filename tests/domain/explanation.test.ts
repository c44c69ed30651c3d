/** What people are told when they ask why a side shows what it shows. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { explain, type SideExplanation } from '../../domain/explanation.ts';
import type { Side } from '../../domain/presence.ts';
import { aPerson, Person } from './person.ts';
import { underRules, refusal, ruledOptions, runs, stepsOf } from './steps.ts';
import { World } from './world.ts';

const onCall = { telephonyStatus: 'CallConnected' };
const side = (person: Person, which: Side): SideExplanation => explain(person.state, person.at).sides[which];

describe('the chain from the cause to what is shown', () => {
  test('of a call: seen, mapped, asked, written, and seen again on the other side', () => {
    const person = aPerson();
    const wishes = person.ringCentral(onCall);
    expect(side(person, 'teams').delivery).toMatchObject({ state: 'waiting', hold: 'busy' });
    person.wait(2);
    person.written(wishes);
    person.teams('InACall');
    expect(side(person, 'teams')).toEqual({
      shown: {
        status: 'inCall',
        setBy: 'us',
        values: { availability: 'Busy', activity: 'InACall' },
        at: '2026-03-02T08:00:06.000Z',
        by: 'notification',
      },
      own: 'available',
      wanted: { hold: 'busy', from: 'inCall', reasons: ['mapping'], since: '2026-03-02T08:00:03.000Z' },
      delivery: {
        state: 'written',
        hold: 'busy',
        askedAt: '2026-03-02T08:00:03.000Z',
        answeredAt: '2026-03-02T08:00:05.000Z',
        confirmedAt: '2026-03-02T08:00:06.000Z',
      },
    });
    expect(side(person, 'ringCentral')).toMatchObject({
      shown: { status: 'inCall', setBy: 'person' },
      wanted: { hold: null, reasons: ['mapping'] },
      delivery: { state: 'none' },
    });
    const { journal } = explain(person.state, person.at);
    expect(journal.map(({ kind }) => kind)).toEqual(['seen', 'seen', 'seen', 'asked', 'answered', 'seen']);
  });

  test('of a release: the side is seen to show the person again', () => {
    const person = aPerson();
    person.written(person.ringCentral(onCall));
    person.teams('InACall');
    person.written(person.ringCentral({ telephonyStatus: 'NoCall' }));
    expect(side(person, 'teams').shown.setBy).toBe('us');
    person.teams('Available');
    expect(side(person, 'teams')).toMatchObject({
      shown: { status: 'available', setBy: 'person' },
      wanted: { hold: null, from: 'available', reasons: ['mapping'] },
      delivery: { state: 'written', hold: null, confirmedAt: person.at },
    });
  });

  test('of a refusal: the code, and that it is not asked for again', () => {
    const person = aPerson();
    person.reject(person.teams('InAMeeting'));
    person.teams('InACall');
    expect(side(person, 'ringCentral')).toMatchObject({
      shown: { status: 'available', setBy: 'person' },
      wanted: { hold: 'busy', reasons: ['mapping', 'refusedBefore'] },
      delivery: { state: 'refused', code: 'CMN-408' },
    });
  });

  test('of a refused release: until when it is held back', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    person.reject(person.teams('Available'));
    expect(side(person, 'ringCentral')).toMatchObject({
      wanted: { hold: null, reasons: ['mapping', 'releaseRefused'] },
      delivery: { state: 'heldBack', hold: null, notBefore: '2026-03-02T08:01:04.000Z' },
    });
  });

  test('of what is overtaken before it is written', () => {
    const person = aPerson();
    person.teams('InAMeeting');
    const [release] = person.teams('Available');
    person.answer('ringCentral', { outcome: 'dropped', revision: release?.revision ?? 0, hold: null });
    expect(side(person, 'ringCentral').delivery).toMatchObject({ state: 'overtaken', hold: null });
  });

  test('where what is shown could be either, nobody claims to know', () => {
    const person = aPerson({ userStatus: 'Busy' });
    person.written(person.teams('DoNotDisturb'));
    person.written(person.teams('InAMeeting'));
    person.ringCentral({ userStatus: 'Busy', dndStatus: 'TakeAllCalls' });
    expect(side(person, 'ringCentral').shown).toMatchObject({ status: 'busy', setBy: 'unknown' });
  });
});

describe('the reasons', () => {
  const reasons = (person: Person, which: Side): string[] => side(person, which).wanted?.reasons ?? [];

  test.each<[string, string[], Person]>([
    ['policy', ['mapping', 'dndShowsOnly'], aPerson({}, { dndPolicy: 'showOnly' })],
    ['queue', ['mapping', 'dndQueueCalls'], aPerson({}, { dndPolicy: 'blockQueueCalls' })],
    ['direction', ['direction'], aPerson({}, { direction: 'ringCentralToTeams' })],
    ['invisible', ['mapping', 'invisible'], aPerson({ userStatus: 'Offline' })],
    [
      'shown already',
      ['mapping', 'shownAlready'],
      aPerson({ dndStatus: 'DoNotAcceptAnyCalls' }, { direction: 'teamsToRingCentral' }),
    ],
    ['not restorable', ['mapping', 'notRestorable'], aPerson({ dndStatus: 'TakeDepartmentCallsOnly' })],
    ['no change', ['keeps'], aPerson({}, { toRingCentral: { doNotDisturb: 'noChange' } })],
    [
      'quiet hours',
      ['quietHours'],
      aPerson({}, { quietHours: { timeZone: 'UTC', days: ['monday'], from: undefined, to: undefined } }),
    ],
  ])('name what has acted: %s', (_name, expected, person) => {
    person.teams('DoNotDisturb');
    expect(reasons(person, 'ringCentral')).toEqual(expected);
  });

  test('name ringing and the time after a call, with until when', () => {
    const person = aPerson({}, { ringingCountsAfterSeconds: 20, wrapUpSeconds: 60 });
    const rings = person.ringCentral({ telephonyStatus: 'Ringing' });
    expect(reasons(person, 'teams')).toEqual(['ringing', 'mapping']);
    expect(side(person, 'teams').delivery.state).toBe('heldBack');
    person.wait(30);
    expect(side(person, 'teams').delivery.state).toBe('waiting');
    person.written(rings);
    person.ringCentral(onCall);
    person.ringCentral({ telephonyStatus: 'NoCall' });
    expect(reasons(person, 'teams')).toEqual(['mapping', 'wrapUp']);
  });

  test('name what nobody knows yet', () => {
    const person = new Person();
    person.teams('InAMeeting');
    expect(reasons(person, 'teams')).toEqual(['nothingKnown']);
    expect(side(person, 'ringCentral')).toMatchObject({
      shown: { status: 'unknown', setBy: 'unknown' },
      delivery: { state: 'none' },
    });
  });
});

test('at rest, once presence is read anew, whatever has happened, both sides are explained, and the journal stays short', () => {
  const person = fc.oneof(...underRules, refusal);
  fc.assert(
    fc.property(ruledOptions, stepsOf(person), (chosen, steps) => {
      const world = new World(chosen);
      for (const step of steps) step(world);
      world.resync();
      // Where we have let go since the last read, only the next tells what of the person was hidden beneath.
      for (const each of ['teams', 'ringCentral'] as const) world.read(each);
      world.comeToRest();
      const { sides, journal } = explain(world.state, new Date(world.now).toISOString());
      expect(journal.length).toBeLessThanOrEqual(20);
      for (const each of ['teams', 'ringCentral'] as const) {
        const { wanted, delivery, shown } = sides[each];
        expect(wanted?.reasons).not.toHaveLength(0);
        expect(wanted?.hold).toBe(delivery.hold);
        expect(delivery.state).not.toMatch(/waiting|heldBack/);
        // Whoever is said to have set it has: nothing is ours where nothing of ours stands.
        if (shown.setBy === 'us') expect(world.state[each].ledger.touched).not.toEqual([]);
      }
    }),
    runs,
  );
});
