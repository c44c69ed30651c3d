/** The outbox: newest wish per person, nothing lost or stranded, nobody's results mixed up. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { endDelivery, nextBatch, rouse } from '../../domain/delivery.ts';
import {
  addWish,
  backlogOf,
  emptyOutbox,
  hush,
  isInStorm,
  outboxSchema,
  reopen,
  resume,
  shut,
  type BatchReport,
  type HandedOut,
  type NextOrder,
  type Outbox,
  type Settlement,
  type WaitingWish,
  type WriteResult,
} from '../../domain/outbox.ts';
import type { Hold } from '../../domain/presence.ts';
import { teamsWrite } from '../../domain/teams-presence.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

function aWish(given: Partial<WaitingWish> = {}): WaitingWish {
  const hold = given.hold === undefined ? 'busy' : given.hold;
  const userId = given.userId ?? 'ada';
  return {
    userId,
    targetId: `${userId}@vendor`,
    revision: 1,
    hold,
    baseline: null,
    certain: true,
    urgency: 'rest',
    write: teamsWrite(hold),
    ...given,
  };
}

/** An outbox and the delivery that serves it. */
class Post {
  outbox: Outbox = emptyOutbox;
  seconds = 0;
  settled: Settlement[] = [];
  epochs: number[] = [];
  wasLast = false;

  wish(given: Partial<WaitingWish> = {}): void {
    const { outbox, start: starts, settled } = addWish(this.outbox, aWish(given), at(this.seconds));
    this.#keep(outbox, settled);
    if (starts) this.epochs.push(outbox.epoch);
  }

  next(report?: BatchReport, epoch = this.outbox.epoch): NextOrder {
    const { outbox, order, settled } = nextBatch(
      this.outbox,
      'ringCentral',
      { epoch, report },
      at(this.seconds),
    );
    this.#keep(outbox, settled);
    if (order.kind !== 'write') return order;
    const { last = false, ...plain } = order;
    this.wasLast = last;
    return plain;
  }

  /** The delivery has done what it was told was the last, and ends. */
  end(report: BatchReport, epoch = this.outbox.epoch): void {
    const {
      outbox,
      start: starts,
      settled,
    } = endDelivery(this.outbox, 'ringCentral', { epoch, report }, at(this.seconds));
    this.#keep(outbox, settled);
    if (starts) this.epochs.push(outbox.epoch);
  }

  /** Whether the delivery has to be woken. */
  rouse(): boolean {
    const { outbox, wake } = rouse(this.outbox, 'ringCentral', at(this.seconds));
    this.#keep(outbox, []);
    return wake;
  }

  resume(): void {
    const { outbox, start: starts } = resume(this.outbox, at(this.seconds));
    this.#keep(outbox, []);
    if (starts) this.epochs.push(outbox.epoch);
  }

  #keep(outbox: Outbox, settled: Settlement[]): void {
    this.outbox = outboxSchema.parse(JSON.parse(JSON.stringify(outbox)));
    this.settled.push(...settled);
  }
}

const results = (...given: WriteResult[]): BatchReport => ({ results: given });
/** How a wish is named: whom it addresses, and of which revision it is. */
const named = (userId: string, revision = 1): HandedOut => ({ targetId: `${userId}@vendor`, revision });
const written = (...wishes: HandedOut[]): NextOrder => ({ kind: 'write', wishes });
const done: WriteResult = { ...named('ada'), result: 'done' };
const again: WriteResult = { ...named('ada'), result: 'retry' };

