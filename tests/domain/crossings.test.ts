/** Choices of the person that cross what we hold: stories that the properties come upon only now and then. */
import { describe, expect, test } from '@jest/globals';
import type { RingCentralReport } from '../../domain/ring-central-presence.ts';
import { defaultRules, syncRulesSchema } from '../../domain/sync-rules.ts';
import { aPerson, type Person } from './person.ts';
import { pairs } from './steps.ts';
import { World, type Options } from './world.ts';

const anyCalls = { dndStatus: 'DoNotAcceptAnyCalls' };
const allCalls = { dndStatus: 'TakeAllCalls' };
const queueOnly = { dndPolicy: 'blockQueueCalls' } as const;

/** A world in which nothing has happened yet. */
function aWorld(options: Partial<Options> = {}): World {
  return new World({
    stamped: false,
    tieShowsOurs: false,
    echoShape: 'InACall',
    newCallHandling: false,
    queueMember: true,
    rules: defaultRules,
    ...options,
  });
}

/** Do-not-disturb in Teams is shown in RingCentral, by this blocking and Busy, and turns into Busy after a while. */
function busyAfterDoNotDisturb(dndStatus: string, seconds: number): Person {
  const person = aPerson({}, queueOnly);
  person.written(person.teams('DoNotDisturb'));
  person.ringCentral({ userStatus: 'Busy', dndStatus });
  person.wait(seconds);
  person.written(person.teams('Busy'));
  return person;
}

describe('what the person takes away', () => {
  test('in part, while a newer hold waits, leaves the other part ours to put back', () => {
    const world = aWorld();
    world.teamsClient(pairs.Focusing);
    world.rule(syncRulesSchema.parse(queueOnly));
    world.comeToRest();
    world.rule(defaultRules);
    world.chooseBlocking('TakeAllCalls');
    world.teamsClient(pairs.Available);
    world.comeToRest();
    expect(world.ringCentralShown()).toMatchObject({ userStatus: 'Available', ...allCalls });
    expect(world.teamsShown()).toEqual(pairs.Available);
  });

  test('while a wish waits that is dropped unsent, is not ours when they choose it themselves', () => {
    const person = aPerson();
    person.written(person.teams('DoNotDisturb'));
    person.ringCentral(anyCalls);
    person.rule(queueOnly);
    const [again] = person.rule({});
    person.ringCentral(allCalls);
    const revision = again?.revision ?? 0;
    person.answer('ringCentral', { outcome: 'dropped', revision, hold: 'doNotDisturb' });
    expectTheirs(person, anyCalls);
  });

  test('before our write is answered, is theirs once no echo of it can come any more', () => {
    const person = aPerson();
    const asked = person.teams('Presenting');
    person.ringCentral(anyCalls);
    person.ringCentral(allCalls);
    person.written(asked);
    person.wait(120);
    expectTheirs(person, anyCalls);
  });

  test('and had chosen themselves before we held the same is theirs when they choose it again', () => {
    const person = aPerson(
      { userStatus: 'Busy' },
      { ...queueOnly, toRingCentral: { available: 'doNotDisturb' } },
    );
    person.answer('ringCentral', { outcome: 'done', revision: 1, hold: 'noQueueCalls' });
    person.ringCentral({ userStatus: 'Available', ...allCalls });
    person.wait(120);
    person.ringCentral({ userStatus: 'Busy', ...allCalls });
    expect(person.rule({})).not.toMatchObject([{ write: { userStatus: 'Available' } }]);
    expect(person.state.ringCentral.own.userStatus).toBe('Busy');
  });

  /** They choose it, and keep it when nothing is held any more. */
  function expectTheirs(person: Person, chosen: RingCentralReport): void {
    person.ringCentral(chosen);
    expect(person.state.ringCentral.own).toMatchObject(chosen);
    expect(person.teams('Available')).toMatchObject([{ side: 'teams', hold: 'doNotDisturb' }]);
  }
});

describe('the echo of a write', () => {
  test.each([0, 600])('that has changed nothing is not what they choose later, after %i s', (seconds) => {
    // Whoever is in no queue is let all calls through instead.
    const person = busyAfterDoNotDisturb('TakeAllCalls', seconds);
    person.written(person.teams('Available'));
    person.ringCentral({ userStatus: 'Available', ...allCalls });
    expect(person.ringCentral({ userStatus: 'Busy' })).toMatchObject([{ side: 'teams', hold: 'busy' }]);
  });

  test.each([0, 600])('that has changed a part is ours when it comes late, after %i s', (seconds) => {
    const person = busyAfterDoNotDisturb('DoNotAcceptDepartmentCalls', seconds);
    person.written(person.teams('Available'));
    expect(person.ringCentral({ userStatus: 'Busy', ...allCalls })).toEqual([]);
    expect(person.state.ringCentral.own.userStatus).toBe('Available');
  });

  test('that was made anew while it waited is still expected after an event from before it', () => {
    const person = aPerson();
    person.teams('InAMeeting');
    person.written(person.ringCentral({ userStatus: 'Available', dndStatus: 'DoNotAcceptDepartmentCalls' }));
    person.ringCentral({ userStatus: 'Available', ...allCalls });
    person.ringCentral({ userStatus: 'Busy', ...allCalls });
    expect(person.written(person.teams('Available')).write).toEqual({ userStatus: 'Available' });
  });
});

test('whoever changes much while our Busy is being written, and is then invisible, is not left busy', () => {
  const world = aWorld();
  world.teamsClient(pairs.InAMeeting);
  world.deliver('teams', 0);
  world.chooseBlocking('DoNotAcceptDepartmentCalls');
  world.passWish('ringCentral');
  world.advance('ringCentral', 'done');
  world.chooseBlocking('TakeAllCalls');
  world.chooseUserStatus('Offline');
  world.chooseBlocking('DoNotAcceptDepartmentCalls');
  world.chooseBlocking('TakeAllCalls');
  world.comeToRest();
  expect(world.ringCentralShown()).toMatchObject({ userStatus: 'Offline', ...allCalls });
});

test('do-not-disturb in Teams has ended when Busy is shown, also where that could be our late echo', () => {
  const person = aPerson();
  person.written(person.ringCentral({ meetingStatus: 'Connected' }));
  person.written(person.teams('DoNotDisturb'));
  person.written(person.ringCentral({ meetingStatus: 'Disconnected' }));
  expect(person.teams('Busy')).toMatchObject([{ side: 'ringCentral', hold: null }]);
});

test('queue calls that cannot be turned off are Busy also where the table keeps what is held by then', () => {
  const person = aPerson({}, { ...queueOnly, toRingCentral: { away: 'noChange' } });
  const refused = person.teams('DoNotDisturb');
  expect(person.teams('Away')).toEqual([]);
  expect(person.reject(refused)).toMatchObject([{ hold: 'busy', write: { userStatus: 'Busy' } }]);
  expect(person.state.ringCentral.because?.reasons).toEqual(['keeps', 'queueRefused']);
});
