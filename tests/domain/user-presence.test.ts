/** The rules of presence sync against a model of both vendors: convergence, echoes, and what is the person's own. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { strengthOf, strengthOfHold, type Hold, type Side } from '../../domain/presence.ts';
import { readRingCentralStatus, type RingCentralReport } from '../../domain/ring-central-presence.ts';
import { readTeamsStatus } from '../../domain/teams-presence.ts';
import {
  underRules,
  everyPair,
  options,
  pairs,
  refusal,
  ringCentralCalls,
  ringCentralChooses,
  ruledOptions,
  runs,
  stepsOf,
  teamsDoes,
  teamsPrefers,
} from './steps.ts';
import { World } from './world.ts';

/** Each side shows what the person does there, or what the other side's own status asks for if that is stronger. */
function expectAgreement(world: World): void {
  const onTeams = world.wanted('teams');
  const onRingCentral = world.wanted('ringCentral');
  // Queue calls turned off show as Busy.
  const strengthShown = (hold: Hold | null): number => Math.floor(strengthOfHold(hold));
  const expected = {
    teams: world.isPreferred
      ? strengthOf(world.teamsOwn)
      : Math.max(strengthOf(world.teamsOwn), strengthShown(onTeams)),
    ringCentral: Math.max(strengthOf(world.ringCentralOwnStatus), strengthShown(onRingCentral)),
  };
  const shown = {
    teams: strengthOf(readTeamsStatus(world.teamsShown())),
    ringCentral: strengthOf(readRingCentralStatus(world.ringCentralShown())),
  };
  if (world.overrode) {
    expect(shown.teams).toBe(expected.teams);
    expect(shown.ringCentral).toBeLessThanOrEqual(expected.ringCentral);
  } else expect(shown).toEqual(expected);
  expect(world.isAtRest).toBe(true);
}

function expectBounded(world: World): void {
  for (const side of [world.state.teams, world.state.ringCentral]) {
    expect(side.order.recentIds.length).toBeLessThanOrEqual(16);
    expect(side.ledger.echoes.length).toBeLessThanOrEqual(6);
    expect(side.ledger.touched.length).toBeLessThanOrEqual(3);
  }
}

const blockingOf = ({ dndStatus, dndStatusPersonal }: RingCentralReport): string | undefined =>
  dndStatusPersonal ?? dndStatus;

describe('both sides come to agree', () => {
  test('whatever the persons do and however messages travel, once presence is read anew', () => {
    const person = fc.oneof(teamsDoes(everyPair), teamsPrefers, ringCentralCalls, ringCentralChooses);
    fc.assert(
      fc.property(options, stepsOf(person), (chosen, steps) => {
        const world = new World(chosen);
        for (const step of steps) step(world);
        world.resync();
        expectAgreement(world);
        expectBounded(world);
      }),
      runs,
    );
  });

  test('under any rules, also when they change meanwhile', () => {
    const person = fc.oneof(...underRules);
    fc.assert(
      fc.property(ruledOptions, stepsOf(person), (chosen, steps) => {
        const world = new World(chosen);
        for (const step of steps) step(world);
        world.resync();
        expectAgreement(world);
        expectBounded(world);
      }),
      runs,
    );
  });

  test('without any read, as long as nothing the person does in Teams looks like what we set', () => {
    const person = fc.oneof(
      teamsDoes(['Available', 'Away', 'Offline', 'InAMeeting', 'DoNotDisturb']),
      ringCentralCalls,
    );
    fc.assert(
      fc.property(options, stepsOf(person), (chosen, steps) => {
        const world = new World(chosen);
        for (const step of steps) step(world);
        world.comeToRest();
        expectAgreement(world);
      }),
      runs,
    );
  });

  test('and everything is put back as the person left it', () => {
    const person = fc.oneof(teamsDoes(everyPair), ringCentralCalls, ringCentralChooses);
    fc.assert(
      fc.property(options, stepsOf(person), (chosen, steps) => {
        const world = new World(chosen);
        for (const step of steps) step(world);
        world.comeToRest();
        world.call('NoCall');
        world.teamsClient(pairs.Away);
        world.comeToRest();
        world.teamsClient(pairs.Available);
        world.comeToRest();
        expect(blockingOf(world.ringCentralShown())).toBe(blockingOf(world.ringCentralOwn));
        // Do-not-disturb of their own is held in Teams, and hides there what the rest depends on.
        world.chooseBlocking('DoNotAcceptDepartmentCalls');
        world.comeToRest();
        expect(blockingOf(world.ringCentralShown())).toBe(blockingOf(world.ringCentralOwn));
        expect(world.ringCentralShown().dndStatus).toBe('DoNotAcceptDepartmentCalls');
        expect(world.ringCentralShown().userStatus).toBe(world.ringCentralOwn.userStatus);
      }),
      runs,
    );
  });
});

test('nobody is left with anything of ours, whatever the vendors refused meanwhile', () => {
  const person = fc.oneof(teamsDoes(everyPair), ringCentralCalls, ringCentralChooses, refusal, refusal);
  fc.assert(
    fc.property(options, stepsOf(person), (chosen, steps) => {
      const world = new World(chosen);
      for (const step of steps) step(world);
      world.comeToRest();
      world.chooseBlocking('DoNotAcceptDepartmentCalls');
      world.chooseUserStatus('Offline');
      world.meeting('Disconnected');
      world.call('NoCall');
      for (const name of ['Away', 'Available', 'Away'] as const) {
        world.teamsClient(pairs[name]);
        world.comeToRest();
      }
      expect(readTeamsStatus(world.teamsShown())).toBe('away');
      expect(world.ringCentralShown().userStatus).toBe(world.ringCentralOwn.userStatus);
      expect(blockingOf(world.ringCentralShown())).toBe(blockingOf(world.ringCentralOwn));
      expectBounded(world);
    }),
    runs,
  );
});

describe('what it costs', () => {
  const person = fc.oneof(teamsDoes(everyPair), teamsPrefers, ringCentralCalls, ringCentralChooses);
  const writesOn = (world: World, side: Side): number =>
    world.writes.filter((write) => write.side === side).length;

  test('a change costs at most one write on each side, and the same again costs none', () => {
    fc.assert(
      fc.property(options, fc.array(person, { maxLength: 12 }), (chosen, changes) => {
        const world = new World(chosen);
        for (const change of changes) {
          for (const again of [false, true]) {
            const before = { teams: writesOn(world, 'teams'), ringCentral: writesOn(world, 'ringCentral') };
            change(world);
            world.comeToRest();
            for (const side of ['teams', 'ringCentral'] as const) {
              expect(writesOn(world, side) - before[side]).toBeLessThanOrEqual(again ? 0 : 1);
            }
          }
        }
      }),
      runs,
    );
  });

  test('an event that RingCentral sends twice, and reads that tell nothing new, cost none', () => {
    fc.assert(
      fc.property(options, fc.array(person, { maxLength: 12 }), (chosen, changes) => {
        const world = new World(chosen);
        for (const change of changes) change(world);
        world.resync();
        const { wishes } = world;
        world.repeatEvent();
        world.repeatEvent();
        world.resync();
        expect(world.wishes).toBe(wishes);
      }),
      runs,
    );
  });

  test('a change on one side is written only on the other while nothing happens there', () => {
    fc.assert(
      fc.property(options, fc.array(teamsDoes(everyPair), { maxLength: 12 }), (chosen, changes) => {
        const world = new World(chosen);
        for (const change of changes) {
          change(world);
          world.comeToRest();
        }
        expect(writesOn(world, 'teams')).toBe(0);
      }),
      runs,
    );
  });
});