describe('a wish', () => {
  test('starts one delivery, which ends once nothing waits', () => {
    const post = new Post();
    post.wish();
    post.wish({ userId: 'bob' });
    expect(post.epochs).toEqual([1]);
    expect(post.next()).toEqual(written(named('ada'), named('bob')));
    expect(post.next(results(done, { ...named('bob'), result: 'done' }))).toEqual({ kind: 'closed' });
    expect(post.settled.map(({ answer }) => answer.outcome)).toEqual(['done', 'done']);
  });

  test('that undoes one not sent yet is dropped with it', () => {
    const post = new Post();
    post.wish({ revision: 1 });
    post.wish({ revision: 2, hold: null, certain: false });
    expect(post.outbox.waiting).toEqual({});
    expect(post.settled).toMatchObject([{ answer: { outcome: 'dropped', revision: 2, hold: null } }]);
    expect(post.next()).toEqual({ kind: 'closed' });
  });

  test('that undoes one whose fate is unknown is sent', () => {
    const post = new Post();
    post.wish({ revision: 1 });
    post.next();
    post.wish({ revision: 2, hold: null, certain: false });
    post.next(results(again));
    post.seconds += 10;
    expect(post.next()).toEqual(written(named('ada', 2)));
    expect(post.outbox.inFlight['ada@vendor']?.revision).toBe(2);
  });

  test('for a hold is not dropped after its like was throttled and let go of', () => {
    const post = new Post();
    post.wish({ revision: 1 });
    post.next();
    post.wish({ revision: 2, hold: null, certain: false });
    post.next({ ...results(again), retryAfterSeconds: 60 });
    post.wish({ revision: 3, hold: 'busy', certain: false });
    post.seconds += 60;
    expect(post.next()).toEqual(written(named('ada', 3)));
    expect(post.settled).toEqual([]);
  });

  test('that undoes one which was certainly not sent is dropped with it', () => {
    const post = new Post();
    post.wish({ revision: 1 });
    post.next();
    post.next({ results: [{ ...named('ada'), result: 'unsent' }], retryAfterSeconds: 60 });
    post.wish({ revision: 2, hold: null, certain: false });
    expect(post.outbox.waiting).toEqual({});
  });

  test('that undoes one, where part of what stood before both was taken away meanwhile, is sent', () => {
    const post = new Post();
    post.wish({ revision: 1, hold: 'doNotDisturb', baseline: 'noQueueCalls' });
    post.wish({ revision: 2, hold: 'busy', certain: false });
    post.wish({ revision: 3, hold: null, certain: false });
    expect(post.next()).toEqual(written(named('ada', 3)));
  });

  test('for just what has been written meanwhile is dropped', () => {
    const post = new Post();
    post.wish({ revision: 1 });
    post.next();
    post.wish({ revision: 3, certain: false });
    expect(post.next(results(done))).toEqual({ kind: 'closed' });
    expect(post.settled.map(({ answer }) => answer.outcome)).toEqual(['done', 'dropped']);
  });

  test('that puts another value back than the one just written is sent', () => {
    const post = new Post();
    post.wish({ revision: 1, hold: null, write: { userStatus: 'Available' } });
    post.next();
    post.wish({ revision: 2, hold: null, write: { userStatus: 'Offline' }, certain: false });
    expect(post.next(results(done))).toEqual(written(named('ada', 2)));
  });

  test('with nothing to write withdraws what waits, also what comes back from a failed flight', () => {
    const post = new Post();
    post.wish({ revision: 1, hold: null, write: { userStatus: 'Available' }, certain: false });
    post.next();
    post.wish({ revision: 2, hold: null, write: {}, certain: false });
    expect(post.outbox.waiting['ada@vendor']?.revision).toBe(2);
    expect(post.next(results(again))).toEqual({ kind: 'closed' });
    expect(post.settled).toMatchObject([{ answer: { outcome: 'dropped', revision: 2 } }]);
    post.wish({ revision: 3, hold: null, write: {} });
    expect(post.epochs).toEqual([1]);
  });

  test('that the vendor refused is settled with its code, and not tried again', () => {
    const post = new Post();
    post.wish();
    post.next();
    expect(post.next(results({ ...named('ada'), result: 'rejected', code: 'CMN-408' }))).toEqual({
      kind: 'closed',
    });
    expect(post.settled).toMatchObject([{ userId: 'ada', answer: { outcome: 'rejected', code: 'CMN-408' } }]);
  });

  test('is settled only by a result of its own revision', () => {
    const post = new Post();
    post.wish({ revision: 6 });
    post.next();
    const order = post.next(results({ ...named('ada', 5), result: 'done' }));
    expect(post.settled).toEqual([]);
    expect(order).toEqual(written(named('ada', 6)));
    expect(post.next(results({ ...named('ada', 6), result: 'done' }))).toEqual({ kind: 'closed' });
    expect(post.settled).toMatchObject([{ userId: 'ada', answer: { outcome: 'done', revision: 6 } }]);
  });

  test('for the extension somebody had before, and one for their new extension, go out side by side', () => {
    const post = new Post();
    post.wish({ targetId: 'old', revision: 4, hold: null, baseline: 'busy' });
    post.wish({ targetId: 'new', revision: 5 });
    const [old, fresh] = [
      { targetId: 'old', revision: 4 },
      { targetId: 'new', revision: 5 },
    ];
    expect(post.next()).toEqual(written(old, fresh));
  });

  test("does not count what waits for the same extension on another's behalf as undone", () => {
    const post = new Post();
    const targetId = 'extension';
    post.wish({ userId: 'ada', targetId, revision: 4, hold: null, baseline: 'busy' });
    post.wish({ userId: 'bob', targetId, revision: 1 });
    post.wish({ userId: 'bob', targetId, revision: 2, hold: null, certain: false });
    expect(post.next()).toEqual(written({ targetId, revision: 2 }));
  });
});

