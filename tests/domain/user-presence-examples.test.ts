/** The rules of presence sync, case by case. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Origin } from '../../domain/observation-order.ts';
import type { Hold } from '../../domain/presence.ts';
import { observeRingCentral, observeTeams } from '../../domain/user-presence.ts';
import { userPresenceSchema } from '../../domain/user-presence-state.ts';
import { aPerson, Person, quiet } from './person.ts';

const busy = { kind: 'set', availability: 'Busy', activity: 'InACall' };
const clear = { kind: 'clear' };

describe('a call in RingCentral', () => {
  test('makes Teams busy, and its end lets go', () => {
    const person = aPerson();
    expect(person.written(person.ringCentral({ telephonyStatus: 'CallConnected' })).write).toEqual(busy);
    expect(person.teams('InACall')).toEqual([]);
    expect(person.written(person.ringCentral({ telephonyStatus: 'NoCall' })).write).toEqual(clear);
    expect(person.teams('Available')).toEqual([]);
  });

  test('that only rings changes nothing', () => {
    expect(aPerson().ringCentral({ telephonyStatus: 'Ringing' })).toEqual([]);
  });

  test('leaves Teams alone where it shows as much already', () => {
    const person = aPerson({ userStatus: 'Busy' });
    const inMeeting = aPerson();
    inMeeting.written(inMeeting.teams('InAMeeting'));
    expect(inMeeting.ringCentral({ telephonyStatus: 'CallConnected' })).toEqual([]);
    expect(person.state.teams.ledger.asked).toBe('busy');
  });

  test('whose end was overtaken by another event is over all the same', () => {
    const person = aPerson();
    const event = (sequence: number): Origin => ({ kind: 'notification', id: `r${sequence}`, sequence });
    person.written(person.ringCentral({ ...quiet, telephonyStatus: 'CallConnected' }, event(1)));
    expect(person.ringCentral({ userStatus: 'Available' }, event(3))).toEqual([]);
    expect(person.ringCentral({ userStatus: 'Busy', telephonyStatus: 'NoCall' }, event(2))).toMatchObject([
      { side: 'teams', hold: null },
    ]);
    expect(person.state.ringCentral.shown.userStatus).toBe('Available');
  });
});

describe('do-not-disturb in Teams', () => {
  test('blocks calls in RingCentral, and puts a queue opt-out back as it was', () => {
    const person = aPerson({ dndStatus: 'DoNotAcceptDepartmentCalls' });
    const hold = person.written(person.teams('DoNotDisturb'));
    expect(hold.write).toEqual({ dndStatus: 'DoNotAcceptAnyCalls' });
    person.ringCentral({ userStatus: 'Available', dndStatus: 'DoNotAcceptAnyCalls' });
    expect(person.written(person.teams('Available')).write).toEqual({
      dndStatus: 'DoNotAcceptDepartmentCalls',
    });
  });

  test('writes only the personal setting where the account has the new call handling', () => {
    const person = aPerson({ dndStatus: 'DoNotAcceptDepartmentCalls', dndStatusPersonal: 'TakeAllCalls' });
    const both = { dndStatus: 'DoNotAcceptAnyCalls', dndStatusPersonal: 'DoNotAcceptAnyCalls' };
    expect(person.written(person.teams('DoNotDisturb')).write).toEqual({
      dndStatusPersonal: 'DoNotAcceptAnyCalls',
    });
    expect(person.ringCentral(both)).toEqual([]);
    expect(person.written(person.teams('Available')).write).toEqual({ dndStatusPersonal: 'TakeAllCalls' });
  });

  test('is held as busy over call blocking that cannot be put back', () => {
    const person = aPerson({ dndStatus: 'TakeDepartmentCallsOnly' });
    expect(person.written(person.teams('DoNotDisturb')).write).toEqual({ userStatus: 'Busy' });
  });

  test('that turns into a call while its write is under way ends as busy, with calls let through again', () => {
    const person = aPerson();
    const [first] = person.teams('DoNotDisturb');
    const [second] = person.teams('InACall');
    expect(second?.write).toEqual({ userStatus: 'Busy', dndStatus: 'TakeAllCalls' });
    person.answer('ringCentral', { outcome: 'done', revision: first?.revision ?? 0, hold: 'doNotDisturb' });
    expect(person.state.ringCentral.ledger.touched).toEqual(['doNotDisturb', 'busy']);
    person.answer('ringCentral', { outcome: 'done', revision: second?.revision ?? 0, hold: 'busy' });
    expect(person.state.ringCentral.ledger.touched).toEqual(['busy']);
  });

  test('ends in RingCentral too when it ends beneath our own busy', () => {
    const person = aPerson();
    person.written(person.ringCentral({ telephonyStatus: 'CallConnected' }));
    person.teams('InACall');
    person.written(person.teams('DoNotDisturb'));
    expect(person.written(person.teams('Busy')).write).toEqual({ dndStatus: 'TakeAllCalls' });
  });
});

describe("the person's own choice", () => {
  test('nothing is held in RingCentral before it is known what stands there', () => {
    const person = new Person();
    expect(person.teams('InAMeeting')).toEqual([]);
    expect(person.ringCentral({ telephonyStatus: 'NoCall' })).toEqual([]);
    expect(person.written(person.ringCentral(quiet)).write).toEqual({ userStatus: 'Busy' });
  });

  test('a manual Offline is left alone', () => {
    expect(aPerson({ userStatus: 'Offline' }).teams('DoNotDisturb')).toEqual([]);
  });

  test('an Offline chosen while we hold busy stands, and nothing is put back over it', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    person.ringCentral({ userStatus: 'Busy' });
    expect(person.ringCentral({ userStatus: 'Offline' })).toEqual([]);
    expect(person.teams('Available')).toEqual([]);
  });

  test('an Offline chosen before our write was sent withdraws it', () => {
    const person = aPerson();
    person.teams('InAMeeting');
    expect(person.ringCentral({ userStatus: 'Offline' })).toMatchObject([{ hold: null, certain: false }]);
  });

  test('an Offline chosen while a release waits withdraws the value that would be put back', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    person.ringCentral({ userStatus: 'Busy' });
    expect(person.teams('Available')).toMatchObject([{ write: { userStatus: 'Available' } }]);
    expect(person.ringCentral({ userStatus: 'Offline' })).toMatchObject([{ hold: null, write: {} }]);
  });

  test('Available chosen while we hold busy stands until something else is wanted', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    person.ringCentral({ userStatus: 'Busy' });
    expect(person.ringCentral({ userStatus: 'Available' })).toEqual([]);
    expect(person.teams('InACall')).toEqual([]);
    expect(person.teams('Available')).toEqual([]);
    expect(person.written(person.teams('InACall')).write).toEqual({ userStatus: 'Busy' });
  });

  test('Available chosen in Teams over our busy stands, and is cleared of ours after the call', () => {
    const person = aPerson();
    person.written(person.ringCentral({ telephonyStatus: 'CallConnected' }));
    person.teams('InACall');
    expect(person.teams('Available')).toEqual([]);
    expect(person.ringCentral({ telephonyStatus: 'OnHold' })).toEqual([]);
    expect(person.written(person.ringCentral({ telephonyStatus: 'NoCall' })).write).toEqual(clear);
  });

  test('an event from before our write is not taken for a choice against it', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    person.ringCentral({ userStatus: 'Available' });
    person.ringCentral({ userStatus: 'Busy' });
    expect(person.written(person.teams('Available')).write).toEqual({ userStatus: 'Available' });
  });
});

describe('an echo', () => {
  /** A short call, released before Teams has told of it. */
  function afterShortCall(): Person {
    const person = aPerson();
    person.written(person.ringCentral({ telephonyStatus: 'CallConnected' }));
    person.written(person.ringCentral({ telephonyStatus: 'NoCall' }));
    return person;
  }

  test('that comes late, twice and in another shape is still ours', () => {
    const person = afterShortCall();
    expect([...person.teams('InACall'), ...person.teams('Busy'), ...person.teams('Available')]).toEqual([]);
  });

  test('is over once something else was shown: the same status is then the person', () => {
    const person = afterShortCall();
    person.teams('InACall');
    person.teams('Available');
    expect(person.teams('InACall')).toMatchObject([{ side: 'ringCentral', hold: 'busy' }]);
  });

  test('is never what a read shows after the release', () => {
    expect(afterShortCall().teams('InACall', { kind: 'read' })).toMatchObject([
      { side: 'ringCentral', hold: 'busy' },
    ]);
  });

  test('is no longer expected two minutes after the write', () => {
    const person = afterShortCall();
    person.wait(120);
    expect(person.teams('InACall')).toMatchObject([{ side: 'ringCentral', hold: 'busy' }]);
  });

  test('is expected from the write on, however long the wish has waited', () => {
    const person = aPerson();
    const wishes = person.ringCentral({ telephonyStatus: 'CallConnected' });
    person.wait(3600);
    person.written(wishes);
    person.written(person.ringCentral({ telephonyStatus: 'NoCall' }));
    expect(person.teams('InACall')).toEqual([]);
  });
});

