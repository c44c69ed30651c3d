/**
 * One person's world as a value, small enough to be explored whole: both vendors, the messages under way, and the real rules
 * between. Where the {@link World} makes one thing happen after another, this tells all that could happen next.
 */
import { nextBatch } from '../../domain/delivery.ts';
import {
  addWish,
  emptyOutbox,
  type BatchReport,
  type Outbox,
  type WaitingWish,
} from '../../domain/outbox.ts';
import { strengthOf, type Side, type Status } from '../../domain/presence.ts';
import type { RingCentralReport, RingCentralWrite } from '../../domain/ring-central-presence.ts';
import { readTeamsStatus, type TeamsWrite } from '../../domain/teams-presence.ts';
import { newUserPresence, type Decision, type UserPresence } from '../../domain/user-presence-state.ts';
import { observeRingCentral, observeTeams, settle, type Answer } from '../../domain/user-presence.ts';
import { pairs } from './steps.ts';

type PairName = keyof typeof pairs;

/** How the vendors are that nobody has told us enough about. */
export interface Options {
  /** Graph stamps its notifications, and so they may overtake each other. */
  stamped: boolean;
  /** What Teams shows where our call and the person's meeting are equally strong. */
  tieShowsOurs: boolean;
  /** How Teams shows our Busy/InACall. */
  echoShape: 'InACall' | 'Busy';
  /** The account has the new call handling. */
  newCallHandling: boolean;
}

/** Something the person does: `call`, `status` and `blocking` in RingCentral, the others in Teams. */
export type Deed =
  | { client: PairName }
  | { prefers: PairName | null }
  | { call: string }
  | { status: string }
  | { blocking: string };

/** What is to be explored: the person's deeds on each side in their order, and how often messages may go wrong. */
export interface Scenario {
  options: Options;
  teams: readonly Deed[];
  ringCentral: readonly Deed[];
  faults: Readonly<Record<'throttled' | 'lostAnswer' | 'copied', number>>;
}

type Field = 'userStatus' | 'blocking';
type Told = Partial<Record<Field, string>>;
type Fate = 'done' | 'throttled' | 'lostAnswer';
interface Pair {
  availability: string;
  activity: string;
}
interface TeamsNote {
  id: string;
  shown: Pair & { sequenceNumber?: string };
}
interface RingCentralNote {
  id: string;
  sequence: number;
  vendorTime: string;
  report: RingCentralReport;
}
type Delivery = { epoch: number; report?: BatchReport | undefined } & (
  { phase: 'ask' } | { phase: 'write'; told: Told } | { phase: 'wait'; until: number }
);

/** The whole world at one moment; never changed, only followed by another. */
export interface Place {
  now: number;
  person: UserPresence;
  /** How many of the deeds are done. */
  done: Record<Side, number>;
  /** The person waits: what they have just done cannot be told from what we might do meanwhile. */
  isHushed: boolean;
  /** How often messages may still go wrong. */
  faults: Scenario['faults'];
  writes: number;
  wishes: number;
  outbox: Record<Side, Outbox>;
  toOutbox: Record<Side, readonly WaitingWish[]>;
  toPerson: readonly { side: Side; answer: Answer }[];
  delivery: Record<Side, readonly Delivery[]>;
  inbox: { teams: readonly TeamsNote[]; ringCentral: readonly RingCentralNote[] };
  teams: { client: Pair; preferred: Pair | null; ours: Pair | null; told: Pair; sequence: number };
  ringCentral: {
    userStatus: string;
    telephonyStatus: string;
    blocking: string;
    takesQueueCalls: boolean;
    sequence: number;
  };
  /** What the person last chose themselves, and whether we have been told. */
  chosen: Record<Field, { value: string; told: boolean; sequence: number }>;
  /** Our hold has crossed their choice, which we may or may not have seen before it was gone. */
  crossed: Record<Field, boolean>;
  lastWriter: Record<Field, 'person' | 'us'>;
  /** The person has taken away a value that we had put there. */
  overrode: boolean;
}

export interface Move {
  name: string;
  to: Place;
}

const sides = ['teams', 'ringCentral'] as const;
const fields = ['userStatus', 'blocking'] as const;
const userId = 'person';
const blocksAll = 'DoNotAcceptAnyCalls';
/** A person, even with every fault, never needs more writes than this. */
const mostWrites = 40;

