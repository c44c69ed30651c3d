/** A small model of one person's world: Teams and RingCentral as the vendors run them, late messages, and the real rules between. */
import { nextBatch } from '../../domain/delivery.ts';
import {
  addWish,
  emptyOutbox,
  reopen,
  shut,
  type BatchReport,
  type Outbox,
  type Settlement,
  type WaitingWish,
  type WriteResult,
} from '../../domain/outbox.ts';
import { wantedHold } from '../../domain/mapping.ts';
import { nextBoundary } from '../../domain/quiet-hours.ts';
import { defaultRules, type SyncRules } from '../../domain/sync-rules.ts';
import type { Origin } from '../../domain/observation-order.ts';
import { strengthOf, type Hold, type Side, type Status } from '../../domain/presence.ts';
import {
  readRingCentralStatus,
  type RingCentralReport,
  type RingCentralWrite,
} from '../../domain/ring-central-presence.ts';
import { enrol, leave } from '../../domain/service-of-person.ts';
import { likeOurs, readTeamsStatus, type TeamsReport, type TeamsWrite } from '../../domain/teams-presence.ts';
import {
  applyRules,
  moveTo,
  observeRingCentral,
  observeTeams,
  reconsider,
  settle,
  type Answer,
} from '../../domain/user-presence.ts';
import {
  newUserPresence,
  userPresenceSchema,
  type Decision,
  type UserPresence,
} from '../../domain/user-presence-state.ts';

export interface Options {
  /** Graph stamps its notifications, and so they may overtake each other. */
  stamped: boolean;
  /** What Teams shows where our call and the person's meeting are equally strong. */
  tieShowsOurs: boolean;
  /** How Teams shows our Busy/InACall. */
  echoShape: 'InACall' | 'Busy';
  /** The account has the new call handling. */
  newCallHandling: boolean;
  /** Only of members of a call queue can queue calls be turned off. */
  queueMember: boolean;
  rules: SyncRules;
}

type Pair = Pick<TeamsReport, 'availability' | 'activity'>;
type Settings = Record<'userStatus' | 'telephonyStatus' | 'meetingStatus', string>;
type Fate = 'done' | 'throttled' | 'lostAnswer' | 'neverArrived' | 'rejected';
type Field = 'userStatus' | 'blocking' | 'queue';
const fields = ['userStatus', 'blocking', 'queue'] as const;
/** The person's choices that we knew of when a write was handed out. */
type Told = Partial<Record<Field, string>>;

interface Message {
  sentAt: number;
  deliver: () => Decision;
  /** RingCentral's count: it tells what the person had chosen by then. */
  sequence?: number;
}

type Delivery = { epoch: number; report?: BatchReport | undefined } & (
  { phase: 'ask' } | { phase: 'write'; told: Told } | { phase: 'wait'; until: number }
);

const userId = 'person';
const hold4h = 240 * 60_000;
const blocksAll = 'DoNotAcceptAnyCalls';
const blocksQueue = 'DoNotAcceptDepartmentCalls';

export class World {
  now = Date.parse('2026-03-02T08:00:00Z');
  #told = { now: 0, at: '' };
  state: UserPresence = newUserPresence('101');
  writes: { side: Side; write: TeamsWrite | RingCentralWrite }[] = [];
  wishes = 0;

  readonly options: Options;
  readonly #inbox: Record<Side, Message[]> = { teams: [], ringCentral: [] };
  readonly #copies: Record<Side, Message[]> = { teams: [], ringCentral: [] };
  readonly #toOutbox: Record<Side, WaitingWish[]> = { teams: [], ringCentral: [] };
  readonly #toPerson: { side: Side; answer: Answer }[] = [];
  readonly #outbox: Record<Side, Outbox> = { teams: emptyOutbox, ringCentral: emptyOutbox };
  readonly #deliveries: Record<Side, Delivery[]> = { teams: [], ringCentral: [] };
  readonly #landed: Record<Side, number> = { teams: 0, ringCentral: 0 };
  #ids = 0;
  #rests = 0;
  /** Other rules than the default ones are, or have been, in force. */
  #isRuled: boolean;
  /** When quiet hours begin or end next. */
  #boundary = Infinity;
  #hasMoved = false;

