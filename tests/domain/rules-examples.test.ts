/** What a company may set, rule by rule, as one person meets it. */
import { describe, expect, test } from '@jest/globals';
import { rulesFor, syncRulesSchema } from '../../domain/sync-rules.ts';
import { newUserPresence } from '../../domain/user-presence-state.ts';
import { applyRules } from '../../domain/user-presence.ts';
import { aPerson } from './person.ts';

const onCall = { telephonyStatus: 'CallConnected' };
const noCall = { telephonyStatus: 'NoCall' };
const ringing = { telephonyStatus: 'Ringing' };
const clear = { kind: 'clear' };
const newHandling = { dndStatusPersonal: 'TakeAllCalls', acceptCallQueueCalls: true };

describe('the direction', () => {
  test('a side that receives nothing has what we hold there released, at once', () => {
    const person = aPerson();
    person.written(person.ringCentral(onCall));
    expect(person.rule({ direction: 'teamsToRingCentral' })).toMatchObject([{ side: 'teams', write: clear }]);
    person.ringCentral(noCall);
    expect(person.teams('InAMeeting')).toMatchObject([{ side: 'ringCentral', hold: 'busy' }]);
  });

  test('none lets go of both sides, and holds nothing any more', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    expect(person.rule({ direction: 'none' })).toMatchObject([{ side: 'ringCentral', hold: null }]);
    expect([...person.ringCentral(onCall), ...person.teams('DoNotDisturb')]).toEqual([]);
  });
});

describe('the table', () => {
  test('of the company takes the place of the defaults, cell by cell', () => {
    const person = aPerson({}, { toRingCentral: { inMeeting: 'release', away: 'busy' } });
    expect(person.teams('InAMeeting')).toEqual([]);
    expect(person.teams('Away')).toMatchObject([{ hold: 'busy' }]);
  });

  test('a cell that changes nothing neither sets nor releases', () => {
    const person = aPerson({}, { toRingCentral: { away: 'noChange', inMeeting: 'noChange' } });
    expect(person.teams('InAMeeting')).toEqual([]);
    person.written(person.teams('InACall'));
    expect(person.teams('Away')).toEqual([]);
    expect(person.teams('Available')).toMatchObject([{ hold: null }]);
  });

  test('a cell that changes nothing keeps a long hold in Teams from running out', () => {
    const person = aPerson({}, { toTeams: { available: 'noChange' } });
    person.written(person.ringCentral(onCall));
    person.ringCentral(noCall);
    person.wait(4 * 3600);
    expect(person.teams('Available')).toMatchObject([{ side: 'teams', hold: 'busy' }]);
  });

  test('out of office is a status of its own, over which a call is a call', () => {
    const person = aPerson({}, { toRingCentral: { outOfOffice: 'doNotDisturb' } });
    expect(person.teams('OutOfOffice')).toMatchObject([{ hold: 'doNotDisturb' }]);
    const inCall = { availability: 'Busy', activity: 'InACall', isOutOfOffice: true };
    expect(person.teams(inCall)).toMatchObject([{ hold: 'busy' }]);
    const offline = { availability: 'Offline', activity: 'Offline', isOutOfOffice: true };
    expect(person.teams(offline)).toMatchObject([{ hold: 'doNotDisturb' }]);
  });
});

