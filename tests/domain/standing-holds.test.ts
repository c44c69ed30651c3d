/** What runs out in Teams is set again while it is wanted, with one alarm for all. */
import { expect, test } from '@jest/globals';
import { renew } from '../../domain/renewal.ts';
import { heldFor, nextAlarm, renewalsDue, standing, type Renewals } from '../../domain/standing-holds.ts';
import { teamsWrite } from '../../domain/teams-presence.ts';
import { newUserPresence, type UserPresence } from '../../domain/user-presence-state.ts';
import { observeRingCentral, settle } from '../../domain/user-presence.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
const none: Renewals = { standing: {}, alarms: 0 };
const set = (userId: string) => ({ userId, targetId: userId, hold: 'busy' as const });
const cleared = (userId: string) => ({ userId, targetId: userId, hold: null });
const idle = (): boolean => false;

test('a hold is due ten minutes before it runs out, and gone once it is cleared', () => {
  const held = standing(standing(none, 'teams', [set('ada')], at(0)), 'teams', [set('bob')], at(30));
  expect(nextAlarm(held, at(30))).toMatchObject({ alarms: 1, alarmAt: at(230) });
  expect(nextAlarm(standing(held, 'teams', [cleared('ada')], at(40)), at(40))).toMatchObject({
    alarmAt: at(260),
  });
});

test('what is held in RingCentral stands until it is let go of, and never runs out', () => {
  const held = standing(none, 'ringCentral', [set('ada'), set('bob')], at(0));
  expect(Object.keys(held.standing)).toEqual(['ada', 'bob']);
  expect(nextAlarm(held, at(0))).toBeUndefined();
  expect(renewalsDue(held, 0, idle, at(500))).toEqual({ renewals: held, userIds: [] });
  expect(heldFor(held, 60_000, at(0))).toBe(0);
  expect(heldFor(held, 60_000, at(1))).toBe(2);
  expect(heldFor(standing(held, 'ringCentral', [cleared('ada')], at(1)), 60_000, at(1))).toBe(1);
});

test('one alarm stands at a time; one that has not gone off in its time is set anew', () => {
  const set1 = nextAlarm(standing(none, 'teams', [set('ada')], at(0)), at(0)) ?? none;
  expect(nextAlarm(standing(set1, 'teams', [set('bob')], at(5)), at(5))).toBeUndefined();
  expect(nextAlarm(set1, at(232))).toMatchObject({ alarms: 2 });
});

test('the alarm asks for whom it is due; who has a write under way is looked at again, and an old alarm says nothing', () => {
  const three = standing(
    standing(none, 'teams', [set('ada'), set('bob')], at(0)),
    'teams',
    [set('cyd')],
    at(60),
  );
  const alarmed = nextAlarm(three, at(60)) ?? none;
  const { renewals, userIds } = renewalsDue(alarmed, 1, (targetId) => targetId === 'bob', at(230));
  expect(userIds).toEqual(['ada']);
  expect(renewals.standing).toEqual({
    bob: { userId: 'bob', since: at(0), renewAt: at(232) },
    cyd: { userId: 'cyd', since: at(60), renewAt: at(290) },
  });
  expect(nextAlarm(renewals, at(230))).toMatchObject({ alarms: 2, alarmAt: at(232) });
  expect(renewalsDue(renewals, 0, idle, at(240)).userIds).toEqual([]);
});

/** Somebody whose phone call Teams shows since minute 0. */
function inACall(): UserPresence {
  const { state, wishes } = observeRingCentral(
    newUserPresence('101'),
    { telephonyStatus: 'CallConnected' },
    { kind: 'read' },
    at(0),
  );
  const revision = wishes[0]?.revision ?? 0;
  return settle(state, 'teams', { revision, hold: 'busy', outcome: 'done' }, at(0)).state;
}

test('a person in a call asks for the same again, and it counts as held from then on', () => {
  const { state, wishes } = renew(inACall(), at(230));
  expect(wishes).toMatchObject([
    {
      side: 'teams',
      hold: 'busy',
      baseline: 'busy',
      certain: false,
      urgency: 'rest',
      write: teamsWrite('busy'),
    },
  ]);
  expect(state.teams.ledger.echoes).toEqual([]);
  const revision = wishes[0]?.revision ?? 0;
  const { state: settled } = settle(state, 'teams', { revision, hold: 'busy', outcome: 'done' }, at(230));
  expect(settled.teams.ledger).toMatchObject({ heldSince: at(230), confirmed: 'busy', touched: ['busy'] });
});

test('nothing is set again that is not wanted any more, or while a write is under way', () => {
  const call = inACall();
  const over = observeRingCentral(call, { telephonyStatus: 'NoCall' }, { kind: 'read' }, at(200)).state;
  expect(renew(over, at(230))).toEqual({ state: over, wishes: [] });
  const left = { ...call, service: { version: 2, left: true } };
  expect(renew(left, at(230)).wishes).toEqual([]);
  expect(renew(newUserPresence('101'), at(230)).wishes).toEqual([]);
});