/** Both sides have been read once, and nothing has happened. */
export function beginning(scenario: Scenario): Place {
  const place: Place = {
    now: Date.parse('2026-03-02T08:00:00Z'),
    person: newUserPresence('101'),
    done: { teams: 0, ringCentral: 0 },
    isHushed: false,
    faults: scenario.faults,
    writes: 0,
    wishes: 0,
    outbox: { teams: emptyOutbox, ringCentral: emptyOutbox },
    toOutbox: { teams: [], ringCentral: [] },
    toPerson: [],
    delivery: { teams: [], ringCentral: [] },
    inbox: { teams: [], ringCentral: [] },
    teams: { client: pairs.Available, preferred: null, ours: null, told: pairs.Available, sequence: 1000 },
    ringCentral: {
      userStatus: 'Available',
      telephonyStatus: 'NoCall',
      blocking: 'TakeAllCalls',
      takesQueueCalls: true,
      sequence: 10,
    },
    chosen: {
      userStatus: { value: 'Available', told: true, sequence: 0 },
      blocking: { value: 'TakeAllCalls', told: true, sequence: 0 },
    },
    crossed: { userStatus: false, blocking: false },
    lastWriter: { userStatus: 'person', blocking: 'person' },
    overrode: false,
  };
  return readBoth(place, scenario);
}

// ---- what can be seen ----

export function teamsShown({ teams }: Place, { tieShowsOurs, echoShape }: Options): Pair {
  if (teams.preferred !== null) return teams.preferred;
  if (teams.ours === null) return teams.client;
  const [ours, theirs] = [teams.ours, teams.client].map((pair) => strengthOf(readTeamsStatus(pair))) as [
    number,
    number,
  ];
  if (ours < theirs || (ours === theirs && !tieShowsOurs)) return teams.client;
  const { availability, activity } = teams.ours;
  return { availability, activity: activity === 'InACall' ? echoShape : activity };
}

export function teamsOwn({ teams }: Place): Status {
  return readTeamsStatus(teams.preferred ?? teams.client);
}

export function ringCentralShown(
  { ringCentral }: Pick<Place, 'ringCentral'>,
  { newCallHandling }: Options,
): RingCentralReport {
  const { userStatus, telephonyStatus, blocking, takesQueueCalls } = ringCentral;
  const report = { userStatus, telephonyStatus, meetingStatus: 'Disconnected' };
  if (!newCallHandling) return { ...report, dndStatus: blocking };
  const queue = takesQueueCalls ? 'TakeAllCalls' : 'DoNotAcceptDepartmentCalls';
  const isBlocked = blocking === blocksAll;
  return {
    ...report,
    dndStatus: isBlocked ? blocking : queue,
    dndStatusPersonal: isBlocked ? blocking : 'TakeAllCalls',
  };
}

/** What the person does in RingCentral by themselves; where nobody can know, what we take for it. */
export function ringCentralOwn(place: Place, options: Options): RingCentralReport {
  const field = options.newCallHandling ? 'dndStatusPersonal' : 'dndStatus';
  const known = place.person.ringCentral.own;
  const { chosen, crossed } = place;
  return {
    ...ringCentralShown(place, options),
    userStatus: crossed.userStatus ? known.userStatus : chosen.userStatus.value,
    dndStatus: undefined,
    [field]: crossed.blocking ? known[field] : chosen.blocking.value,
  };
}

// ---- what can happen ----

/** Everything that may happen next; nothing, when all the deeds are done and everything has come to rest. */
export function moves(place: Place, scenario: Scenario): Move[] {
  const carried = [...deliveries(place, scenario), ...handovers(place), ...advances(place, scenario)];
  if (place.isHushed) return carried.length > 0 ? carried : moves({ ...place, isHushed: false }, scenario);
  return [...deeds(place, scenario, carried.length === 0), ...carried];
}

function deeds(place: Place, scenario: Scenario, isQuiet: boolean): Move[] {
  return sides.flatMap((side) => {
    const deed = scenario[side][place.done[side]];
    if (deed === undefined) return [];
    // A choice just like what we are about to hold cannot be told from it: tried only while nothing is under way.
    const isAlike =
      ('status' in deed && deed.status === 'Busy') || ('blocking' in deed && deed.blocking === blocksAll);
    if (isAlike && !isQuiet) return [];
    const done = { ...place.done, [side]: place.done[side] + 1 };
    const to = act({ ...place, done, isHushed: isAlike }, deed, scenario.options);
    return [{ name: JSON.stringify(deed), to }];
  });
}

