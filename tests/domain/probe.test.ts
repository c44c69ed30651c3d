/** Looking whether a subscription that stands tells of changes: when, at whom, and what counts as news. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { probePauseMinutes, quietAfter, sampleOf, type LookResult } from '../../domain/probe.ts';
import { isNews, isSeenSince, isToldSince, isUnheard, isUntold, type Shown } from '../../domain/read-news.ts';
import { leave } from '../../domain/service-of-person.ts';
import { newUserPresence, type UserPresence } from '../../domain/user-presence-state.ts';
import { observeRingCentral, observeTeams } from '../../domain/user-presence.ts';
import { probeTime } from '../../domain/vendor-subscription.ts';
import { aPerson, type Person } from './person.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
const told = (id: string) => ({ kind: 'notification', id }) as const;
const teams = (availability: string, activity = availability): Shown => ({
  side: 'teams',
  report: { availability, activity },
});
const ringCentral = (report: object): Shown => ({ side: 'ringCentral', report });
const atRest = { userStatus: 'Available', dndStatus: 'TakeAllCalls', telephonyStatus: 'NoCall' };

/** Somebody of whom both sides have told that they are available. */
const known: UserPresence = observeRingCentral(
  observeTeams(
    newUserPresence('101'),
    { availability: 'Available', activity: 'Available' },
    told('t1'),
    at(0),
  ).state,
  atRest,
  told('r1'),
  at(1),
).state;

describe('the pause between looks', () => {
  const results = (...all: LookResult[]): number => all.reduce((quiet, each) => quietAfter(quiet, each), 0);

  test('is 20 minutes where people change, and grows to two hours where nothing happens', () => {
    const pauses = [
      [],
      ['quiet'],
      ['quiet', 'unread'],
      ['quiet', 'quiet', 'quiet', 'quiet'],
    ] as LookResult[][];
    expect(pauses.map((each) => probePauseMinutes(results(...each)))).toEqual([20, 40, 80, 120]);
    expect(probePauseMinutes(results('quiet', 'quiet', 'told'))).toBe(20);
  });

  test('is the longest after a repair, so that a subscription is not made anew again and again', () => {
    expect(probePauseMinutes(results('told', 'silent'))).toBe(120);
  });

  test('is up to a tenth longer, so that tenants do not look in one second', () => {
    const now = new Date(start);
    fc.assert(
      fc.property(fc.uuid(), (seed) => {
        const minutes = (Date.parse(probeTime(now, 20, seed)) - start) / 60_000;
        expect(minutes).toBeGreaterThanOrEqual(20);
        expect(minutes).toBeLessThanOrEqual(22);
      }),
    );
  });
});

test('looks that follow each other go through all people', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 1, max: 60 }), fc.nat(1000), (many, size, turn) => {
      const people = Array.from({ length: many }, (_, index) => index);
      const looks = Math.ceil(many / size);
      const seen = Array.from({ length: looks }, (_, look) => sampleOf(people, turn + look, size));
      expect(new Set(seen.flat())).toEqual(new Set(people));
      expect(seen.every((each) => each.length === Math.min(size, many))).toBe(true);
    }),
  );
});

describe('what is read', () => {
  test('is no news where it is known, whatever the order of reports', () => {
    expect(isNews(known, teams('Available'), at(5))).toBe(false);
    expect(isNews(known, ringCentral(atRest), at(5))).toBe(false);
    const numbered: Shown = {
      side: 'teams',
      report: { availability: 'Available', activity: 'Available', sequenceNumber: '7' },
    };
    expect(isNews(known, numbered, at(5))).toBe(false);
  });

  test('is news where it asks for a write, shows another value, or is about somebody who has left', () => {
    expect(isNews(known, teams('Busy', 'InACall'), at(5))).toBe(true);
    expect(isNews(known, teams('Away'), at(5))).toBe(true);
    expect(isNews(known, ringCentral({ ...atRest, userStatus: 'Offline' }), at(5))).toBe(true);
    expect(isNews(newUserPresence('101'), teams('Available'), at(5))).toBe(true);
    const left = leave(known, 2, at(4))?.state ?? known;
    expect(isNews(left, teams('Available'), at(5))).toBe(true);
  });

  test('is no news where something newer is known', () => {
    expect(isNews(known, teams('Busy', 'InACall'), at(-1))).toBe(false);
  });

  test('that is no news leaves a state that decides as one that was told it', () => {
    const values = fc.constantFrom('Available', 'Away', 'Busy', 'DoNotDisturb', 'Offline', 'AvailableIdle');
    fc.assert(
      fc.property(values, values, values, (first, read, next) => {
        const report = (value: string) => ({ availability: value, activity: value });
        const state = observeTeams(known, report(first), told('t2'), at(3)).state;
        fc.pre(!isNews(state, teams(read), at(4)));
        const wasTold = observeTeams(state, report(read), { kind: 'read' }, at(4)).state;
        const wishes = (from: UserPresence) => observeTeams(from, report(next), told('t3'), at(5)).wishes;
        expect(wishes(state)).toEqual(wishes(wasTold));
      }),
    );
  });
});