describe('do-not-disturb in RingCentral', () => {
  test('that only shows blocks no calls', () => {
    const person = aPerson({}, { dndPolicy: 'showOnly' });
    expect(person.teams('DoNotDisturb')).toMatchObject([{ write: { userStatus: 'Busy' } }]);
  });

  test('that blocks queue calls is busy and opted out, and both are put back', () => {
    const person = aPerson({}, { dndPolicy: 'blockQueueCalls' });
    const hold = { userStatus: 'Busy', dndStatus: 'DoNotAcceptDepartmentCalls' };
    expect(person.written(person.teams('DoNotDisturb')).write).toEqual(hold);
    expect(person.ringCentral(hold)).toEqual([]);
    const released = { userStatus: 'Available', dndStatus: 'TakeAllCalls' };
    expect(person.written(person.teams('Available')).write).toEqual(released);
  });

  test('that blocks queue calls has a setting of its own with the new call handling', () => {
    const person = aPerson(newHandling, { dndPolicy: 'blockQueueCalls' });
    const hold = { userStatus: 'Busy', acceptCallQueueCalls: false };
    expect(person.written(person.teams('DoNotDisturb')).write).toEqual(hold);
    expect(person.ringCentral({ ...hold, dndStatus: 'DoNotAcceptDepartmentCalls' })).toEqual([]);
    const released = { userStatus: 'Available', acceptCallQueueCalls: true };
    expect(person.written(person.teams('Available')).write).toEqual(released);
  });

  test.each([
    { dndStatus: 'DoNotAcceptDepartmentCalls' },
    { dndStatus: 'TakeDepartmentCallsOnly' },
    { ...newHandling, acceptCallQueueCalls: false },
    { dndStatusPersonal: 'TakeAllCalls' },
  ])('that blocks queue calls is only busy over %j, which stays', (own) => {
    const person = aPerson(own, { dndPolicy: 'blockQueueCalls' });
    expect(person.written(person.teams('DoNotDisturb')).write).toEqual({ userStatus: 'Busy' });
    expect(person.written(person.teams('Available')).write).toEqual({ userStatus: 'Available' });
  });

  test('a person whose queue calls cannot be turned off is shown busy, until the rules are stated anew', () => {
    const person = aPerson(newHandling, { dndPolicy: 'blockQueueCalls' });
    const refused = person.teams('DoNotDisturb');
    expect(person.reject(refused)).toMatchObject([{ hold: 'busy', write: { userStatus: 'Busy' } }]);
    person.teams('Available');
    expect(person.teams('DoNotDisturb')).toMatchObject([{ hold: 'busy' }]);
    expect(person.rule({ dndPolicy: 'blockQueueCalls' })).toMatchObject([{ hold: 'noQueueCalls' }]);
  });

  test('who takes our Busy away has their queue calls back all the same', () => {
    const person = aPerson(newHandling, { dndPolicy: 'blockQueueCalls' });
    person.written(person.teams('DoNotDisturb'));
    person.ringCentral({ userStatus: 'Busy', acceptCallQueueCalls: false });
    person.ringCentral({ userStatus: 'Available', acceptCallQueueCalls: false });
    expect(person.written(person.teams('Available')).write).toEqual({ acceptCallQueueCalls: true });
  });

  test('of the boss, whose calls are never blocked, only shows', () => {
    const rules = rulesFor(syncRulesSchema.parse({}), { neverBlockCalls: true });
    expect(aPerson({}, rules).teams('DoNotDisturb')).toMatchObject([{ write: { userStatus: 'Busy' } }]);
  });
});

describe('what the person has chosen by hand', () => {
  const gentle = { callsOutrankManual: false, toTeams: { inCall: 'doNotDisturb' } } as const;

  test('is outranked by a call, unless the company wants otherwise', () => {
    const outranked = aPerson({}, { toTeams: { inCall: 'doNotDisturb' } });
    outranked.teams('Busy');
    expect(outranked.ringCentral(onCall)).toMatchObject([{ side: 'teams', hold: 'doNotDisturb' }]);
    const person = aPerson({}, gentle);
    person.teams('Busy');
    expect(person.ringCentral(onCall)).toEqual([]);
    expect(person.teams('Available')[0]).toMatchObject({ side: 'teams', hold: 'doNotDisturb' });
  });

  test('as being away or available is outranked by every call', () => {
    const person = aPerson({}, gentle);
    person.teams('Away');
    expect(person.ringCentral(onCall)).toMatchObject([{ hold: 'doNotDisturb' }]);
  });

  test('by appearing offline in Teams stands, until they appear again', () => {
    const person = aPerson();
    person.teams('OffWork');
    expect(person.ringCentral(onCall)).toEqual([]);
    expect(person.teams('Available')).toMatchObject([{ side: 'teams', hold: 'busy' }]);
  });

  test('is not meant where Teams is only closed', () => {
    const person = aPerson();
    person.teams('Offline');
    expect(person.ringCentral(onCall)).toMatchObject([{ side: 'teams', hold: 'busy' }]);
  });
});

describe('a ringing phone', () => {
  const rules = { ringingCountsAfterSeconds: 20 };

  test('counts as a call after a while, and at once when it is answered', () => {
    const person = aPerson({}, rules);
    const [rings] = person.ringCentral(ringing);
    expect(rings).toMatchObject({ hold: 'busy', notBefore: '2026-03-02T08:00:24.000Z' });
    const [answered] = person.ringCentral(onCall);
    expect(answered).toMatchObject({ hold: 'busy', urgency: 'callStart' });
    expect(answered).not.toHaveProperty('notBefore');
    expect(person.teams('Available')).toEqual([]);
  });

  test('that stops before has changed nothing', () => {
    const person = aPerson({}, { ...rules, toTeams: { available: 'noChange' } });
    person.ringCentral(ringing);
    expect(person.ringCentral(noCall)).toMatchObject([{ hold: null, baseline: null }]);
  });

  test('cannot be what Teams shows before it counts', () => {
    const person = aPerson({}, rules);
    person.ringCentral(ringing);
    expect(person.teams('InACall')).toMatchObject([{ side: 'ringCentral', hold: 'busy' }]);
  });

  test('whose ringing has counted is let go of when it stops', () => {
    const person = aPerson({}, { ...rules, wrapUpSeconds: 60 });
    const rings = person.ringCentral(ringing);
    person.wait(21);
    person.written(rings);
    const [stops] = person.ringCentral(noCall);
    expect(stops).toMatchObject({ hold: null, write: clear });
    expect(stops).not.toHaveProperty('notBefore');
  });
});