describe('what a vendor answers', () => {
  test('a refused hold is asked for again only after something else was wanted', () => {
    const person = aPerson();
    person.reject(person.teams('InAMeeting'));
    expect(person.teams('InACall')).toEqual([]);
    expect(person.ringCentral({ telephonyStatus: 'Ringing' })).toEqual([]);
    expect(person.teams('Available')).toEqual([]);
    expect(person.teams('InAMeeting')).toMatchObject([{ hold: 'busy' }]);
  });

  test('a refused release is asked for again by itself, ever more rarely, and then with the next report', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    let release = person.teams('Available');
    for (const minutes of [1, 5, 30]) {
      const due = new Date(Date.parse(person.at) + minutes * 60_000).toISOString();
      release = person.reject(release);
      expect(release).toMatchObject([{ hold: null, notBefore: due, write: { userStatus: 'Available' } }]);
      expect(person.teams('Away')).toEqual([]);
      person.wait(minutes * 60);
    }
    expect(person.reject(release)).toEqual([]);
    person.wait(120);
    expect(person.teams('Available')).toMatchObject([{ hold: null, write: { userStatus: 'Available' } }]);
  });

  test('a refused hold has no echo: the same status is the person, also where it was overtaken', () => {
    const person = aPerson();
    const [refused] = person.teams('DoNotDisturb');
    const release = person.teams('Available');
    person.reject(refused === undefined ? [] : [refused]);
    person.written(release);
    expect(person.ringCentral({ dndStatus: 'DoNotAcceptAnyCalls' })).toMatchObject([
      { side: 'teams', hold: 'doNotDisturb' },
    ]);
  });

  test('what may have been written before a refusal is put back', () => {
    const person = aPerson();
    person.teams('InAMeeting');
    person.reject(person.teams('DoNotDisturb'));
    expect(person.teams('Available')).toMatchObject([{ hold: null, write: { userStatus: 'Available' } }]);
  });

  test('a hold that has run out in Teams during a long call is set again, once', () => {
    const person = aPerson();
    person.written(person.ringCentral({ telephonyStatus: 'CallConnected' }));
    person.teams('InACall');
    person.wait(4 * 3600);
    expect(person.written(person.teams('Available'))).toMatchObject({ write: busy, certain: false });
    expect(person.teams('Available')).toEqual([]);
  });
});

