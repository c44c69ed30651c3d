/** Somebody is left, and may come back: nothing of ours stays, nothing of theirs is lost, and what is late changes nothing. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { enrol, leave } from '../../domain/service-of-person.ts';
import { readTeamsStatus } from '../../domain/teams-presence.ts';
import { observeRingCentral, observeTeams, settle } from '../../domain/user-presence.ts';
import {
  newUserPresence,
  userPresenceSchema,
  type UserPresence,
  type Wish,
} from '../../domain/user-presence-state.ts';
import { anything, options, pairs, refusal, runs, stepsOf } from './steps.ts';
import { World } from './world.ts';

const at = '2026-03-02T08:00:00.000Z';
const later = '2026-03-09T08:00:00.000Z';
const read = { kind: 'read' as const };
const quiet = { userStatus: 'Available', dndStatus: 'DoNotAcceptDepartmentCalls', telephonyStatus: 'NoCall' };

const first = { extensionId: '101', version: 1 };

function enrolled(state?: UserPresence, { extensionId, version } = first, when = at): UserPresence {
  const decision = enrol(state, { extensionId, version }, when);
  if (decision === undefined) throw new Error('Nothing came of the enrolment.');
  expect(decision.wishes).toEqual([]);
  return decision.state;
}

function answered(state: UserPresence, wishes: readonly Wish[], outcome: 'done' | 'abandoned'): UserPresence {
  return wishes.reduce(
    (known, { side, revision, hold }) => settle(known, side, { outcome, revision, hold }, at).state,
    state,
  );
}

/** On the phone in RingCentral and presenting in Teams, so that both sides hold something, each confirmed. */
function busyOnBothSides(): UserPresence {
  const known = observeRingCentral(enrolled(), quiet, read, at).state;
  const onThePhone = observeRingCentral(known, { ...quiet, telephonyStatus: 'CallConnected' }, read, at);
  const presenting = observeTeams(onThePhone.state, pairs.Presenting, read, at);
  return answered(presenting.state, [...onThePhone.wishes, ...presenting.wishes], 'done');
}

function left(state: UserPresence, version = 2): { state: UserPresence; wishes: Wish[] } {
  const decision = leave(state, version, at);
  if (decision === undefined) throw new Error('The end came late.');
  return decision;
}

const writes = (wishes: readonly Wish[]): unknown[] => wishes.map(({ side, write }) => ({ side, write }));
const releases = [
  { side: 'teams', write: { kind: 'clear' } },
  { side: 'ringCentral', write: { dndStatus: 'DoNotAcceptDepartmentCalls' } },
];

describe('a person who is left', () => {
  test('is let go of on both sides, each with what stood there before', () => {
    expect(writes(left(busyOnBothSides()).wishes)).toEqual(releases);
  });

  test('of whom nothing is held needs no write', () => {
    expect(left(observeRingCentral(enrolled(), quiet, read, at).state).wishes).toEqual([]);
  });

  test('is not observed any more once the vendors have answered', () => {
    const { state, wishes } = left(busyOnBothSides());
    const gone = answered(state, wishes, 'done');
    expect(observeTeams(gone, pairs.DoNotDisturb, read, later)).toEqual({ state: gone, wishes: [] });
    expect(observeRingCentral(gone, quiet, read, later)).toEqual({ state: gone, wishes: [] });
  });

  test('is left as they choose to be while the release is on its way', () => {
    const { state } = left(busyOnBothSides());
    const chosen = { ...quiet, dndStatus: 'TakeAllCalls' };
    const { wishes } = observeRingCentral(state, chosen, read, later);
    expect(writes(wishes)).toEqual([{ side: 'ringCentral', write: { dndStatus: 'TakeAllCalls' } }]);
  });

  test('is let go of anew by a later end, where the first may not be carried out', () => {
    const { state, wishes } = left(busyOnBothSides());
    expect(writes(left(state, 3).wishes)).toEqual(releases);
    expect(writes(left(answered(state, wishes, 'abandoned'), 3).wishes)).toEqual(releases);
    const refused = wishes.reduce(
      (known, { side, revision, hold }) =>
        settle(known, side, { outcome: 'rejected', code: 'CMN-408', revision, hold }, at).state,
      state,
    );
    expect(writes(left(refused, 3).wishes)).toEqual(releases);
  });

  test('is known even if they were never taken on, so that a late enrolment begins nothing', () => {
    const { state, wishes } = left(newUserPresence(''));
    expect(wishes).toEqual([]);
    expect(leave(undefined, 2, at)?.state).toEqual(state);
    expect(enrol(state, first, later)).toBeUndefined();
    expect(enrolled(state, { extensionId: '101', version: 3 }).extensionId).toBe('101');
  });
});