/** The person does something. */
export function act(place: Place, deed: Deed, options: Options): Place {
  if ('client' in deed)
    return notifyTeams({ ...place, teams: { ...place.teams, client: pairs[deed.client] } }, options);
  if ('prefers' in deed) {
    const preferred = deed.prefers === null ? null : pairs[deed.prefers];
    return notifyTeams({ ...place, teams: { ...place.teams, preferred } }, options);
  }
  if ('call' in deed) return changeRingCentral(place, { telephonyStatus: deed.call }, options);
  if ('status' in deed) {
    if (place.ringCentral.userStatus === deed.status) return place;
    return changeRingCentral(choose(place, 'userStatus', deed.status), { userStatus: deed.status }, options);
  }
  const isOptOut = options.newCallHandling && deed.blocking !== blocksAll;
  const takesQueueCalls = isOptOut ? deed.blocking === 'TakeAllCalls' : place.ringCentral.takesQueueCalls;
  const blocking = isOptOut ? 'TakeAllCalls' : deed.blocking;
  const after = place.ringCentral.blocking === blocking ? place : choose(place, 'blocking', blocking);
  return changeRingCentral(after, { blocking, takesQueueCalls }, options);
}

function choose(place: Place, field: Field, value: string): Place {
  return {
    ...adopt(place, field, value),
    overrode: place.overrode || place.lastWriter[field] === 'us',
    lastWriter: { ...place.lastWriter, [field]: 'person' },
  };
}

/** From now on `value` counts as what the person has left there. */
function adopt(place: Place, field: Field, value: string): Place {
  const sequence = place.ringCentral.sequence + 1;
  return {
    ...place,
    crossed: { ...place.crossed, [field]: false },
    chosen: { ...place.chosen, [field]: { value, told: false, sequence } },
  };
}

/** RingCentral's events, and stamped ones of Graph's, may overtake each other; any may come twice. */
function deliveries(place: Place, { options, faults: _given }: Scenario): Move[] {
  return sides.flatMap((side) => {
    const inbox: readonly unknown[] = place.inbox[side];
    const within = side === 'ringCentral' || options.stamped ? inbox.length : Math.min(inbox.length, 1);
    return Array.from({ length: within }, (_, index) => index).flatMap((index) => {
      const to = take(place, side, index);
      const delivered = { name: `deliver ${side} ${index}`, to: without(to, side, index) };
      if (place.faults.copied === 0) return [delivered];
      const faults = { ...to.faults, copied: to.faults.copied - 1 };
      return [delivered, { name: `deliver a copy ${side} ${index}`, to: { ...to, faults } }];
    });
  });
}

function without(place: Place, side: Side, index: number): Place {
  const inbox: readonly unknown[] = place.inbox[side];
  return { ...place, inbox: { ...place.inbox, [side]: inbox.filter((_, each) => each !== index) } };
}

function take(place: Place, side: Side, index: number): Place {
  const at = instant(place);
  if (side === 'teams') {
    const { id, shown } = place.inbox.teams[index] as TeamsNote;
    const sequence = shown.sequenceNumber;
    const origin = { kind: 'notification', id, ...(sequence !== undefined && { sequence }) } as const;
    return decided(place, observeTeams(place.person, shown, origin, at));
  }
  const { id, sequence, vendorTime, report } = place.inbox.ringCentral[index] as RingCentralNote;
  const chosen = { ...place.chosen };
  for (const field of fields) {
    if (sequence >= chosen[field].sequence) chosen[field] = { ...chosen[field], told: true };
  }
  const origin = { kind: 'notification', id, sequence, vendorTime } as const;
  return decided({ ...place, chosen }, observeRingCentral(place.person, report, origin, at));
}

function decided(place: Place, { state, wishes }: Decision): Place {
  const toOutbox = { ...place.toOutbox };
  for (const { side, ...wish } of wishes) {
    toOutbox[side] = [...toOutbox[side], { ...wish, userId, targetId: userId }];
  }
  return { ...place, person: state, toOutbox, wishes: place.wishes + wishes.length };
}

