/**
 * How long it takes from when we are told of a change until the other side shows it, counted in buckets of fixed bounds, so
 * that counts of hours, workers and sides can be added up and percentiles read from the sum.
 */
import { z } from 'zod';

/** Who is not converged by then counts as not converged, whatever comes later. */
export const promisedMs = 300_000;

/** Each bound is 2^(1/8), about 9 %, above the one before; one of them is the promise itself. */
const bucketsPerDoubling = 8;
/** Up to 5 ms. */
const lowest = -16 * bucketsPerDoubling;
/** From 85 hours on. */
const highest = 10 * bucketsPerDoubling;

const count = z.int().nonnegative();
/** How many changes there are in each bucket, those without any left out. */
export const histogramSchema = z.record(z.string().regex(/^-?\d{1,3}$/), count);
export type Histogram = Readonly<z.infer<typeof histogramSchema>>;

/** A change that was written after so many milliseconds. Clocks of several machines differ: less than none is none. */
export function addDelay(histogram: Histogram, delayMs: number): Histogram {
  const bucket = String(bucketOf(delayMs));
  return { ...histogram, [bucket]: (histogram[bucket] ?? 0) + 1 };
}

/** Both together; in which order and how grouped makes no difference. */
export function addUp(one: Histogram, other: Histogram): Histogram {
  const sum: Record<string, number> = { ...one };
  for (const [bucket, many] of Object.entries(other)) sum[bucket] = (sum[bucket] ?? 0) + many;
  return sum;
}

function countOf(histogram: Histogram): number {
  return Object.values(histogram).reduce((sum, many) => sum + many, 0);
}

/** How many were written later than promised. */
function lateOf(histogram: Histogram): number {
  return Object.entries(histogram).reduce((sum, [bucket, many]) => sum + (Number(bucket) > 0 ? many : 0), 0);
}

/**
 * The delay in milliseconds within which this share (0 to 1) of the changes was written, by the nearest rank: the upper bound
 * of its bucket, so at most 9 % (or 5 ms) more than the true one. Undefined where there are none.
 */
function percentileMs(histogram: Histogram, share: number): number | undefined {
  const rank = Math.max(1, Math.ceil(share * countOf(histogram)));
  const buckets = Object.keys(histogram)
    .map(Number)
    .toSorted((one, other) => one - other);
  let passed = 0;
  for (const bucket of buckets) {
    passed += histogram[String(bucket)] ?? 0;
    if (passed >= rank) return boundOf(bucket);
  }
  return undefined;
}

function bucketOf(delayMs: number): number {
  if (delayMs <= boundOf(lowest)) return lowest;
  const bucket = Math.ceil(bucketsPerDoubling * Math.log2(delayMs / promisedMs));
  return Math.min(bucket, highest);
}

function boundOf(bucket: number): number {
  return promisedMs * 2 ** (bucket / bucketsPerDoubling);
}

/** What became of a write that was attempted. `since` is when we were told of what asks for it. */
export interface Attempted {
  since: string | undefined;
  result: 'done' | 'rejected' | 'retry' | 'unsent';
}

/** What a batch of writes adds to the figures. */
export interface BatchFigures {
  /** The delays in milliseconds of those that are done. */
  delays: number[];
  /** Refused for good. */
  refused: number;
  /** Not done yet, and later than promised. */
  overdue: number;
}

/** The figures of writes that were attempted until `at`; those of which nobody knows since when they wait have no delay. */
export function figuresOf(attempted: readonly Attempted[], at: Date): BatchFigures {
  const waited = (since: string | undefined) => (since === undefined ? [] : [msSince(since, at)]);
  const ended = (result: Attempted['result']) => attempted.filter((each) => each.result === result);
  const pending = [...ended('retry'), ...ended('unsent')];
  return {
    delays: ended('done').flatMap(({ since }) => waited(since)),
    refused: ended('rejected').length,
    overdue: pending.flatMap(({ since }) => waited(since)).filter((ms) => ms > promisedMs).length,
  };
}

function msSince(since: string, at: Date): number {
  return Math.max(0, at.getTime() - Date.parse(since));
}

/** How many of those that wait since then wait longer than promised. */
export function overdueOf(waiting: readonly { since?: string | undefined }[], at: Date): number {
  return waiting.filter(({ since }) => since !== undefined && msSince(since, at) > promisedMs).length;
}

/** What a customer is told of one side and a window of time. */
export interface Figures {
  /** Changes that were written, and within how many seconds half, 95 % and 99 % of them; null where there are none. */
  written: number;
  p50Seconds: number | null;
  p95Seconds: number | null;
  p99Seconds: number | null;
  /** `late`, `refused` and `waiting` together. */
  notConverged: number;
  /** Written, and later than promised. */
  late: number;
  /** Refused by the vendor for good. */
  refused: number;
  /** Waiting now, and longer than promised. */
  waiting: number;
}

/** The figures of all these hours together. */
export function figuresOfHours(
  hours: readonly { histogram: Histogram; refused: number }[],
  waiting: number,
): Figures {
  const histogram = hours.reduce<Histogram>((sum, hour) => addUp(sum, hour.histogram), {});
  const refused = hours.reduce((sum, hour) => sum + hour.refused, 0);
  const late = lateOf(histogram);
  const seconds = (share: number): number | null => {
    const ms = percentileMs(histogram, share);
    return ms === undefined ? null : Math.ceil(ms) / 1000;
  };
  return {
    written: countOf(histogram),
    p50Seconds: seconds(0.5),
    p95Seconds: seconds(0.95),
    p99Seconds: seconds(0.99),
    notConverged: late + refused + waiting,
    late,
    refused,
    waiting,
  };
}
