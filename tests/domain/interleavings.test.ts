/**
 * Every interleaving there is, of small stories: whatever order the person's deeds, the notifications, the messages between
 * our entities and the writes come in, with faults. Random tests reach further stories, this leaves nothing out of the small ones.
 */
import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { strengthOf, type Status } from '../../domain/presence.ts';
import { readRingCentralStatus } from '../../domain/ring-central-presence.ts';
import { defaultMapping } from '../../domain/sync-rules.ts';
import { readTeamsStatus } from '../../domain/teams-presence.ts';
import {
  act,
  beginning,
  comeToRest,
  laterBy,
  moves,
  readBoth,
  ringCentralOwn,
  ringCentralShown,
  teamsOwn,
  teamsShown,
  type Place,
  type Scenario,
} from './small-world.ts';

interface Explored {
  /** Distinct orders in which all that happens may happen. */
  interleavings: number;
  /** Distinct states of the whole world. */
  places: number;
  ends: number;
  /** What has gone wrong, and after what. */
  failure?: string;
}

/** Walks every way from the beginning, each place once, and calls `atRest` at each end. */
function explore(scenario: Scenario, atRest: (place: Place) => void): Explored {
  const waysFrom = new Map<string, number>();
  const way: string[] = [];
  let ends = 0;
  const walk = (place: Place): number => {
    const key = keyOf(place);
    const known = waysFrom.get(key);
    if (known !== undefined) return known;
    if (way.length > 150) throw new Error('Presence does not come to rest.');
    const next = moves(place, scenario);
    let ways = 0;
    if (next.length === 0) {
      ends += 1;
      ways = 1;
      atRest(place);
    }
    for (const { name, to } of next) {
      way.push(name);
      ways += walk(to);
      way.pop();
    }
    waysFrom.set(key, ways);
    return ways;
  };
  try {
    const interleavings = walk(comeToRest(beginning(scenario), scenario));
    return { interleavings, places: waysFrom.size, ends };
  } catch (error) {
    const failure = `${(error as Error).message} After: ${way.slice(0, 60).join(', ')}`;
    return { interleavings: 0, places: waysFrom.size, ends, failure };
  }
}

/** The journal and the count of wishes tell of the past, and decide nothing: places that differ only there are the same. */
function keyOf({ wishes: _counted, person, ...place }: Place): string {
  const { journal: _told, ...deciding } = person as Place['person'] & { journal?: unknown };
  return hash('md5', JSON.stringify([place, deciding]), 'base64');
}

/** Each side shows what the person does there, or what the other side's own status asks for if that is stronger. */
function expectAgreement(place: Place, { options }: Scenario): void {
  const own = ringCentralOwn(place, options);
  const [inTeams, onPhone] = [teamsOwn(place), readRingCentralStatus(own)];
  const asked = { teams: strengthAsked(onPhone), ringCentral: strengthAsked(inTeams) };
  const expected = {
    // What is picked by hand in Teams shows there, whatever we hold; who is invisible in RingCentral stays so.
    teams: Math.max(strengthOf(inTeams), place.teams.preferred === null ? asked.teams : 0),
    ringCentral: Math.max(strengthOf(onPhone), own.userStatus === 'Offline' ? 0 : asked.ringCentral),
  };
  const shown = {
    teams: strengthOf(readTeamsStatus(teamsShown(place, options))),
    ringCentral: strengthOf(readRingCentralStatus(ringCentralShown(place, options))),
  };
  // Who has taken away a value of ours has it their way.
  const agrees =
    shown.teams === expected.teams &&
    (place.overrode ? shown.ringCentral <= expected.ringCentral : shown.ringCentral === expected.ringCentral);
  if (!agrees) throw new Error(`Shown is ${JSON.stringify(shown)}, and not ${JSON.stringify(expected)}.`);
}

/** How strongly a status asks, by the default rules, not to be disturbed on the other side. */
function strengthAsked(status: Status): number {
  const cell = defaultMapping[status];
  return cell === 'busy' || cell === 'doNotDisturb' ? strengthOf(cell) : 0;
}

/** Reading both sides anew brings them together, and then makes no difference any more. */
function expectFixedPoint(end: Place, scenario: Scenario): Place {
  let place = end;
  for (let round = 0; round < 3; round++) {
    place = comeToRest(readBoth(laterBy(place, 5), scenario), scenario);
  }
  expectAgreement(place, scenario);
  const again = comeToRest(readBoth(laterBy(place, 5), scenario), scenario);
  if (again.wishes !== place.wishes) throw new Error('Reading the same once more has led to a write.');
  return again;
}

