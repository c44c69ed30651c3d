/** RingCentral's usage-plan limits: a sliding window per user, app and group, and a penalty that hurts the impatient. */

export type RateLimitGroup = 'Light' | 'Medium' | 'Heavy' | 'Auth';

/** Requests per window for one user of one app; source: RingCentral developer guide, "Rate limits". */
const requestsPerWindow: Readonly<Record<RateLimitGroup, number>> = {
  Light: 50,
  Medium: 40,
  Heavy: 10,
  Auth: 5,
};
const windowMs = 60_000;
const penaltyMs = 60_000;

interface Bucket {
  /** When the admitted requests of the current window came in, milliseconds since 1970, oldest first. */
  admitted: number[];
  penaltyUntil: number;
}

export interface RateVerdict {
  readonly admitted: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts requests; the counts live in memory and start afresh with the process. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Counts one request at `now` (milliseconds since 1970) of `caller` (one user of one app).
   * During the penalty every request is refused and starts the penalty anew.
   */
  admit(caller: string, group: RateLimitGroup, now: number): RateVerdict {
    const bucket = this.#bucket(`${caller} ${group}`);
    bucket.admitted = bucket.admitted.filter((at) => at > now - windowMs);
    const limit = requestsPerWindow[group];
    const admitted = now >= bucket.penaltyUntil && bucket.admitted.length < limit;
    if (admitted) bucket.admitted.push(now);
    else bucket.penaltyUntil = now + penaltyMs;
    const headers = {
      'X-Rate-Limit-Group': group.toLowerCase(),
      'X-Rate-Limit-Limit': String(limit),
      'X-Rate-Limit-Remaining': String(admitted ? limit - bucket.admitted.length : 0),
      'X-Rate-Limit-Window': String(windowMs / 1000),
    };
    if (admitted) return { admitted, headers };
    return { admitted, headers: { ...headers, 'Retry-After': String(penaltyMs / 1000) } };
  }

  #bucket(key: string): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const bucket = { admitted: [], penaltyUntil: 0 };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