/** Messages between the person's entity and the outboxes. */
function handovers(place: Place): Move[] {
  const found: Move[] = [];
  for (const side of sides) {
    const [wish, ...later] = place.toOutbox[side];
    if (wish === undefined) continue;
    const { outbox, start, settled } = addWish(place.outbox[side], wish, instant(place));
    const started: Delivery[] = start ? [{ phase: 'ask', epoch: outbox.epoch }] : [];
    const to = {
      ...place,
      toOutbox: { ...place.toOutbox, [side]: later },
      outbox: { ...place.outbox, [side]: outbox },
      delivery: { ...place.delivery, [side]: [...place.delivery[side], ...started] },
      toPerson: [...place.toPerson, ...settled.map(({ answer }) => ({ side, answer }))],
    };
    found.push({ name: `wish ${side}`, to });
  }
  const [message, ...later] = place.toPerson;
  if (message === undefined) return found;
  const settled = settle(place.person, message.side, message.answer, instant(place));
  return [...found, { name: `answer ${message.side}`, to: decided({ ...place, toPerson: later }, settled) }];
}

function advances(place: Place, { options }: Scenario): Move[] {
  return sides.flatMap((side): Move[] => {
    const [delivery] = place.delivery[side];
    if (delivery === undefined) return [];
    if (delivery.phase === 'ask') return [{ name: `ask ${side}`, to: ask(place, side, delivery) }];
    if (delivery.phase === 'wait') {
      const now = Math.max(place.now, delivery.until);
      const asks = replaced({ ...place, now }, side, { phase: 'ask', epoch: delivery.epoch });
      return [{ name: `wait ${side}`, to: asks }];
    }
    const write = (fate: Fate): Move => ({
      name: `write ${side} ${fate}`,
      to: written(place, side, fate, options),
    });
    const wrong = (['throttled', 'lostAnswer'] as const).filter((fate) => place.faults[fate] > 0);
    return [write('done'), ...wrong.map(write)];
  });
}

function replaced(place: Place, side: Side, delivery: Delivery | undefined): Place {
  const [, ...others] = place.delivery[side];
  const rest = delivery === undefined ? others : [delivery, ...others];
  return { ...place, delivery: { ...place.delivery, [side]: rest } };
}

function ask(place: Place, side: Side, { epoch, report }: Delivery): Place {
  const { outbox, order, settled } = nextBatch(place.outbox[side], side, { epoch, report }, instant(place));
  const to = {
    ...place,
    outbox: { ...place.outbox, [side]: outbox },
    toPerson: [...place.toPerson, ...settled.map(({ answer }) => ({ side, answer }))],
  };
  if (order.kind === 'closed') return replaced(to, side, undefined);
  if (order.kind === 'wait')
    return replaced(to, side, { phase: 'wait', epoch, until: Date.parse(order.until) });
  const told: Told = {};
  for (const field of fields) {
    const choice = place.chosen[field];
    if (choice.told && place.toOutbox[side].length === 0) told[field] = choice.value;
  }
  return replaced(to, side, { phase: 'write', epoch, told });
}

function written(place: Place, side: Side, fate: Fate, options: Options): Place {
  const delivery = place.delivery[side][0] as Delivery & { phase: 'write' };
  const wish = place.outbox[side].inFlight[userId];
  if (wish === undefined) throw new Error('Handed out, and not in flight.');
  const faults = fate === 'done' ? place.faults : { ...place.faults, [fate]: place.faults[fate] - 1 };
  const applied = fate === 'throttled' ? place : apply(place, wish.write, delivery.told, options);
  const result = { done: 'done', throttled: 'unsent', lostAnswer: 'retry' } as const;
  const report: BatchReport = {
    results: [{ targetId: userId, revision: wish.revision, result: result[fate] }],
    ...(fate === 'throttled' && { retryAfterSeconds: 60 }),
  };
  return replaced({ ...applied, faults }, side, { phase: 'ask', epoch: delivery.epoch, report });
}

// ---- the vendors ----

function apply(place: Place, write: TeamsWrite | RingCentralWrite, told: Told, options: Options): Place {
  const writes = place.writes + 1;
  if (writes > mostWrites) throw new Error('Presence is written again and again.');
  if ('kind' in write) {
    const ours =
      write.kind === 'clear' ? null : { availability: write.availability, activity: write.activity };
    return notifyTeams({ ...place, writes, teams: { ...place.teams, ours } }, options);
  }
  const { userStatus, dndStatus, dndStatusPersonal } = write;
  const blocking = options.newCallHandling ? dndStatusPersonal : dndStatus;
  let to = { ...place, writes };
  if (userStatus !== undefined)
    to = checked(to, { field: 'userStatus', value: userStatus, held: 'Busy' }, told);
  if (blocking !== undefined) to = checked(to, { field: 'blocking', value: blocking, held: blocksAll }, told);
  const change = {
    ...(userStatus !== undefined && { userStatus }),
    ...(blocking !== undefined && { blocking }),
  };
  return changeRingCentral(to, change, options);
}