describe('a delivery', () => {
  test('waits longer after each failure, and at most a minute', () => {
    const post = new Post();
    post.wish();
    post.next();
    const waits: number[] = [];
    for (let round = 0; round < 8; round++) {
      const order = post.next(results(again));
      if (order.kind !== 'wait') throw new Error(`${order.kind} instead of a wait`);
      waits.push((Date.parse(order.until) - Date.parse(at(post.seconds))) / 1000);
      post.seconds = (Date.parse(order.until) - start) / 1000;
      expect(post.next().kind).toBe('write');
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('waits as long as the vendor says', () => {
    const post = new Post();
    post.wish();
    post.next();
    expect(post.next({ ...results(again), retryAfterSeconds: 300 })).toEqual({
      kind: 'wait',
      until: at(300),
    });
  });

  test('waits as long as the vendor has said to others, whatever came of its own writes meanwhile', () => {
    const post = new Post();
    post.wish();
    post.wish({ userId: 'bob' });
    post.next();
    post.outbox = hush(hush(post.outbox, at(60)), at(30));
    post.wish({ userId: 'cyd' });
    expect(post.next(results(done, { ...named('bob'), result: 'done' }))).toEqual({
      kind: 'wait',
      until: at(60),
    });
    post.seconds = 60;
    expect(post.next()).toEqual(written(named('cyd')));
    expect(post.next(results({ ...named('cyd'), result: 'done' }))).toEqual({ kind: 'closed' });
    expect(post.outbox.quietUntil).toBeUndefined();
  });

  test('is in a storm while more waits than the vendor takes in a minute, and it takes any', () => {
    const post = new Post();
    for (let person = 0; person < 40; person++) post.wish({ userId: `p${person}` });
    expect(isInStorm(post.outbox, 'ringCentral')).toBe(false);
    post.wish({ userId: 'one more' });
    expect(isInStorm(post.outbox, 'ringCentral')).toBe(true);
    expect(isInStorm({ ...post.outbox, paused: true }, 'ringCentral')).toBe(false);
    expect(isInStorm({ ...post.outbox, failures: 1 }, 'ringCentral')).toBe(false);
  });

  test('stops when the grant is gone, keeps what comes meanwhile, and goes on after a reconnect', () => {
    const post = new Post();
    post.wish();
    post.next();
    expect(post.next({ ...results(again), consentRevoked: 'invalid_grant' })).toEqual({ kind: 'closed' });
    post.wish({ userId: 'bob' });
    expect(post.epochs).toEqual([1]);
    post.resume();
    expect(post.epochs).toEqual([1, 2]);
    expect(post.next()).toEqual(written(named('ada'), named('bob')));
  });

  test('that is silent for ten minutes is replaced, and what it had in flight is sent again first', () => {
    const post = new Post();
    post.wish();
    post.next();
    post.seconds = 599;
    post.wish({ userId: 'bob' });
    expect(post.epochs).toEqual([1]);
    post.seconds = 600;
    post.wish({ userId: 'cyd' });
    expect(post.epochs).toEqual([1, 2]);
    expect(post.next(results(done), 1)).toEqual({ kind: 'closed' });
    expect(post.next()).toEqual(written(named('ada'), named('bob'), named('cyd')));
  });

  test('that died with everything in flight is replaced by resuming, without any other wish', () => {
    const post = new Post();
    post.wish();
    post.next();
    post.seconds = 599;
    post.resume();
    expect(post.epochs).toEqual([1]);
    post.seconds = 600;
    post.resume();
    expect(post.epochs).toEqual([1, 2]);
    expect(post.next()).toEqual(written(named('ada')));
    expect(post.next(results(done))).toEqual({ kind: 'closed' });
    post.resume();
    expect(post.epochs).toEqual([1, 2]);
  });

  test('that waits for a vendor is not taken for dead before its time', () => {
    const post = new Post();
    post.wish();
    post.next();
    post.next({ ...results(again), retryAfterSeconds: 3600 });
    post.seconds = 3600;
    post.wish({ userId: 'bob' });
    expect(post.epochs).toEqual([1]);
  });

  test('sends no more than the vendor has left, in small batches', () => {
    const post = new Post();
    for (let person = 0; person < 30; person++) post.wish({ userId: `p${person}` });
    const first = post.next();
    if (first.kind !== 'write') throw new Error(first.kind);
    expect(first.wishes).toHaveLength(8);
    const report = results(...first.wishes.map((wish) => ({ ...wish, result: 'done' as const, at: at(0) })));
    const second = post.next({ ...report, budget: { limit: 40, remaining: 4, windowSeconds: 60 } });
    expect(second).toMatchObject({ kind: 'write', wishes: [{}, {}, {}] });
    post.seconds = 1;
    expect(post.next(results())).toMatchObject({ kind: 'wait' });
  });

  test('sends nothing during a penalty, even if it is started or woken meanwhile', () => {
    const post = new Post();
    post.wish({ urgency: 'callEnd' });
    post.next();
    const thrown: WriteResult = { ...named('ada'), result: 'unsent', at: at(0) };
    post.next({ results: [thrown], retryAfterSeconds: 60 });
    post.seconds = 30;
    post.wish({ userId: 'bob', urgency: 'callEnd' });
    expect(post.rouse()).toBe(false);
    expect(post.next()).toEqual({ kind: 'wait', until: at(60) });
    post.seconds = 60;
    expect(post.next()).toEqual(written(named('ada'), named('bob')));
  });

  test('that was told that nothing else waits ends with its report, and is followed if something does', () => {
    const post = new Post();
    post.wish();
    post.next();
    expect(post.wasLast).toBe(true);
    post.end(results(done));
    expect(post.outbox.open).toBe(false);
    expect(post.settled).toMatchObject([{ userId: 'ada', answer: { outcome: 'done' } }]);
    post.wish({ userId: 'bob' });
    post.next();
    post.wish({ userId: 'cyd' });
    post.end(results({ ...named('bob'), result: 'done' }));
    expect(post.epochs).toEqual([1, 2, 3]);
    expect(post.next()).toEqual(written(named('cyd')));
    post.end(results(), 2);
    expect(post.outbox.inFlight).toHaveProperty('cyd@vendor');
  });

  test('that knows of more to come is not told that it was the last', () => {
    const post = new Post();
    post.wish();
    post.wish({ userId: 'bob', notBefore: at(90) });
    expect(post.next()).toEqual(written(named('ada')));
    expect(post.wasLast).toBe(false);
  });
});

describe('what goes first', () => {
  test('is the end of a call, then do-not-disturb, then calls that begin, then the rest; within them who came first', () => {
    const post = new Post();
    post.wish({ userId: 'ada', urgency: 'rest', since: at(0) });
    post.wish({ userId: 'bob', urgency: 'callStart', since: at(1) });
    post.wish({ userId: 'cyd', urgency: 'callEnd', since: at(3) });
    post.wish({ userId: 'dan', urgency: 'doNotDisturb', since: at(2) });
    post.wish({ userId: 'eve', urgency: 'callEnd', since: at(2) });
    const order = ['eve', 'cyd', 'dan', 'bob', 'ada'].map((name) => named(name));
    expect(post.next()).toEqual(written(...order));
  });

  test('is who has waited for a quarter of an hour: nobody starves', () => {
    const post = new Post();
    post.wish({ userId: 'ada', urgency: 'rest', since: at(0) });
    post.seconds = 15 * 60 - 1;
    post.wish({ userId: 'bob', urgency: 'callEnd', since: at(post.seconds) });
    post.outbox = { ...post.outbox, servedUntil: at(2000) };
    expect(post.next()).toEqual(written(named('bob'), named('ada')));
    post.next(results({ ...named('bob'), result: 'unsent' }, { ...named('ada'), result: 'unsent' }));
    post.seconds += 100;
    expect(post.next()).toEqual(written(named('ada'), named('bob')));
  });

  test('is no later for being asked once more, nor less urgent for the same hold', () => {
    const post = new Post();
    post.wish({ revision: 1, urgency: 'callStart', since: at(0) });
    post.wish({ revision: 2, urgency: 'rest', since: at(9) });
    expect(post.outbox.waiting['ada@vendor']).toMatchObject({ urgency: 'callStart', since: at(0) });
    post.wish({ revision: 3, urgency: 'doNotDisturb', since: at(10), hold: 'doNotDisturb' });
    post.wish({ revision: 4, urgency: 'rest', since: at(11), hold: 'busy' });
    expect(post.outbox.waiting['ada@vendor']).toMatchObject({ urgency: 'rest', since: at(0) });
  });
});

describe('a wish that is not to be written yet', () => {
  const deferred = { hold: null, baseline: 'busy', notBefore: at(120), urgency: 'callEnd' } as const;

  test('is waited for, and then written', () => {
    const post = new Post();
    post.wish(deferred);
    expect(post.next()).toEqual({ kind: 'wait', until: at(120) });
    post.seconds = 120;
    expect(post.next()).toEqual(written(named('ada')));
  });

  test('costs nothing when the call that it was to end goes on', () => {
    const post = new Post();
    post.wish({ ...deferred, revision: 2 });
    post.next();
    post.seconds = 60;
    post.wish({ revision: 3, hold: 'busy', baseline: 'busy', certain: false });
    expect(post.settled).toMatchObject([{ answer: { outcome: 'dropped', hold: 'busy' } }]);
    post.seconds = 120;
    expect(post.next()).toEqual({ kind: 'closed' });
  });

  test('does not hold up another, for which the delivery is woken, once', () => {
    const post = new Post();
    post.wish(deferred);
    post.next();
    post.seconds = 10;
    post.wish({ userId: 'bob', notBefore: at(200) });
    expect(post.rouse()).toBe(false);
    post.wish({ userId: 'cyd', notBefore: at(90) });
    expect(post.rouse()).toBe(true);
    post.wish({ userId: 'dan' });
    expect(post.rouse()).toBe(false);
    expect(post.next()).toEqual(written(named('dan')));
    expect(post.next(results({ ...named('dan'), result: 'done' }))).toEqual({ kind: 'wait', until: at(90) });
  });

  test('leaves the delivery alone where the vendor allows nothing sooner', () => {
    const post = new Post();
    for (let person = 0; person < 40; person++) post.wish({ userId: `p${person}`, urgency: 'callEnd' });
    let order = post.next();
    while (order.kind === 'write') {
      const wishes = order.wishes.map((wish) => ({ ...wish, result: 'done' as const, at: at(0) }));
      order = post.next(results(...wishes));
    }
    expect(order).toEqual({ kind: 'wait', until: at(60) });
    post.seconds = 5;
    post.wish({ userId: 'ada', urgency: 'callEnd' });
    expect(post.rouse()).toBe(false);
  });
});

describe('whatever happens', () => {
  const people = ['ada', 'bob', 'cyd'];
  const person = fc.constantFrom(...people);
  const hold = fc.constantFrom<(Hold | null)[]>('busy', 'doNotDisturb', null);
  type Action = (run: Run) => void;
  /** What the delivery learns of each fate of a write; of `missing` nothing. */
  const resultOf: Record<string, WriteResult['result']> = {
    done: 'done',
    rejected: 'rejected',
    answerLost: 'retry',
    failed: 'retry',
    throttled: 'unsent',
    revoked: 'unsent',
  };

  /** Follows what each person's side holds, and lets it be written, refused, lost or throttled. */
  class Run extends Post {
    readonly side = new Map<string, Hold | null>();
    readonly wanted = new Map<string, Hold | null>();
    readonly confirmed = new Map<string, { hold: Hold | null; revision: number }>();
    readonly refused = new Set<string>();
    flying: { epoch: number; wishes: HandedOut[] } | undefined;
    delivery: number | undefined;
    report: BatchReport | undefined;
    readonly #revisions = new Map<string, number>();
    /** What was refused may have followed something that was carried out without our knowing. */
    readonly #doubtful = new Set<string>();
    readonly #landed = new Map<string, number>();

    want(userId: string, wanted: Hold | null): void {
      const revision = (this.#revisions.get(userId) ?? 0) + 1;
      const known = this.confirmed.get(userId) ?? { hold: null, revision: 0 };
      this.#revisions.set(userId, revision);
      this.wanted.set(userId, wanted);
      this.refused.delete(userId);
      const certain = known.revision === revision - 1 && !this.#doubtful.has(userId);
      this.wish({ userId, hold: wanted, revision, baseline: known.hold, certain });
      this.follow();
    }

    follow(): void {
      for (const { userId, answer } of this.settled.splice(0)) {
        const before = this.confirmed.get(userId) ?? { hold: null, revision: 0 };
        expect(answer.revision).toBeGreaterThan(before.revision);
        if (answer.outcome === 'rejected') {
          if (answer.revision === this.#revisions.get(userId)) this.refused.add(userId);
          this.#doubtful.add(userId);
          this.confirmed.set(userId, { ...before, revision: answer.revision });
          continue;
        }
        if (answer.outcome === 'done') this.#doubtful.delete(userId);
        this.confirmed.set(userId, { hold: answer.hold, revision: answer.revision });
      }
      const epoch = this.epochs.at(-1);
      if (this.outbox.open) this.delivery = epoch;
    }

    advance(fates: readonly string[]): void {
      if (this.delivery === undefined) return;
      if (this.flying !== undefined) {
        this.#write(this.flying.wishes, fates);
        return;
      }
      const epoch = this.delivery;
      const order = this.next(this.report, epoch);
      this.report = undefined;
      this.follow();
      if (order.kind === 'closed') this.delivery = undefined;
      if (order.kind === 'wait')
        this.seconds = Math.max(this.seconds, (Date.parse(order.until) - start) / 1000);
      if (order.kind === 'write') this.flying = { epoch, wishes: order.wishes };
    }

    #write(wishes: readonly HandedOut[], fates: readonly string[]): void {
      const report: BatchReport = { results: [] };
      for (const [index, name] of wishes.entries()) {
        const wish = this.outbox.inFlight[name.targetId];
        if (wish?.revision !== name.revision) throw new Error('Handed out, and not in flight.');
        const { userId } = wish;
        // What a vendor has carried out once it does not refuse the second time.
        const isRepeated = this.#landed.get(userId) === wish.revision;
        const drawn = fates[index % fates.length] ?? 'done';
        const fate = isRepeated && drawn === 'rejected' ? 'done' : drawn;
        expect(wish).toMatchObject({ userId, targetId: `${userId}@vendor` });
        if (fate === 'done' || fate === 'answerLost') {
          this.side.set(userId, wish.hold);
          this.#landed.set(userId, wish.revision);
        }
        const result = resultOf[fate];
        if (result !== undefined) report.results.push({ ...name, result });
        if (fate === 'throttled') report.retryAfterSeconds = 60;
        if (fate === 'revoked') report.consentRevoked = 'invalid_grant';
      }
      this.flying = undefined;
      this.report = report;
    }

    /** The delivery is lost with all it knew; ten minutes later it counts as dead. */
    die(): void {
      this.delivery = undefined;
      this.flying = undefined;
      this.report = undefined;
      this.seconds += 600;
    }

    finish(): void {
      for (let round = 0; round < 20; round++) {
        if (this.outbox.open && this.delivery === undefined) this.seconds += 4000;
        this.resume();
        this.follow();
        for (let step = 0; step < 50 && this.delivery !== undefined; step++) this.advance(['done']);
      }
    }
  }

  const fate = fc.constantFrom('done', 'answerLost', 'failed', 'rejected', 'throttled', 'revoked', 'missing');
  const action: fc.Arbitrary<Action> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(person, hold).map(
        ([who, what]) =>
          (run: Run) =>
            run.want(who, what),
      ),
    },
    {
      weight: 6,
      arbitrary: fc
        .array(fate, { minLength: 1, maxLength: 3 })
        .map((fates) => (run: Run) => run.advance(fates)),
    },
    {
      weight: 1,
      arbitrary: fc.constant((run: Run) => {
        run.resume();
        run.follow();
      }),
    },
    { weight: 1, arbitrary: fc.constant((run: Run) => run.die()) },
  );

  test("each person's newest wish is what the side holds in the end, and no wish is ever stranded", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 50, size: 'max' }), (actions) => {
        const run = new Run();
        for (const act of actions) {
          act(run);
          const isWaiting = Object.keys({ ...run.outbox.waiting, ...run.outbox.inFlight }).length > 0;
          if (isWaiting && !run.outbox.open) expect(run.outbox.paused).toBe(true);
        }
        run.finish();
        expect(run.outbox).toMatchObject({ waiting: {}, inFlight: {}, open: false, paused: false });
        for (const [userId, wanted] of run.wanted) {
          if (!run.refused.has(userId)) expect(run.side.get(userId) ?? null).toBe(wanted);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
  });
});

describe('an outbox of a customer that is left', () => {
  const shutAt = (outbox: Outbox, version = 2) => shut(outbox, { version });

  test('gives up what waits, takes nothing in, and starts no delivery until it is reopened', () => {
    const post = new Post();
    post.wish({ userId: 'ada' });
    const { outbox, settled } = shutAt(post.outbox);
    expect(settled).toEqual([{ userId: 'ada', answer: { revision: 1, hold: 'busy', outcome: 'abandoned' } }]);
    expect(backlogOf(outbox)).toEqual({ wishes: 0, paused: false });
    expect(nextBatch(outbox, 'teams', { epoch: 1 }, at(1)).order).toEqual({ kind: 'closed' });
    expect(addWish(outbox, aWish({ userId: 'bob' }), at(2))).toMatchObject({
      outbox,
      start: false,
      settled: [{ userId: 'bob', answer: { outcome: 'abandoned' } }],
    });
    expect(resume(outbox, at(3))).toEqual({ outbox, start: false });
    const again = reopen(outbox, 3).outbox;
    expect(addWish(again, aWish(), at(4))).toMatchObject({ start: true, outbox: { epoch: 2 } });
  });

  test('hears what became of the writes under way, and tries none again', () => {
    const post = new Post();
    for (const userId of ['ada', 'bob']) post.wish({ userId });
    post.next();
    const { outbox, settled } = shutAt(post.outbox);
    expect(settled).toEqual([]);
    expect(backlogOf(outbox).wishes).toBe(2);
    const report: BatchReport = {
      results: [
        { targetId: 'ada@vendor', revision: 1, result: 'done' },
        { targetId: 'bob@vendor', revision: 1, result: 'retry' },
      ],
    };
    const landed = nextBatch(outbox, 'teams', { epoch: 1, report }, at(1));
    expect(landed.order).toEqual({ kind: 'closed' });
    expect(landed.settled.map(({ userId, answer }) => [userId, answer.outcome])).toEqual([
      ['ada', 'done'],
      ['bob', 'abandoned'],
    ]);
    expect(backlogOf(landed.outbox).wishes).toBe(0);
  });

  test('can be shut at once, so that not even a delivery under way finds anything to write', () => {
    const post = new Post();
    post.wish({ userId: 'ada' });
    post.next();
    const { outbox, settled } = shut(post.outbox, { version: 2, atOnce: true });
    expect(settled).toMatchObject([{ userId: 'ada', answer: { outcome: 'abandoned' } }]);
    expect(outbox).toMatchObject({ inFlight: {}, waiting: {}, open: false });
    expect(nextBatch(outbox, 'teams', { epoch: 1 }, at(1))).toMatchObject({ order: { kind: 'closed' } });
  });

  test('follows the newest version: a late end does not shut what has begun again, nor a late beginning open it', () => {
    const opened = reopen(emptyOutbox, 3).outbox;
    expect(shutAt(opened).outbox).toBe(opened);
    const ended = shutAt(opened, 4).outbox;
    expect(reopen(ended, 3).outbox).toBe(ended);
    expect(reopen(ended, 4).outbox).toBe(ended);
  });

  test('forgets what a dead delivery had in flight when it is reopened, because that is outdated', () => {
    const post = new Post();
    post.wish({ userId: 'ada' });
    post.next();
    const { outbox, settled } = reopen(shutAt(post.outbox).outbox, 3);
    expect(settled).toMatchObject([{ userId: 'ada', answer: { outcome: 'abandoned' } }]);
    expect(outbox).toMatchObject({ open: false, inFlight: {}, waiting: {} });
    expect(nextBatch(outbox, 'teams', { epoch: 1 }, at(900)).order).toEqual({ kind: 'closed' });
  });

  test('is like any other in states of old', () => {
    const { service: _unsaid, ...old } = emptyOutbox;
    expect(outboxSchema.parse(old)).toEqual(emptyOutbox);
  });
});
