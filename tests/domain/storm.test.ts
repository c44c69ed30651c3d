/** A storm at the limit of RingCentral: 500 people change within a minute, and the vendor's window slides. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nextBatch } from '../../domain/delivery.ts';
import {
  addWish,
  emptyOutbox,
  type BatchReport,
  type HandedOut,
  type Outbox,
  type WriteResult,
} from '../../domain/outbox.ts';
import type { Urgency } from '../../domain/presence.ts';
import { ringCentralWrite } from '../../domain/ring-central-presence.ts';
import type { Budget } from '../../domain/write-budget.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (ms: number): string => new Date(start + ms).toISOString();
const limit = 40;
const windowMs = 60_000;

/** RingCentral's group Medium: a window that slides, and a penalty that starts anew with each request in it. */
class Vendor {
  refused = 0;
  #admitted: number[] = [];
  #penaltyUntil = 0;

  request(now: number): Budget | undefined {
    this.#admitted = this.#admitted.filter((time) => time > now - windowMs);
    if (now < this.#penaltyUntil || this.#admitted.length >= limit) {
      this.#penaltyUntil = now + windowMs;
      this.refused += 1;
      return undefined;
    }
    this.#admitted.push(now);
    return { limit, remaining: limit - this.#admitted.length, windowSeconds: 60 };
  }
}

interface Change {
  atMs: number;
  urgency: Urgency;
}

interface Storm {
  changes: Change[];
  /** When others use the same limit. */
  others?: number[];
  /** How long the vendor takes for a write, and durable messages for a round, in milliseconds. */
  writeMs: number;
  roundMs: number;
}

interface Outcome {
  refused: number;
  lastMs: number;
  rounds: number;
  /** How long each kind waited at most, in milliseconds. */
  waited: Partial<Record<Urgency, number>>;
}

/** One delivery at work, woken by nobody: it looks again when it said it would, or as soon as a wish comes in. */
class Play {
  readonly outcome: Outcome = { refused: 0, lastMs: 0, rounds: 0, waited: {} };
  readonly #vendor = new Vendor();
  readonly #storm: Storm;
  readonly #arrivals: (Change & { userId: string })[];
  readonly #others: number[];
  #outbox: Outbox;
  #report: BatchReport | undefined;
  #now = 0;

  constructor(storm: Storm) {
    this.#storm = storm;
    this.#arrivals = storm.changes
      .map((change, person) => ({ ...change, userId: `p${person}` }))
      .toSorted((one, other) => one.atMs - other.atMs);
    const inCalls = this.#arrivals.filter(({ urgency }) => urgency === 'callEnd').map(({ userId }) => userId);
    const standing = Object.fromEntries(inCalls.map((userId) => [userId, { userId }]));
    this.#outbox = { ...emptyOutbox, renewals: { standing, alarms: 0 } };
    this.#others = (storm.others ?? []).toSorted((one, other) => one - other);
  }