/** We never put anything over a choice of the person that we have been told of, but what is held, and that not over Offline. */
function checked(
  place: Place,
  { field, value, held }: { field: Field; value: string; held: string },
  told: Told,
): Place {
  const { value: chosen } = place.chosen[field];
  const isHold = value === held && chosen !== held;
  const lastWriter: Place['lastWriter'] = {
    ...place.lastWriter,
    [field]: value === held ? 'us' : 'person',
  };
  const to = { ...place, lastWriter };
  if (place.crossed[field]) return isHold ? to : { ...adopt(to, field, value), lastWriter };
  if (told[field] === chosen) {
    if (!isHold && value !== chosen) throw new Error(`${field}: ${value} over the person's ${chosen}.`);
    if (isHold && chosen === 'Offline') throw new Error('A manual Offline is written over.');
    return to;
  }
  // Their choice and our write have crossed on the way: nobody could know.
  return isHold
    ? { ...to, crossed: { ...to.crossed, [field]: true } }
    : { ...adopt(to, field, value), lastWriter };
}

function notifyTeams(place: Place, options: Options): Place {
  const shown = teamsShown(place, options);
  const { told } = place.teams;
  if (shown.availability === told.availability && shown.activity === told.activity) return place;
  const sequence = place.teams.sequence + 1;
  const note = { id: `t${sequence}`, shown: { ...shown, ...stamp(sequence, options) } };
  return {
    ...place,
    teams: { ...place.teams, told: shown, sequence },
    inbox: { ...place.inbox, teams: [...place.inbox.teams, note] },
  };
}

function stamp(sequence: number, { stamped }: Options): { sequenceNumber?: string } {
  return stamped ? { sequenceNumber: String(sequence).padStart(12, '0') } : {};
}

function changeRingCentral(place: Place, change: Partial<Place['ringCentral']>, options: Options): Place {
  const ringCentral = { ...place.ringCentral, ...change };
  const { telephonyStatus, ...settings } = ringCentralShown({ ringCentral }, options);
  const before = ringCentralShown(place, options);
  if (
    JSON.stringify({ ...settings, telephonyStatus }) ===
    JSON.stringify({ ...before, telephonyStatus: before.telephonyStatus })
  ) {
    return { ...place, ringCentral };
  }
  const sequence = ringCentral.sequence + 1;
  // Only a change of the call is told.
  const report = { ...settings, ...(telephonyStatus !== before.telephonyStatus && { telephonyStatus }) };
  const note = { id: `r${sequence}`, sequence, vendorTime: instant(place), report };
  return {
    ...place,
    ringCentral: { ...ringCentral, sequence },
    inbox: { ...place.inbox, ringCentral: [...place.inbox.ringCentral, note] },
  };
}

// ---- rest ----

/** Reads both sides, as a resync does. */
export function readBoth(place: Place, { options }: Scenario): Place {
  const at = instant(place);
  const read = { kind: 'read' } as const;
  const teams = { ...teamsShown(place, options), ...stamp(place.teams.sequence, options) };
  const chosen = { ...place.chosen };
  for (const field of fields) chosen[field] = { ...chosen[field], told: true };
  const between = decided({ ...place, chosen }, observeTeams(place.person, teams, read, at));
  return decided(between, observeRingCentral(between.person, ringCentralShown(between, options), read, at));
}

/** Lets everything under way arrive without a fault. @throws Error when that never ends */
export function comeToRest(place: Place, scenario: Scenario): Place {
  const calm = {
    ...scenario,
    faults: { throttled: 0, lostAnswer: 0, copied: 0 },
    teams: [],
    ringCentral: [],
  };
  let here = place;
  for (let step = 0; step < 500; step++) {
    const [first] = moves({ ...here, faults: calm.faults }, calm);
    if (first === undefined) return here;
    here = first.to;
  }
  throw new Error('Presence does not come to rest.');
}

export function laterBy(place: Place, minutes: number): Place {
  return { ...place, now: place.now + minutes * 60_000 };
}

function instant({ now }: { now: number }): string {
  return new Date(now).toISOString();
}