describe('what was not told', () => {
  test('is what matters and is shown otherwise than known', () => {
    expect(isUntold(known, teams('Busy', 'InACall'))).toBe(true);
    expect(isUntold(known, teams('AvailableIdle'))).toBe(false);
    expect(isUntold(known, ringCentral({ ...atRest, telephonyStatus: 'CallConnected' }))).toBe(true);
    expect(isUntold(known, ringCentral({ ...atRest, telephonyStatus: 'Ringing' }))).toBe(false);
  });

  test('is nothing of people of whom nothing is known, or who have left', () => {
    expect(isUntold(newUserPresence('101'), teams('Busy'))).toBe(false);
    expect(isUntold(newUserPresence('101'), ringCentral({ userStatus: 'Busy' }))).toBe(false);
    const left = leave(known, 2, at(4))?.state ?? known;
    expect(isUntold(left, teams('Busy'))).toBe(false);
  });
});

describe('beneath our Busy', () => {
  function afterAPhoneCall(echoes: readonly ('InACall' | 'Available')[]): Person {
    const person = aPerson();
    person.written(person.ringCentral({ telephonyStatus: 'CallConnected' }));
    if (echoes.includes('InACall')) person.teams('InACall');
    person.written(person.ringCentral({ telephonyStatus: 'NoCall' }));
    if (echoes.includes('Available')) person.teams('Available');
    return person;
  }

  test('there may be a call, where Teams has not told of the end of ours', () => {
    const person = afterAPhoneCall(['InACall']);
    expect(isUnheard(person.state)).toBe(true);
    person.teams('InACall', { kind: 'read' });
    expect(isUnheard(person.state)).toBe(false);
  });

  test('there is none, where Teams has told of the end of ours', () => {
    expect(isUnheard(afterAPhoneCall(['InACall', 'Available']).state)).toBe(false);
  });

  test('nobody looks while it stands, or once the person is not served any more', () => {
    const person = afterAPhoneCall(['InACall']);
    const left = leave(person.state, 2, person.at)?.state ?? person.state;
    expect(isUnheard(left)).toBe(false);
    const wishes = person.ringCentral({ telephonyStatus: 'CallConnected' });
    expect(isUnheard(person.state)).toBe(false);
    person.written(wishes);
    expect(isUnheard(person.state)).toBe(false);
  });
});

describe('a notification', () => {
  test('vouches for its subscription, and a read does not', () => {
    const read = observeTeams(
      known,
      { availability: 'Away', activity: 'Away' },
      { kind: 'read' },
      at(9),
    ).state;
    expect(isToldSince(read, 'teams', at(-1))).toBe(true);
    expect(isToldSince(read, 'teams', at(0))).toBe(false);
    expect(isSeenSince(read, 'teams', at(8))).toBe(true);
    expect(isToldSince(known, 'ringCentral', at(0))).toBe(true);
    expect(isSeenSince(known, 'ringCentral', at(1))).toBe(false);
  });

  test('about a call alone vouches, too', () => {
    const event = { ...told('r2'), vendorTime: at(20) };
    const called = observeRingCentral(known, { telephonyStatus: 'CallConnected' }, event, at(20)).state;
    expect(isToldSince(called, 'ringCentral', at(19))).toBe(true);
  });
});