  // Teams
  #client: Pair = { availability: 'Available', activity: 'Available' };
  #preferred: Pair | undefined;
  #ours: (Pair & { until: number }) | undefined;
  #lastTeams: string;
  #teamsSequence = 1000;

  // RingCentral
  #rc: Settings = { userStatus: 'Available', telephonyStatus: 'NoCall', meetingStatus: 'Disconnected' };
  #blocking = 'TakeAllCalls';
  #takesQueueCalls = true;
  #sequence = 10;
  /** What the person last chose themselves, and whether we have been told. */
  readonly #chosen: Record<Field, { value: string; told: boolean; sequence: number }> = {
    userStatus: { value: 'Available', told: true, sequence: 0 },
    blocking: { value: 'TakeAllCalls', told: true, sequence: 0 },
    queue: { value: 'true', told: true, sequence: 0 },
  };
  /** Our hold has crossed their choice, which we may or may not have seen before it was gone. */
  readonly #crossed = new Set<Field>();
  readonly #lastWriter: Record<Field, 'person' | 'us'> = {
    userStatus: 'person',
    blocking: 'person',
    queue: 'person',
  };
  /** The person has taken away a value that we had put there. */
  overrode = false;

  constructor(options: Options) {
    this.options = options;
    this.state = { ...this.state, rules: options.rules };
    this.#isRuled = options.rules !== defaultRules;
    this.#startClock();
    this.#lastTeams = JSON.stringify(this.teamsShown());
    this.read('teams');
    this.read('ringCentral');
  }

  // ---- what can be seen ----

  teamsShown(): Pair {
    if (this.#preferred !== undefined) return this.#preferred;
    if (this.#ours === undefined || !this.#showsOurs()) return this.#client;
    const { availability, activity } = this.#ours;
    return { availability, activity: activity === 'InACall' ? this.options.echoShape : activity };
  }

  #showsOurs(): boolean {
    if (this.#preferred !== undefined || this.#ours === undefined || this.#ours.until <= this.now)
      return false;
    const ours = strengthOf(readTeamsStatus(this.#ours));
    const theirs = strengthOf(readTeamsStatus(this.#client));
    return ours > theirs || (ours === theirs && this.options.tieShowsOurs);
  }

  ringCentralShown(): RingCentralReport {
    const { newCallHandling } = this.options;
    const queue = this.#takesQueueCalls ? 'TakeAllCalls' : blocksQueue;
    if (!newCallHandling) return { ...this.#rc, dndStatus: this.#blocking };
    const isBlocked = this.#blocking === blocksAll;
    return {
      ...this.#rc,
      dndStatus: isBlocked ? this.#blocking : queue,
      dndStatusPersonal: isBlocked ? this.#blocking : 'TakeAllCalls',
      acceptCallQueueCalls: this.#takesQueueCalls,
    };
  }

  /** What the person does in Teams, our session left out. */
  get teamsOwn(): Status {
    return readTeamsStatus(this.#preferred ?? this.#client);
  }

  get isPreferred(): boolean {
    return this.#preferred !== undefined;
  }

  /** What the person does in RingCentral by themselves. */
  get ringCentralOwn(): RingCentralReport {
    const { newCallHandling } = this.options;
    const field = newCallHandling ? 'dndStatusPersonal' : 'dndStatus';
    const known = this.state.ringCentral.own;
    const own = (name: Field, value: string | undefined): string | undefined =>
      this.#crossed.has(name) ? value : this.#chosen[name].value;
    return {
      ...this.#rc,
      userStatus: own('userStatus', known.userStatus),
      [field]: own('blocking', known[field]),
      ...(newCallHandling && {
        acceptCallQueueCalls: own('queue', String(known.acceptCallQueueCalls)) === 'true',
      }),
    };
  }

  get ringCentralOwnStatus(): Status {
    return readRingCentralStatus(this.ringCentralOwn);
  }

  /**
   * What is to be held on a side, were all known of the person that there is to know. What in Teams looks like what we hold
   * there nobody can tell from it; by the default rules it makes no difference.
   */
  wanted(side: Side): Hold | null {
    const { teams, ringCentral } = this.state;
    const { ledger, because } = this.state[side];
    if (because?.reasons.includes('manualStands') || because?.reasons.includes('invisible'))
      return ledger.asked;
    const like = likeOurs(this.teamsShown());
    const isHidden = this.#isRuled && like !== undefined && teams.ledger.touched.includes(like);
    const known = {
      ...this.state,
      teams: { ...teams, own: isHidden ? teams.own : this.teamsOwn },
      ringCentral: { ...ringCentral, own: this.ringCentralOwn },
    };
    const { hold } = wantedHold(side, known, this.#at());
    return hold === 'keep' ? ledger.asked : hold;
  }

  // ---- what the person does ----

  teamsClient(pair: Pair): void {
    this.#client = pair;
    this.#notifyTeams();
  }

  teamsPreferred(pair: Pair | undefined): void {
    this.#preferred = pair;
    this.#notifyTeams();
  }

  call(telephonyStatus: string): void {
    this.#changeRingCentral({ telephonyStatus });
  }

  meeting(meetingStatus: string): void {
    this.#changeRingCentral({ meetingStatus });
  }

  chooseUserStatus(userStatus: string): void {
    this.#quietlyIf(userStatus === 'Busy' ? 'busy' : undefined, () => {
      if (this.#rc.userStatus === userStatus) return;
      this.#choose('userStatus', userStatus);
      this.#changeRingCentral({ userStatus });
    });
  }

  chooseBlocking(blocking: string): void {
    const { newCallHandling, queueMember } = this.options;
    if (blocking === blocksQueue && !queueMember) return;
    const queue = blocking === blocksQueue && this.#isRuled ? 'noQueueCalls' : undefined;
    this.#quietlyIf(blocking === blocksAll ? 'doNotDisturb' : queue, () => {
      const value = newCallHandling && blocking !== blocksAll ? 'TakeAllCalls' : blocking;
      if (this.#blocking !== value) this.#choose('blocking', value);
      if (!newCallHandling || blocking === blocksAll) return this.#changeRingCentral({}, value);
      const takes = blocking === 'TakeAllCalls';
      if (this.#takesQueueCalls !== takes) this.#choose('queue', String(takes));
      this.#changeRingCentral({}, value, takes);
    });
  }

  /** Somebody changes the rules. */
  rule(rules: SyncRules): void {
    const version = this.state.rulesVersion + 1;
    this.#isRuled = true;
    this.#decided(applyRules(this.state, { rules, version }, this.#at()));
    this.#startClock();
  }

  #startClock(): void {
    const boundary = nextBoundary(this.state.rules.quietHours, this.#at());
    this.#boundary = boundary === undefined ? Infinity : Date.parse(boundary);
  }

  /** Quiet hours have begun or ended. */
  #tick(): boolean {
    if (this.#boundary > this.now) return false;
    this.#startClock();
    this.#decided(reconsider(this.state, this.#at()));
    return true;
  }

  /**
   * A choice just like what we are about to hold cannot be told from it: tried only while nothing is under way, and no
   * echo is waited for any more. A write that changes nothing has none, and what the person takes away and sets again meanwhile
   * looks just like a change of theirs that was overtaken by the write, and then its echo.
   */
  #quietlyIf(like: Hold | undefined, choose: () => void): void {
    if (like !== undefined) this.comeToRest();
    if (like !== undefined && this.#awaitsEcho(like)) this.elapse(2);
    choose();
    if (like !== undefined) this.comeToRest();
  }

  #awaitsEcho(hold: Hold): boolean {
    const { echoes, touched } = this.state.ringCentral.ledger;
    return echoes.some(
      (echo) => echo.hold === hold && !echo.seen && (echo.again !== true || touched.includes(hold)),
    );
  }

  #choose(field: Field, value: string): void {
    if (this.#lastWriter[field] === 'us') this.overrode = true;
    this.#adopt(field, value);
    this.#lastWriter[field] = 'person';
  }

  /** From now on `value` counts as what the person has left there. */
  #adopt(field: Field, value: string): void {
    this.#crossed.delete(field);
    this.#chosen[field] = { value, told: false, sequence: this.#sequence + 1 };
  }

  // ---- messages ----

  /** Delivers a waiting notification: the oldest, or where they may overtake each other any. */
  deliver(side: Side, n: number): boolean {
    const inbox = this.#inbox[side];
    const mayOvertake = side === 'ringCentral' || this.options.stamped;
    const [message] = inbox.splice(mayOvertake ? n % Math.max(inbox.length, 1) : 0, 1);
    if (message === undefined) return false;
    this.#copies[side].push(message);
    this.#take(message);
    return true;
  }

  /** Delivers a copy of what was delivered before; answers the wishes that came of it. */
  deliverCopy(side: Side, n: number): number {
    const copies = this.#copies[side].slice(-8);
    const message = copies[n % Math.max(copies.length, 1)];
    return message === undefined ? 0 : this.#take(message);
  }

  #take(message: Message): number {
    // Whom we do not serve we do not listen to; what they have chosen is told by the read when they come back.
    const heard = this.state.service.left ? [] : Object.values(this.#chosen);
    for (const choice of heard) {
      if (message.sequence !== undefined && message.sequence >= choice.sequence) choice.told = true;
    }
    return this.#decided(message.deliver());
  }

  /** A read of one side, as a resync makes it. */
  read(side: Side): number {
    const origin: Origin = { kind: 'read' };
    const at = this.#at();
    if (side === 'ringCentral') for (const field of fields) this.#chosen[field].told = true;
    return this.#decided(
      side === 'teams'
        ? observeTeams(this.state, { ...this.teamsShown(), ...this.#stamp() }, origin, at)
        : observeRingCentral(this.state, this.ringCentralShown(), origin, at),
    );
  }

  /**
   * The person is mapped to another extension. The RingCentral side of this world stays the old one's, of which
   * nothing is told any more; what is wished for the new one goes elsewhere.
   */
  moveTo(extensionId: string): void {
    this.#decided(moveTo(this.state, extensionId, this.#at()));
    this.#hasMoved = true;
    this.#inbox.ringCentral.splice(0);
  }

  /** The service ends for the person with this version of the subscription, as the start of a clean exit has it. */
  leave(version: number): void {
    for (const side of ['teams', 'ringCentral'] as const)
      this.#change(side, reopen(this.#outbox[side], version));
    this.#decided(leave(this.state, version, this.#at()));
  }

  /** The exit ends: whatever the vendors have not taken by now is given up. */
  shut(version: number): void {
    for (const side of ['teams', 'ringCentral'] as const)
      this.#change(side, shut(this.#outbox[side], { version }));
  }

  /** The person is served again. */
  comeBack(version: number): void {
    for (const side of ['teams', 'ringCentral'] as const)
      this.#change(side, reopen(this.#outbox[side], version));
    this.#decided(enrol(this.state, { extensionId: this.state.extensionId, version }, this.#at()));
  }

  #change(side: Side, { outbox, settled }: { outbox: Outbox; settled: Settlement[] }): void {
    this.#outbox[side] = outbox;
    for (const { answer } of settled) this.#toPerson.push({ side, answer });
  }

  #decided(decision: Decision | undefined): number {
    if (decision === undefined) return 0;
    const { state, wishes } = decision;
    this.state = state;
    for (const { side, ...wish } of wishes) {
      if (this.#hasMoved && side === 'ringCentral') continue;
      this.#toOutbox[side].push({ ...wish, userId, targetId: userId });
      this.wishes += 1;
    }
    return wishes.length;
  }

  passWish(side: Side): boolean {
    const wishes = this.#toOutbox[side];
    // What is held back waits, unless something newer takes its place.
    const due = wishes.findIndex(
      ({ notBefore }) => notBefore === undefined || Date.parse(notBefore) <= this.now,
    );
    for (const wish of wishes.splice(0, due + 1)) this.#takeWish(side, wish);
    return due >= 0;
  }

  #takeWish(side: Side, wish: WaitingWish): void {
    const { outbox, start, settled } = addWish(this.#outbox[side], wish, this.#at());
    this.#outbox[side] = outbox;
    if (start) this.#deliveries[side].push({ phase: 'ask', epoch: outbox.epoch });
    for (const { answer } of settled) this.#toPerson.push({ side, answer });
  }

  passAnswer(): boolean {
    const message = this.#toPerson.shift();
    if (message === undefined) return false;
    this.#decided(settle(this.state, message.side, message.answer, this.#at()));
    return true;
  }

  /** Lets the delivery of a side do its next thing. */
  advance(side: Side, fate: Fate): boolean {
    const delivery = this.#deliveries[side][0];
    if (delivery === undefined) return false;
    if (delivery.phase === 'write') this.#write(side, delivery, fate);
    else if (delivery.phase === 'ask') this.#ask(side, delivery);
    else if (delivery.until > this.now) return false;
    else this.#deliveries[side][0] = { phase: 'ask', epoch: delivery.epoch };
    return true;
  }

  #ask(side: Side, delivery: Delivery): void {
    const { epoch, report } = delivery;
    const { outbox, order, settled } = nextBatch(this.#outbox[side], side, { epoch, report }, this.#at());
    this.#outbox[side] = outbox;
    for (const { answer } of settled) this.#toPerson.push({ side, answer });
    const told: Told = {};
    for (const field of fields) {
      const choice = this.#chosen[field];
      if (choice.told && this.#toOutbox[side].length === 0) told[field] = choice.value;
    }
    if (order.kind === 'closed') this.#deliveries[side].shift();
    else if (order.kind === 'wait') {
      this.#deliveries[side][0] = { phase: 'wait', epoch, until: Date.parse(order.until) };
    } else this.#deliveries[side][0] = { phase: 'write', epoch, told };
  }

  #write(side: Side, delivery: Delivery & { phase: 'write' }, fate: Fate): void {
    const wish = this.#outbox[side].inFlight[userId];
    if (wish === undefined) throw new Error('Handed out, and not in flight.');
    // What a vendor has carried out once it does not refuse the second time.
    const isRefused = (fate === 'rejected' || this.#isNoMember(wish)) && this.#landed[side] !== wish.revision;
    const isApplied = !isRefused && fate !== 'throttled' && fate !== 'neverArrived';
    if (isApplied) {
      this.#landed[side] = wish.revision;
      this.#apply(side, wish, delivery.told);
    }
    const report = {
      results: [
        {
          targetId: userId,
          revision: wish.revision,
          result: this.#resultOf(fate, isApplied),
          ...(isRefused && { code: 'CMN-408' }),
        },
      ],
      ...(fate === 'throttled' && { retryAfterSeconds: 60 }),
    };
    this.#deliveries[side][0] = { phase: 'ask', epoch: delivery.epoch, report };
  }

  /** Queue calls can only be turned off for members of a queue. */
  #isNoMember({ write }: WaitingWish): boolean {
    return (
      'acceptCallQueueCalls' in write && write.acceptCallQueueCalls === false && !this.options.queueMember
    );
  }

  #resultOf(fate: Fate, isApplied: boolean): WriteResult['result'] {
    if (fate === 'lostAnswer' || fate === 'neverArrived') return 'retry';
    if (fate === 'throttled') return 'unsent';
    return isApplied ? 'done' : 'rejected';
  }

  #apply(side: Side, { write, hold }: WaitingWish, told: Told): void {
    this.writes.push({ side, write });
    if ('kind' in write) {
      this.#ours = write.kind === 'clear' ? undefined : { ...write, until: this.now + hold4h };
      this.#notifyTeams();
      return;
    }
    const { userStatus, dndStatus, dndStatusPersonal, acceptCallQueueCalls } = write;
    const blocking = this.options.newCallHandling ? dndStatusPersonal : this.#legal(dndStatus);
    this.#checkWrite('userStatus', userStatus, 'Busy', told);
    const held = hold === 'noQueueCalls' && blocking === blocksQueue ? blocksQueue : blocksAll;
    this.#checkWrite('blocking', blocking, held, told);
    this.#checkWrite('queue', acceptCallQueueCalls?.toString(), 'false', told);
    if (Object.values(write).every((value) => value === undefined)) throw new Error('An empty write.');
    if (this.options.newCallHandling ? dndStatus !== undefined : dndStatusPersonal !== undefined) {
      throw new Error('The account does not take this field.');
    }
    if (acceptCallQueueCalls !== undefined && !this.options.newCallHandling)
      throw new Error('The account has no queue setting.');
    this.#changeRingCentral(userStatus === undefined ? {} : { userStatus }, blocking, acceptCallQueueCalls);
  }

  /** Whoever is in no queue is let all calls through instead, as the writer does it. */
  #legal(dndStatus: string | undefined): string | undefined {
    return dndStatus === blocksQueue && !this.options.queueMember ? 'TakeAllCalls' : dndStatus;
  }

  /** We never put anything over a choice of the person that we have been told of, but what is held, and that not over Offline. */
  #checkWrite(field: Field, value: string | undefined, held: string, told: Told): void {
    if (value === undefined) return;
    const { value: chosen } = this.#chosen[field];
    const isHold = value === held && chosen !== held;
    if (this.#crossed.has(field)) {
      if (!isHold) this.#adopt(field, value);
      this.#lastWriter[field] = value === held ? 'us' : 'person';
      return;
    }
    if (told[field] === chosen) {
      if (!isHold && value !== chosen) throw new Error(`${field}: ${value} over the person's ${chosen}.`);
      if (isHold && chosen === 'Offline') throw new Error('A manual Offline is written over.');
    } else if (!isHold) {
      // Their choice and our write have crossed on the way: nobody could know.
      this.#adopt(field, value);
    } else this.#crossed.add(field);
    this.#lastWriter[field] = value === held ? 'us' : 'person';
  }

  // ---- the vendors' notifications ----

  #notifyTeams(): void {
    const shown = this.teamsShown();
    const key = JSON.stringify(shown);
    if (key === this.#lastTeams) return;
    this.#lastTeams = key;
    this.#teamsSequence += 1;
    const stamp = this.#stamp();
    const id = `t${(this.#ids += 1)}`;
    this.#inbox.teams.push({
      sentAt: this.now,
      deliver: () => {
        const origin: Origin = { kind: 'notification', id, ...(stamp && { sequence: stamp.sequenceNumber }) };
        return observeTeams(this.state, shown, origin, this.#at());
      },
    });
  }

  #stamp(): { sequenceNumber: string } | undefined {
    return this.options.stamped
      ? { sequenceNumber: String(this.#teamsSequence).padStart(12, '0') }
      : undefined;
  }

  #changeRingCentral(
    changed: Partial<RingCentralReport>,
    blocking?: string,
    takesQueueCalls?: boolean,
  ): void {
    const before = JSON.stringify(this.ringCentralShown());
    const callBefore = this.#rc.telephonyStatus;
    this.#rc = { ...this.#rc, ...(changed as Partial<Settings>) };
    if (takesQueueCalls !== undefined) this.#takesQueueCalls = takesQueueCalls;
    if (blocking !== undefined) this.#blocking = blocking;
    if (JSON.stringify(this.ringCentralShown()) === before) return;
    const { telephonyStatus, ...settings } = this.ringCentralShown();
    const report = { ...settings, ...(telephonyStatus !== callBefore && { telephonyStatus }) };
    this.#sendEvent(report);
  }

  #sendEvent(report: RingCentralReport): void {
    if (this.#hasMoved) return;
    const id = `r${(this.#ids += 1)}`;
    const sequence = (this.#sequence += 1);
    const vendorTime = this.#at();
    this.#inbox.ringCentral.push({
      sentAt: this.now,
      sequence,
      deliver: () => {
        const origin: Origin = { kind: 'notification', id, sequence, vendorTime };
        return observeRingCentral(this.state, report, origin, this.#at());
      },
    });
  }

  /** RingCentral sends what it has sent once more, as an event of its own. */
  repeatEvent(): void {
    const { telephonyStatus: _unchanged, ...settings } = this.ringCentralShown();
    this.#sendEvent(settings);
  }

  // ---- time ----

  #at(): string {
    if (this.#told.now !== this.now) this.#told = { now: this.now, at: new Date(this.now).toISOString() };
    return this.#told.at;
  }

  /** Lets everything under way arrive, with our sessions running out in their time; throws when it never ends. */
  comeToRest(): void {
    for (let step = 0; step < 1000; step++) {
      this.now += 1;
      if (this.#moveOne()) continue;
      // As the task hub keeps it between two operations; now and then, because it takes its time.
      if ((this.#rests += 1) % 5 === 0)
        this.state = userPresenceSchema.parse(JSON.parse(JSON.stringify(this.state)));
      return;
    }
    throw new Error('Presence does not come to rest.');
  }

  #moveOne(): boolean {
    if (this.#tick() || this.deliver('ringCentral', 0) || this.deliver('teams', 0) || this.passAnswer())
      return true;
    for (const side of ['teams', 'ringCentral'] as const) {
      if (this.passWish(side) || this.advance(side, 'done')) return true;
    }
    const waits = (['teams', 'ringCentral'] as const)
      .map((side) => this.#deliveries[side][0])
      .filter((delivery) => delivery?.phase === 'wait');
    const heldBack = Object.values(this.#toOutbox).flatMap((wishes) =>
      wishes.map(({ notBefore }) => Date.parse(notBefore ?? this.#at())),
    );
    const next = [...waits.map(({ until }) => until), ...heldBack];
    if (next.length === 0) return false;
    this.#passTo(Math.max(this.now, Math.min(...next)));
    return true;
  }

  /** Time passes until then, and the quiet hours' clock is not missed. */
  #passTo(then: number): void {
    while (this.#boundary <= then) {
      this.now = Math.max(this.now, this.#boundary);
      this.#tick();
    }
    this.now = Math.max(this.now, then);
  }

  /** Time passes in quiet; a session of ours that runs out is notified. */
  elapse(minutes: number): void {
    this.comeToRest();
    this.#passTo(this.now + minutes * 60_000);
    this.#notifyTeams();
    this.comeToRest();
  }

  /** The nightly read of both sides, until it makes no difference any more. */
  resync(): void {
    this.elapse(5);
    for (let round = 0; round < 3; round++) {
      this.read('teams');
      this.read('ringCentral');
      this.elapse(5);
    }
  }

  get isAtRest(): boolean {
    const sides = ['teams', 'ringCentral'] as const;
    return sides.every(
      (side) =>
        Object.keys({ ...this.#outbox[side].waiting, ...this.#outbox[side].inFlight }).length === 0 &&
        !this.#outbox[side].open,
    );
  }
}