describe('the time after a call', () => {
  const rules = { wrapUpSeconds: 60 };

  test('is held like the call, and a new call within it costs nothing', () => {
    const person = aPerson({}, rules);
    person.written(person.ringCentral(onCall));
    const ends = person.ringCentral(noCall);
    expect(ends).toMatchObject([{ hold: null, urgency: 'callEnd', notBefore: '2026-03-02T08:01:05.000Z' }]);
    expect(person.ringCentral({ userStatus: 'Available' })).toEqual([]);
    expect(person.ringCentral(onCall)).toMatchObject([{ hold: 'busy', baseline: 'busy' }]);
  });

  test('is not held for what was no call', () => {
    const person = aPerson({}, rules);
    person.written(person.teams('InAMeeting'));
    expect(person.teams('Available')[0]).not.toHaveProperty('notBefore');
  });

  test('does not hold do-not-disturb that ends within it', () => {
    const person = aPerson({}, rules);
    person.written(person.teams('InACall'));
    person.written(person.teams('DoNotDisturb'));
    expect(person.teams('Available')[0]).not.toHaveProperty('notBefore');
  });

  test('ends at once when the company wants none any more', () => {
    const person = aPerson({}, rules);
    person.written(person.ringCentral(onCall));
    person.ringCentral(noCall);
    const [release] = person.rule({});
    expect(release).toMatchObject({ hold: null, write: clear });
    expect(release).not.toHaveProperty('notBefore');
  });
});

describe('inactivity', () => {
  const idle = { availability: 'AvailableIdle', activity: 'Inactive' };
  const away = { availability: 'Away', activity: 'Inactive' };
  const awayHolds = { toRingCentral: { away: 'busy' } } as const;

  test('tells nothing, neither of who is there nor of who is away', () => {
    const person = aPerson({}, awayHolds);
    expect([...person.teams(idle), ...person.teams(away)]).toEqual([]);
    person.written(person.teams('Away'));
    expect(person.teams(away)).toEqual([]);
  });

  test('does not prolong a call, but a meeting may go on through it', () => {
    const person = aPerson();
    person.written(person.teams('InAMeeting'));
    expect(person.teams({ availability: 'BusyIdle', activity: 'Inactive' })).toEqual([]);
    expect(person.teams(idle)).toMatchObject([{ hold: null }]);
    expect(person.state.teams.own).toBe('available');
  });

  test('is being away where the company does not ignore it', () => {
    const person = aPerson({}, { ...awayHolds, ignoreInactivity: false });
    expect(person.teams(idle)).toMatchObject([{ hold: 'busy' }]);
  });
});

describe('quiet hours', () => {
  const nights = { timeZone: 'UTC', days: [], from: '08:10', to: '09:00' };

  test('hold nothing, and afterwards hold what there is then', () => {
    const person = aPerson({}, { quietHours: nights });
    person.written(person.teams('InAMeeting'));
    person.wait(600);
    expect(person.reconsider()).toMatchObject([{ side: 'ringCentral', hold: null }]);
    expect([...person.ringCentral(onCall), ...person.teams('Available')]).toEqual([]);
    person.wait(3600);
    expect(person.reconsider()).toMatchObject([{ side: 'teams', hold: 'busy' }]);
  });

  test('are not ended by a report that comes late', () => {
    const person = aPerson({}, { quietHours: nights });
    person.wait(600);
    person.reconsider();
    person.wait(-20);
    expect(person.teams('InAMeeting')).toEqual([]);
    expect(person.state.teams.own).toBe('inMeeting');
  });
});

describe('the rules for a person', () => {
  test('of an older version are ignored, and the same ones again change nothing', () => {
    const at = '2026-03-02T08:00:00Z';
    const stated = { rules: syncRulesSchema.parse({ direction: 'none' }), version: 3 };
    const known = applyRules(newUserPresence('101'), stated, at)?.state ?? newUserPresence('');
    expect(applyRules(known, { ...stated, version: 2 }, at)).toBeUndefined();
    expect(applyRules(known, stated, at)).toMatchObject({ state: { rules: stated.rules }, wishes: [] });
  });
});

test("a conference call beneath our Busy is the person's, and RingCentral stays busy until it ends", () => {
  const person = aPerson();
  person.written(person.ringCentral(onCall));
  person.teams('InACall');
  expect(person.teams('InAConferenceCall')).toEqual([]);
  expect(person.ringCentral(noCall)).toMatchObject([
    { side: 'teams', hold: null },
    { side: 'ringCentral', hold: 'busy' },
  ]);
  expect(person.teams('Available')).toMatchObject([{ side: 'ringCentral', hold: null }]);
});
