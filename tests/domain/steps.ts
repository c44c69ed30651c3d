/** What may happen in the {@link World}, as values that fast-check makes up and shrinks. */
import * as fc from 'fast-check';
import { cellSchema, defaultRules, syncRulesSchema, type SyncRules } from '../../domain/sync-rules.ts';
import { statusSchema } from '../../domain/presence.ts';
import type { Options, World } from './world.ts';

export type Step = (world: World) => void;

const habits = {
  stamped: fc.boolean(),
  tieShowsOurs: fc.boolean(),
  echoShape: fc.constantFrom('InACall' as const, 'Busy' as const),
  newCallHandling: fc.boolean(),
};

/** A company that has left all rules as they are. */
export const options: fc.Arbitrary<Options> = fc.record({
  ...habits,
  queueMember: fc.constant(true),
  rules: fc.constant(defaultRules),
});

const mapping = fc.dictionary(
  fc.constantFrom(...statusSchema.options),
  fc.constantFrom(...cellSchema.options),
  { maxKeys: 4 },
);
/** Times around those in which the world goes on, by UTC. */
const time = fc.constantFrom('07:30', '08:01', '08:04', '08:30', '13:00', '23:00');
const anyQuietHours = fc
  .tuple(fc.constantFrom([], ['sunday', 'tuesday']), time, time)
  .map(([days, from, to]) => ({ timeZone: 'UTC', days, from, to }));

/** Most rules as they are by default, so that what is set otherwise shows. */
const anyRules: fc.Arbitrary<SyncRules> = fc
  .record(
    {
      direction: fc.constantFrom('both', 'both', 'teamsToRingCentral', 'ringCentralToTeams', 'none'),
      toTeams: mapping,
      toRingCentral: mapping,
      dndPolicy: fc.constantFrom('blockAllCalls', 'blockQueueCalls', 'showOnly'),
      callsOutrankManual: fc.boolean(),
      ringingCountsAfterSeconds: fc.constantFrom(null, 1, 20),
      wrapUpSeconds: fc.constantFrom(0, 1, 300),
      quietHours: fc.oneof(fc.constant(null), anyQuietHours),
    },
    { requiredKeys: [] },
  )
  .map((rules) => syncRulesSchema.parse(rules));

/** A company with rules of its own. */
export const ruledOptions: fc.Arbitrary<Options> = fc.record({
  ...habits,
  queueMember: fc.boolean(),
  rules: anyRules,
});

const side = fc.constantFrom('teams' as const, 'ringCentral' as const);
const n = fc.nat(7);

export const pairs = {
  Available: { availability: 'Available', activity: 'Available' },
  Away: { availability: 'Away', activity: 'Away' },
  Offline: { availability: 'Offline', activity: 'Offline' },
  InAMeeting: { availability: 'Busy', activity: 'InAMeeting' },
  InACall: { availability: 'Busy', activity: 'InACall' },
  Busy: { availability: 'Busy', activity: 'Busy' },
  DoNotDisturb: { availability: 'DoNotDisturb', activity: 'DoNotDisturb' },
  Presenting: { availability: 'DoNotDisturb', activity: 'Presenting' },
  InAConferenceCall: { availability: 'Busy', activity: 'InAConferenceCall' },
  Focusing: { availability: 'DoNotDisturb', activity: 'Focusing' },
  OutOfOffice: { availability: 'Away', activity: 'OutOfOffice' },
  OffWork: { availability: 'Offline', activity: 'OffWork' },
} as const;
type PairName = keyof typeof pairs;
export const everyPair = Object.keys(pairs) as PairName[];

/** How often a property is tried; `RUNS` asks for more. */
export const runs = { numRuns: Number(process.env['RUNS'] ?? 100) };

/** A step that shrinks and prints by its name. */
function named(name: string, run: Step): Step {
  return Object.assign((world: World) => run(world), { [fc.toStringMethod]: () => name });
}

export const teamsDoes = (names: readonly PairName[]): fc.Arbitrary<Step> =>
  fc.constantFrom(...names).map((name) => named(`teams ${name}`, (world) => world.teamsClient(pairs[name])));

export const teamsPrefers: fc.Arbitrary<Step> = fc
  .constantFrom<(PairName | undefined)[]>('Available', 'Busy', 'DoNotDisturb', 'Away', undefined)
  .map((name) => named(`prefers ${name ?? 'nothing'}`, (world) => world.teamsPreferred(name && pairs[name])));

export const ringCentralCalls: fc.Arbitrary<Step> = fc
  .constantFrom('NoCall', 'Ringing', 'CallConnected', 'OnHold')
  .map((status) => named(`call ${status}`, (world) => world.call(status)));

export const ringCentralChooses: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom('Available', 'Busy', 'Offline')
    .map((status) => named(`chooses ${status}`, (world) => world.chooseUserStatus(status))),
  fc
    .constantFrom('TakeAllCalls', 'DoNotAcceptDepartmentCalls', 'DoNotAcceptAnyCalls')
    .map((blocking) => named(`chooses ${blocking}`, (world) => world.chooseBlocking(blocking))),
  fc
    .constantFrom('Connected', 'Disconnected')
    .map((status) => named(`meeting ${status}`, (world) => world.meeting(status))),
);

/** What a person does on either side, who picks no status of their own in Teams. */
export const anything = fc.oneof(teamsDoes(everyPair), ringCentralCalls, ringCentralChooses);

/** Messages arrive and writes are made, in any order, late, doubled, throttled or with their answers lost. */
const transport: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(side, n).map(([to, which]) =>
    named(`deliver ${to} ${which}`, (world) => {
      world.deliver(to, which);
    }),
  ),
  fc.tuple(side, n).map(([to, which]) =>
    named(`copy ${to} ${which}`, (world) => {
      if (world.deliverCopy(to, which) > 0) throw new Error('A copy made a difference.');
    }),
  ),
  fc.constant(named('repeat event', (world) => world.repeatEvent())),
  side.map((to) =>
    named(`wish ${to}`, (world) => {
      world.passWish(to);
    }),
  ),
  fc.constant(
    named('answer', (world) => {
      world.passAnswer();
    }),
  ),
  fc
    .tuple(side, fc.constantFrom('done', 'done', 'done', 'throttled', 'lostAnswer', 'neverArrived'))
    .map(([to, fate]) =>
      named(`advance ${to} ${fate}`, (world) => {
        world.advance(to, fate);
      }),
    ),
  fc.nat(900).map((ms) =>
    named(`${ms} ms`, (world) => {
      world.now += ms;
    }),
  ),
);

/** The rules change while all goes on. */
const ruleChanges: fc.Arbitrary<Step> = anyRules.map((rules) =>
  named(`rules ${JSON.stringify(rules)}`, (world) => world.rule(rules)),
);

/** All that a person does, while their company changes its rules. */
export const underRules = [
  teamsDoes(everyPair),
  teamsPrefers,
  ringCentralCalls,
  ringCentralChooses,
  ruleChanges,
] as const;

/** The vendor refuses what is just being written. */
export const refusal: fc.Arbitrary<Step> = side.map((to) =>
  named(`advance ${to} rejected`, (world) => {
    world.advance(to, 'rejected');
  }),
);

const rest: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(named('rest', (world) => world.comeToRest())) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 3, 300).map((m) => named(`${m} min`, (world) => world.elapse(m))),
  },
);

export const stepsOf = (person: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: person },
      { weight: 8, arbitrary: transport },
      { weight: 1, arbitrary: rest },
    ),
    { maxLength: 60, size: 'max' },
  );