/** Once nothing asks for a hold any more, all of ours is gone, and what the person chose stands. */
function expectPutBack(end: Place, scenario: Scenario): void {
  const { options } = scenario;
  let place = end;
  for (const deed of [
    { call: 'NoCall' },
    { prefers: null },
    { client: 'Away' },
    { client: 'Available' },
    { client: 'Away' },
  ] as const) {
    place = comeToRest(act(place, deed, options), scenario);
  }
  const field = options.newCallHandling ? 'dndStatusPersonal' : 'dndStatus';
  const [shown, own] = [ringCentralShown(place, options), ringCentralOwn(place, options)];
  if (shown.userStatus !== own.userStatus || shown[field] !== own[field]) {
    throw new Error(
      `RingCentral shows ${JSON.stringify(shown)}, and the person left ${JSON.stringify(own)}.`,
    );
  }
  if (own[field] === 'DoNotAcceptAnyCalls' || own.userStatus === 'Busy') return;
  if (readTeamsStatus(teamsShown(place, options)) !== 'away')
    throw new Error('Teams still shows what is ours.');
}

const call = [{ call: 'CallConnected' }, { call: 'NoCall' }] as const;
const teamsCall = [{ client: 'InACall' }, { client: 'Available' }] as const;
const plain = { stamped: true, tieShowsOurs: false, echoShape: 'InACall', newCallHandling: false } as const;
const odd = { stamped: false, tieShowsOurs: true, echoShape: 'Busy', newCallHandling: true } as const;
const none = { throttled: 0, lostAnswer: 0, copied: 0 };

const stories: Record<string, Omit<Scenario, 'options'>> = {
  'a call in Teams ends while one in RingCentral begins': {
    teams: teamsCall,
    ringCentral: [{ call: 'CallConnected' }],
    faults: none,
  },
  'a call in RingCentral ends while one in Teams begins': {
    teams: [{ client: 'InACall' }],
    ringCentral: call,
    faults: none,
  },
  'do-not-disturb is chosen in Teams and taken back while a call in RingCentral begins': {
    teams: [{ prefers: 'DoNotDisturb' }, { prefers: null }],
    ringCentral: [{ call: 'CallConnected' }],
    faults: none,
  },
  'all calls are blocked in RingCentral and let through again, and a call in Teams begins': {
    teams: [{ client: 'InACall' }],
    ringCentral: [{ blocking: 'DoNotAcceptAnyCalls' }, { blocking: 'TakeAllCalls' }],
    faults: none,
  },
  'a call in Teams, and somebody makes themselves invisible in RingCentral': {
    teams: teamsCall,
    ringCentral: [{ status: 'Offline' }],
    faults: none,
  },
  'presenting in Teams, and somebody refuses queue calls in RingCentral': {
    teams: [{ client: 'Presenting' }, { client: 'Available' }],
    ringCentral: [{ blocking: 'DoNotAcceptDepartmentCalls' }],
    faults: none,
  },
  'call upon call in Teams': { teams: [...teamsCall, { client: 'InACall' }], ringCentral: [], faults: none },
  'call upon call in RingCentral': {
    teams: [],
    ringCentral: [...call, { call: 'CallConnected' }],
    faults: none,
  },
  'a call in Teams, and a 429': {
    teams: teamsCall,
    ringCentral: [],
    faults: { throttled: 1, lostAnswer: 0, copied: 0 },
  },
  'a call in Teams, and an answer that gets lost': {
    teams: teamsCall,
    ringCentral: [],
    faults: { throttled: 0, lostAnswer: 1, copied: 0 },
  },
  'a call in RingCentral, and an answer that gets lost': {
    teams: [],
    ringCentral: call,
    faults: { throttled: 0, lostAnswer: 1, copied: 0 },
  },
  'a call in Teams, and a notification that comes twice': {
    teams: teamsCall,
    ringCentral: [],
    faults: { throttled: 0, lostAnswer: 0, copied: 1 },
  },
  'a call in RingCentral, and a notification that comes twice': {
    teams: [],
    ringCentral: call,
    faults: { throttled: 0, lostAnswer: 0, copied: 1 },
  },
};

describe('in every order both sides come to agree, nothing goes round, and what the person chose stands', () => {
  let interleavings = 0;

  test.each(Object.entries(stories))('%s', (_name, story) => {
    for (const options of [plain, odd]) {
      const scenario: Scenario = { ...story, options };
      const explored = explore(scenario, (end) => expectPutBack(expectFixedPoint(end, scenario), scenario));
      expect(explored.failure).toBeUndefined();
      expect(explored.ends).toBeGreaterThan(0);
      interleavings += explored.interleavings;
    }
  });

  test('and these are more than ten million orders', () => {
    expect(interleavings).toBeGreaterThan(10_000_000);
  });
});