describe('values nobody knows', () => {
  const odd = fc.oneof(
    fc.string({ maxLength: 100 }),
    fc.constantFrom('__proto__', 'constructor', 'Vacation'),
  );

  test('never throw and never set anything', () => {
    const known =
      /^(busy|inacall|inaconferencecall|inameeting|presenting|focusing|urgentinterruptionsonly|donotdisturb|busyidle)$/i;
    const unknown = odd.filter((text) => !known.test(text));
    const report = fc.oneof(
      fc.record({ availability: unknown, activity: unknown }).map((teams) => ({ teams })),
      fc
        .record({ userStatus: odd, dndStatus: odd, telephonyStatus: odd }, { requiredKeys: [] })
        .map((ringCentral) => ({ ringCentral })),
    );
    fc.assert(
      fc.property(fc.array(report, { maxLength: 8 }), (reports) => {
        const person = aPerson();
        for (const said of reports) {
          const origin: Origin = { kind: 'read' };
          const wishes =
            'teams' in said
              ? observeTeams(person.state, said.teams, origin, person.at)
              : observeRingCentral(person.state, said.ringCentral, origin, person.at);
          person.state = userPresenceSchema.parse(JSON.parse(JSON.stringify(wishes.state)));
          expect(wishes.wishes).toEqual([]);
        }
      }),
    );
  });

  test.each<[string, Hold | null]>([
    ['Busy', 'busy'],
    ['Vacation', null],
  ])('release what was held before: %s', (availability, hold) => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    person.wait(1);
    const report = { availability, activity: availability };
    const origin: Origin = { kind: 'notification', id: 'odd' };
    const { state } = observeTeams(person.state, report, origin, person.at);
    expect(state.ringCentral.ledger.asked).toBe(hold);
  });
});