describe('a person who comes back', () => {
  const back = { extensionId: '101', version: 3 };
  const goneWith = (outcome: 'done' | 'abandoned'): UserPresence => {
    const { state, wishes } = left(busyOnBothSides());
    return enrolled(answered(state, wishes, outcome), back, later);
  };

  test('is known by what is seen from then on', () => {
    const state = goneWith('done');
    expect(state).toMatchObject({ service: { version: 3, left: false }, teams: { own: 'unknown' } });
    expect(state.ringCentral).toMatchObject({ shown: {}, own: {} });
    expect(observeTeams(state, pairs.Available, read, later).wishes).toEqual([]);
    const busy = observeTeams(state, pairs.InAMeeting, read, later).state;
    const { wishes } = observeRingCentral(busy, quiet, read, later);
    expect(writes(wishes)).toEqual([{ side: 'ringCentral', write: { userStatus: 'Busy' } }]);
  });

  test('is let go of where we had to leave something behind, with what stood there before', () => {
    const state = goneWith('abandoned');
    const teams = observeTeams(state, pairs.Available, read, later);
    expect(writes(teams.wishes)).toEqual([{ side: 'teams', write: { kind: 'clear' } }]);
    const ours = { ...quiet, dndStatus: 'DoNotAcceptAnyCalls' };
    const { wishes } = observeRingCentral(teams.state, ours, read, later);
    expect(writes(wishes)).toEqual([releases[1]]);
  });

  test('keeps what they have chosen themselves over what we had left behind', () => {
    const chosen = { ...quiet, dndStatus: 'TakeAllCalls' };
    const { wishes } = observeRingCentral(goneWith('abandoned'), chosen, read, later);
    expect(writes(wishes)).toContainEqual({ side: 'ringCentral', write: { dndStatus: 'TakeAllCalls' } });
  });

  test('on another extension is let go of on the one they had', () => {
    const { state, wishes } = left(busyOnBothSides());
    const moved = enrol(answered(state, wishes, 'abandoned'), { extensionId: '102', version: 3 }, later);
    expect(writes(moved?.wishes ?? [])).toEqual(releases);
    expect(moved?.state).toMatchObject({ extensionId: '102', service: { version: 3, left: false } });
  });
});

describe('what is older than the newest version', () => {
  test('changes nothing', () => {
    const served = enrolled(undefined, { extensionId: '101', version: 3 });
    expect(leave(served, 2, later)).toBeUndefined();
    expect(enrol(served, { extensionId: '102', version: 2 }, later)).toBeUndefined();
    const { state } = left(served, 4);
    expect(enrol(state, { extensionId: '101', version: 3 }, later)).toBeUndefined();
  });

  test('within a version is what was said before: a seat may be lost and given back', () => {
    const again = { extensionId: '101', version: 3 };
    const { state } = left(enrolled(undefined, again), 3);
    expect(enrol(state, again, '2026-03-02T07:59:00.000Z')).toBeUndefined();
    const back = enrolled(state, again, later);
    expect(back.service).toMatchObject({ version: 3, left: false });
    expect(leave(back, 3, at)).toBeUndefined();
  });

  test('is every version for states of old, which are of people who are served', () => {
    const { service: _unsaid, ...old } = busyOnBothSides();
    const state = userPresenceSchema.parse(old);
    expect(state.service).toEqual({ version: 0, left: false });
    expect(writes(left(state, 1).wishes)).toEqual(releases);
  });
});

/** Both sides show what the person has left there, and nothing of ours. */
function expectUntouched(world: World): void {
  expect(world.isAtRest).toBe(true);
  expect(readTeamsStatus(world.teamsShown())).toBe(world.teamsOwn);
  const [shown, own] = [world.ringCentralShown(), world.ringCentralOwn];
  expect({ ...shown, meetingStatus: own.meetingStatus }).toEqual({ ...own, dndStatus: shown.dndStatus });
  expect(shown.dndStatusPersonal ?? shown.dndStatus).toBe(own.dndStatusPersonal ?? own.dndStatus);
  expect(world.state.teams.ledger.touched).toEqual([]);
  expect(world.state.ringCentral.ledger.touched).toEqual([]);
}

test('nothing of ours stays on either side, nothing of theirs is lost, and nothing they do later is our business', () => {
  const person = fc.oneof(anything, anything, anything, refusal);
  fc.assert(
    fc.property(options, stepsOf(person), stepsOf(anything), (chosen, before, after) => {
      const world = new World(chosen);
      for (const step of before) step(world);
      world.leave(2);
      world.comeToRest();
      expectUntouched(world);
      const { writes: made, state } = world;
      const count = made.length;
      for (const step of after) step(world);
      world.resync();
      expect(world.writes).toHaveLength(count);
      expect(world.state).toEqual(state);
    }),
    runs,
  );
});

test('who comes back is in sync again, and stuck with nothing, wherever the exit was cut short', () => {
  fc.assert(
    fc.property(
      options,
      stepsOf(anything),
      stepsOf(anything),
      fc.boolean(),
      (chosen, before, during, isShut) => {
        const world = new World(chosen);
        for (const step of before) step(world);
        world.leave(2);
        for (const step of during) step(world);
        if (isShut) world.shut(2);
        if (isShut) world.comeToRest();
        world.comeBack(3);
        world.resync();
        world.chooseBlocking('DoNotAcceptDepartmentCalls');
        world.chooseUserStatus('Offline');
        world.meeting('Disconnected');
        world.call('NoCall');
        for (const name of ['Away', 'Available', 'Away'] as const) {
          world.teamsClient(pairs[name]);
          world.comeToRest();
        }
        expectUntouched(world);
      },
    ),
    runs,
  );
});
