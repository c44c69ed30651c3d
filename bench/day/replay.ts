/**
 * What a system made of a day, from outside: the people's changes and the writes in the vendors' journals are played once
 * more into the vendors' own rules, and at every moment what is shown is compared with what should be.
 */
import { strengthOf, type Side } from '../../domain/presence.ts';
import { readRingCentralStatus } from '../../domain/ring-central-presence.ts';
import { defaultMapping } from '../../domain/sync-rules.ts';
import { readTeamsStatus } from '../../domain/teams-presence.ts';
import type { Clock, Scheduled } from '../../local/clock/clock.ts';
import type { JournalEntry } from '../../local/stack/stack-process.ts';
import { Presences as TeamsPresences } from '../../local/vendors/graph/presences.ts';
import {
  applyPerson,
  applyRequest,
  parsePresenceRequest,
} from '../../local/vendors/ring-central/presence-update.ts';
import {
  initialPresence,
  type ActiveCall,
  type Presence,
} from '../../local/vendors/ring-central/presence.ts';
import { VendorData } from '../../local/vendors/vendor-data.ts';
import { minuteMs, type Change } from './traffic.ts';
import { presenceCallsIn, type Write } from './vendor-calls.ts';

export interface Figures {
  /** Changes after which the other side should hold something else than before. */
  realChanges: number;
  writes: number;
  /** Writes after which everybody sees just what they saw before. */
  idleWrites: number;
  reads: number;
  throttled: number;
  /**
   * Person-seconds for which a side showed something else than it should, by the side; from when the change could be
   * known of, that is, the vendor's own delay after it.
   */
  staleSeconds: Record<Side, number>;
  /** How often a side was left wrong for more than ten minutes. */
  stuck: number;
  /** How many sides of how many people were wrong at the end of the day, and could have been known to be. */
  wrongAtEnd: number;
  /** How often a person's own value in RingCentral was written over with another, that is no hold. */
  ownLost: number;
  /** For how many seconds each change that asked for something was not followed, in the order in which it ended. */
  waits: number[];
}

export interface Observed {
  /** In the order of time, with times in milliseconds since `from`. */
  changes: readonly Change[];
  /** The vendors' journals of the day. */
  journal: readonly JournalEntry[];
  people: readonly { userId: string; extensionId: string }[];
  /** When the day begins and ends, in milliseconds since 1970. */
  from: number;
  until: number;
  /** How long the vendors take to tell of a change, in milliseconds. */
  delayMs: Readonly<Record<Side, number>>;
}

const stuckMs = 10 * minuteMs;
const sides = ['teams', 'ringCentral'] as const;

/** Plays a day once more and counts. */
export function evaluate(observed: Observed): Figures {
  return new Replay(observed).run();
}

interface Person {
  /** Theirs alone, as it would be without us, and as it really is. */
  own: Presence;
  shown: Presence;
  asked: Record<Side, number>;
  /** Since when each side has been wrong, and from when that counts. */
  wrong: Record<Side, { countsFrom: number } | undefined>;
}

/** A clock that moves only from one happening to the next. */
class ReplayClock implements Clock {
  readonly kind = 'virtual';
  #now: number;
  readonly #appointments = new Set<{ at: number; run: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  schedule(at: number, run: () => void): Scheduled {
    const appointment = { at, run };
    this.#appointments.add(appointment);
    return { cancel: () => this.#appointments.delete(appointment) };
  }

