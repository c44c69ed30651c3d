/** Somebody who has left is forgotten once nothing of ours is under way, and never once they have been taken on again. */
import { expect, test } from '@jest/globals';
import { enrol, leave, mayForget } from '../../domain/service-of-person.ts';
import type { Decision, UserPresence, Wish } from '../../domain/user-presence-state.ts';
import { observeRingCentral, settle } from '../../domain/user-presence.ts';

const at = '2026-03-02T08:00:00.000Z';
const first = { extensionId: '101', version: 1 };

function taken(decision: Decision | undefined): Decision {
  if (decision === undefined) throw new Error('Nothing came of it.');
  return decision;
}

/** On the phone in RingCentral, so that Teams holds something. */
function onThePhone(): UserPresence {
  const { state, wishes } = observeRingCentral(
    taken(enrol(undefined, first, at)).state,
    { userStatus: 'Available', telephonyStatus: 'CallConnected' },
    { kind: 'read' },
    at,
  );
  return answered(state, wishes, 'done');
}

function answered(state: UserPresence, wishes: readonly Wish[], outcome: 'done' | 'abandoned'): UserPresence {
  return wishes.reduce(
    (known, { side, revision, hold }) => settle(known, side, { outcome, revision, hold }, at).state,
    state,
  );
}

test('who is looked after is not forgotten, however it is asked for', () => {
  for (const atOnce of [false, true]) expect(mayForget(onThePhone(), atOnce)).toBe(false);
});

test('who has left is forgotten once all is taken back, and before only when nobody waits any longer', () => {
  const { state, wishes } = taken(leave(onThePhone(), 1, at));
  expect(wishes).toHaveLength(1);
  expect(mayForget(state, false)).toBe(false);
  expect(mayForget(state, true)).toBe(true);
  expect(mayForget(answered(state, wishes, 'done'), false)).toBe(true);
});

test('what a vendor refuses to take back keeps nobody from being forgotten', () => {
  const { state, wishes } = taken(leave(onThePhone(), 1, at));
  const refused = wishes.reduce(
    (known, { side, revision, hold }) =>
      settle(known, side, { outcome: 'rejected', revision, hold, code: 'NotFound' }, at).state,
    state,
  );
  expect(mayForget(refused, false)).toBe(true);
});

test('who has come back is not forgotten', () => {
  const { state } = taken(leave(onThePhone(), 1, at));
  const back = taken(enrol(state, first, at)).state;
  expect(mayForget(back, true)).toBe(false);
});