  run(): Outcome {
    while (this.#goesOn());
    this.outcome.refused = this.#vendor.refused;
    return this.outcome;
  }

  #goesOn(): boolean {
    this.#takeIn();
    this.outcome.rounds += 1;
    const ask = { epoch: this.#outbox.epoch, report: this.#report };
    const { outbox, order } = nextBatch(this.#outbox, 'ringCentral', ask, at(this.#now));
    this.#outbox = outbox;
    this.#report = undefined;
    const arrival = this.#arrivals[0]?.atMs ?? Infinity;
    if (order.kind === 'write') this.#write(order.wishes);
    else {
      const until = order.kind === 'wait' ? Date.parse(order.until) - start : Infinity;
      this.#now = Math.max(Math.min(until, arrival), this.#now + 1);
    }
    return this.#now < Infinity;
  }

  #write(names: readonly HandedOut[]): void {
    this.#now += this.#storm.roundMs;
    const report: BatchReport = { results: [] };
    for (const name of names) {
      const isStopped = report.retryAfterSeconds !== undefined || report.budget?.remaining === 0;
      report.results.push(isStopped ? { ...name, result: 'unsent' } : this.#request(name, report));
    }
    this.#report = report;
    this.#now += this.#storm.roundMs;
  }

  #request(name: HandedOut, report: BatchReport): WriteResult {
    this.#takeIn();
    const budget = this.#vendor.request(this.#now);
    this.#now += this.#storm.writeMs;
    const instant = at(this.#now);
    if (budget === undefined) {
      report.retryAfterSeconds = 60;
      return { ...name, result: 'unsent', at: instant };
    }
    report.budget = { ...budget, at: instant };
    const { urgency = 'rest', since = instant } = this.#outbox.inFlight[name.targetId] ?? {};
    const waitedMs = this.#now + start - Date.parse(since);
    this.outcome.waited[urgency] = Math.max(this.outcome.waited[urgency] ?? 0, waitedMs);
    this.outcome.lastMs = this.#now;
    return { ...name, result: 'done', at: instant };
  }

  /** What has happened by now: wishes have come in, and others have asked the vendor. */
  #takeIn(): void {
    while ((this.#others[0] ?? Infinity) <= this.#now) this.#vendor.request(this.#others.shift() ?? 0);
    while ((this.#arrivals[0]?.atMs ?? Infinity) <= this.#now) {
      const next = this.#arrivals.shift();
      if (next !== undefined) this.#wish(next);
    }
  }

  #wish({ userId, urgency, atMs }: Change & { userId: string }): void {
    const wish = {
      userId,
      targetId: userId,
      revision: 1,
      hold: urgency === 'callEnd' ? null : ('busy' as const),
      baseline: null,
      certain: false,
      urgency,
      since: at(atMs),
      write: ringCentralWrite('busy', [], {}),
    };
    this.#outbox = addWish(this.#outbox, wish, at(atMs)).outbox;
  }
}

function played(storm: Storm): Outcome {
  return new Play(storm).run();
}

/** People who change within a minute, evenly; of every so many one has ended a call. */
function aStorm(people: number, oneCallEndOf: number): Change[] {
  return Array.from({ length: people }, (_, person) => ({
    atMs: Math.floor((person * 60_000) / people),
    urgency: person % oneCallEndOf === oneCallEndOf - 1 ? 'callEnd' : 'callStart',
  }));
}

/** The earliest instant at which a window that slides can have taken so many. */
const boundMs = (people: number): number => Math.floor((people - 1) / limit) * windowMs;

describe('a storm of 500 people within a minute', () => {
  // Nothing takes time on the virtual clock; elsewhere a write takes some 0.3 s, and a round of durable messages 0.2 s.
  test.each([
    ['where nothing takes time', 0, 0],
    ['at the pace of real vendors and durable messages', 300, 200],
  ])(
    'is over within 1.05 of the bound that the limit sets %s, without a 429, and nobody whose call ended waits for long',
    (_where, writeMs, roundMs) => {
      const outcome = played({ changes: aStorm(500, 20), writeMs, roundMs });
      expect(outcome.refused).toBe(0);
      expect(outcome.lastMs / boundMs(500)).toBeLessThanOrEqual(1.05);
      expect(outcome.waited.callEnd).toBeLessThanOrEqual(10_000);
    },
  );

  test('is over no later where nobody was in a call before', () => {
    const changes = aStorm(500, Infinity);
    const outcome = played({ changes, writeMs: 0, roundMs: 0 });
    expect(outcome.lastMs / boundMs(500)).toBeLessThanOrEqual(1.05);
  });
});

test('twenty people at once are no storm, and pass without any wait', () => {
  const changes = aStorm(20, 20).map((change) => ({ ...change, atMs: 0 }));
  expect(played({ changes, writeMs: 0, roundMs: 0 })).toMatchObject({ refused: 0, lastMs: 0 });
});

test('39 people at once, of whom nobody was in a call, pass without any wait', () => {
  const changes = aStorm(39, Infinity).map((change) => ({ ...change, atMs: 0 }));
  const outcome = played({ changes, writeMs: 0, roundMs: 0 });
  expect(outcome).toMatchObject({ refused: 0, lastMs: 0 });
});

test('a busy time that is no storm leaves others a place', () => {
  const changes = aStorm(38, 10).flatMap((change) => [change, { ...change, atMs: change.atMs + 60_000 }]);
  const outcome = played({ changes, others: [20_000, 95_000], writeMs: 300, roundMs: 200 });
  expect(outcome.refused).toBe(0);
  expect(outcome.waited.callEnd).toBeLessThanOrEqual(10_000);
});

test('whoever comes when, and whatever the vendor takes, no request of ours is refused', () => {
  const change = fc.record({
    atMs: fc.integer({ min: 0, max: 150_000 }),
    urgency: fc.constantFrom<Urgency[]>('callEnd', 'doNotDisturb', 'callStart', 'rest'),
  });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 150 }),
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 0, max: 900 }),
      (changes, writeMs, roundMs) => {
        expect(played({ changes, writeMs, roundMs }).refused).toBe(0);
      },
    ),
    { numRuns: 20 },
  );
});