  advanceTo(target: number): void {
    for (;;) {
      const due = [...this.#appointments].filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#appointments.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = Math.max(this.#now, target);
  }
}

class Replay {
  readonly #observed: Observed;
  readonly #clock: ReplayClock;
  readonly #people: Person[];
  readonly #personOf = new Map<string, number>();
  /** Teams without our session, and as it is. */
  readonly #own: TeamsPresences;
  readonly #shown: TeamsPresences;
  readonly #writes: readonly Write[];
  readonly #figures: Figures;
  /** From when what is found wrong now counts: nobody can know of a change before its vendor tells of it. */
  #graceMs = 0;

  constructor(observed: Observed) {
    this.#observed = observed;
    this.#clock = new ReplayClock(observed.from);
    this.#people = observed.people.map(() => ({
      own: initialPresence,
      shown: initialPresence,
      asked: { teams: 0, ringCentral: 0 },
      wrong: { teams: undefined, ringCentral: undefined },
    }));
    for (const [index, { userId, extensionId }] of observed.people.entries()) {
      this.#personOf.set(userId, index);
      this.#personOf.set(extensionId, index);
    }
    const judged = ({ userId }: { userId: string }): void => this.#judge(this.#personOf.get(userId) ?? -1);
    this.#own = new TeamsPresences(this.#clock, new VendorData('own'), judged);
    this.#shown = new TeamsPresences(this.#clock, new VendorData('shown'), judged);
    const { writes, writesAsked, reads, throttled } = presenceCallsIn(observed.journal, observed.people);
    this.#writes = writes;
    this.#figures = {
      realChanges: 0,
      writes: writesAsked,
      idleWrites: 0,
      reads,
      throttled,
      staleSeconds: { teams: 0, ringCentral: 0 },
      stuck: 0,
      wrongAtEnd: 0,
      ownLost: 0,
      waits: [],
    };
  }

  run(): Figures {
    const { changes, from, until } = this.#observed;
    const writes = this.#writes;
    let next = 0;
    for (const change of changes) {
      for (; (writes[next]?.at ?? Infinity) < from + change.at; next++) this.#write(writes[next] as Write);
      this.#clock.advanceTo(from + change.at);
      this.#change(change);
    }
    for (const write of writes.slice(next)) this.#write(write);
    this.#clock.advanceTo(until);
    for (const [index, person] of this.#people.entries()) {
      const isKnowable = (side: Side): boolean => (person.wrong[side]?.countsFrom ?? Infinity) <= until;
      this.#figures.wrongAtEnd += sides.filter(isKnowable).length;
      for (const side of sides) this.#right(index, side);
    }
    return this.#figures;
  }

  #change(change: Change): void {
    const person = this.#person(change.person);
    const before = { ...person.asked };
    this.#graceMs = this.#observed.delayMs[change.side];
    if (change.side === 'teams') {
      const { userId } = this.#idsOf(change.person);
      this.#own.setByPerson(userId, change.change);
      this.#shown.setByPerson(userId, change.change);
    } else {
      const act = { newCallHandling: false, newCall };
      person.own = applyPerson(person.own, change.change, act);
      person.shown = applyPerson(person.shown, change.change, act);
    }
    this.#judge(change.person);
    this.#graceMs = 0;
    if (sides.some((side) => person.asked[side] !== before[side])) this.#figures.realChanges += 1;
  }

  #write(write: Write): void {
    this.#clock.advanceTo(write.at);
    const before = this.#view(write.person);
    if (write.side === 'teams') {
      const { userId } = this.#idsOf(write.person);
      const { availability = '', activity = '' } = write.body ?? {};
      const session = { availability, activity };
      if (write.kind === 'set') this.#shown.setSession(userId, 'ours', session, 240 * minuteMs);
      else this.#shown.clearSession(userId, 'ours');
    } else {
      const person = this.#person(write.person);
      const request = parsePresenceRequest(write.body);
      person.shown = applyRequest(person.shown, request, { newCallHandling: false, queueMember: true });
      this.#noteLoss(person, request);
    }
    if (this.#view(write.person) === before) this.#figures.idleWrites += 1;
    this.#judge(write.person);
  }

  #noteLoss(
    { own }: Person,
    { userStatus, dndStatus }: { userStatus?: string | undefined; dndStatus?: string | undefined },
  ): void {
    const isLost =
      (userStatus !== undefined && userStatus !== 'Busy' && userStatus !== own.userStatus) ||
      (userStatus === 'Busy' && own.userStatus === 'Offline') ||
      (dndStatus !== undefined && dndStatus !== 'DoNotAcceptAnyCalls' && dndStatus !== own.dndStatus);
    if (isLost) this.#figures.ownLost += 1;
  }

  /** Everything that others can see of a person, as a text. */
  #view(index: number): string {
    const { availability, activity } = this.#shown.show(this.#idsOf(index).userId);
    const { userStatus, dndStatus } = this.#person(index).shown;
    return [availability, activity, userStatus, dndStatus].join();
  }

  /** Whether each side shows what it should. */
  #judge(index: number): void {
    const person = this.#person(index);
    const { userId } = this.#idsOf(index);
    const inTeams = strengthOf(readTeamsStatus(this.#own.show(userId)));
    const onPhone = strengthOf(readRingCentralStatus(person.own));
    person.asked = {
      teams: askedBy(readRingCentralStatus(person.own)),
      // Who made themselves invisible there meant it.
      ringCentral: person.own.userStatus === 'Offline' ? 0 : askedBy(readTeamsStatus(this.#own.show(userId))),
    };
    const isPicked = inTeams > 0 && this.#own.show(userId).activity === this.#own.show(userId).availability;
    const should = {
      // What is picked by hand in Teams shows there, whatever others ask for.
      teams: isPicked ? inTeams : Math.max(inTeams, person.asked.teams),
      ringCentral: Math.max(onPhone, person.asked.ringCentral),
    };
    const shows = {
      teams: strengthOf(readTeamsStatus(this.#shown.show(userId))),
      ringCentral: strengthOf(readRingCentralStatus(person.shown)),
    };
    for (const side of sides) {
      if (shows[side] === should[side]) this.#right(index, side);
      else person.wrong[side] ??= { countsFrom: this.#clock.now() + this.#graceMs };
    }
  }

  #right(index: number, side: Side): void {
    const { wrong } = this.#person(index);
    const since = wrong[side];
    if (since === undefined) return;
    wrong[side] = undefined;
    const ms = Math.max(0, this.#clock.now() - since.countsFrom);
    this.#figures.staleSeconds[side] += ms / 1000;
    this.#figures.waits.push(ms / 1000);
    if (ms > stuckMs) this.#figures.stuck += 1;
  }

  #person(index: number): Person {
    const found = this.#people[index];
    if (found === undefined) throw new Error(`There is no person ${index}.`);
    return found;
  }

  #idsOf(index: number): { userId: string; extensionId: string } {
    const found = this.#observed.people[index];
    if (found === undefined) throw new Error(`There is no person ${index}.`);
    return found;
  }
}

function askedBy(status: ReturnType<typeof readTeamsStatus>): number {
  const cell = defaultMapping[status];
  return cell === 'busy' || cell === 'doNotDisturb' ? strengthOf(cell) : 0;
}

function newCall(telephonyStatus: string): ActiveCall {
  const nobody = { from: '', fromName: '', to: '', toName: '', startTime: '', sessionId: '' };
  return {
    id: '',
    direction: 'Inbound',
    queueCall: false,
    telephonySessionId: '',
    partyId: '',
    telephonyStatus,
    ...nobody,
  };
}
