/** A storm at the limit of RingCentral: 500 people change within a minute, and the vendor's window slides. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nextBatch } from '../../domain/delivery.ts';
import { addWish, emptyOutbox, type BatchReport, type Outbox } from '../../domain/outbox.ts';
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
function played({ changes, others = [], writeMs, roundMs }: Storm): Outcome {
  const vendor = new Vendor();
  const arrivals = changes
    .map((change, person) => ({ ...change, person }))
    .toSorted((a, b) => a.atMs - b.atMs);
  const elsewhere = others.toSorted((a, b) => a - b);
  const outcome: Outcome = { refused: 0, lastMs: 0, rounds: 0, waited: {} };
  let outbox: Outbox = emptyOutbox;
  let report: BatchReport | undefined;
  let now = 0;
  const takeIn = (until: number): void => {
    for (let next = arrivals[0]; next !== undefined && next.atMs <= until; next = arrivals[0]) {
      arrivals.shift();
      const wish = {
        userId: `p${next.person}`,
        targetId: `p${next.person}`,
        revision: next.atMs,
        hold: next.urgency === 'callEnd' ? null : ('busy' as const),
        baseline: null,
        certain: false,
        urgency: next.urgency,
        since: at(next.atMs),
        write: ringCentralWrite('busy', [], {}),
      };
      outbox = addWish(outbox, wish, at(next.atMs)).outbox;
    }
    while ((elsewhere[0] ?? Infinity) <= until) vendor.request(elsewhere.shift() ?? 0);
  };
  for (;;) {
    takeIn(now);
    outcome.rounds += 1;
    const step = nextBatch(outbox, 'ringCentral', { epoch: outbox.epoch, report }, at(now));
    ({ outbox } = step);
    report = undefined;
    if (step.order.kind === 'closed') {
      const next = arrivals[0];
      if (next === undefined) break;
      now = Math.max(now, next.atMs);
      continue;
    }
    if (step.order.kind === 'wait') {
      const until = Date.parse(step.order.until) - start;
      now = Math.max(Math.min(until, arrivals[0]?.atMs ?? until), now + 1);
      continue;
    }
    now += roundMs;
    report = { results: [] };
    for (const name of step.order.wishes) {
      const isStopped = report.retryAfterSeconds !== undefined || report.budget?.remaining === 0;
      if (isStopped) {
        report.results.push({ ...name, result: 'unsent' });
        continue;
      }
      takeIn(now);
      const budget = vendor.request(now);
      now += writeMs;
      if (budget === undefined) {
        report.retryAfterSeconds = 60;
        report.results.push({ ...name, result: 'unsent', at: at(now) });
        continue;
      }
      report.budget = { ...budget, at: at(now) };
      report.results.push({ ...name, result: 'done', at: at(now) });
      const { urgency, atMs = 0 } = {
        urgency: outbox.inFlight[name.targetId]?.urgency ?? 'rest',
        atMs: name.revision,
      };
      outcome.waited[urgency] = Math.max(outcome.waited[urgency] ?? 0, now - atMs);
      outcome.lastMs = now;
    }
    now += roundMs;
  }
  return { ...outcome, refused: vendor.refused };
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
    'is over within 1.05 of the bound that the limit sets, without a 429, %s',
    (_where, writeMs, roundMs) => {
      const outcome = played({ changes: aStorm(500, 50), writeMs, roundMs });
      expect(outcome.refused).toBe(0);
      expect(outcome.lastMs / boundMs(500)).toBeLessThanOrEqual(1.05);
      expect(outcome.waited.callEnd).toBeLessThanOrEqual(10_000);
    },
  );

  test('is not answered with a 429 where others use the same limit now and then', () => {
    const others = [5, 90, 170, 300, 480, 600].map((seconds) => seconds * 1000);
    const outcome = played({ changes: aStorm(500, 50), others, writeMs: 300, roundMs: 200 });
    expect(outcome.refused).toBe(0);
    expect(outcome.waited.callEnd).toBeLessThanOrEqual(10_000);
  });

  test('that is none, twenty people at once, passes without any wait', () => {
    const changes = aStorm(20, 20).map((change) => ({ ...change, atMs: 0 }));
    expect(played({ changes, writeMs: 0, roundMs: 0 })).toMatchObject({ refused: 0, lastMs: 0 });
  });
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
