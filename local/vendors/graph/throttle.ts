/** Microsoft Graph's limits (Microsoft Graph, "Throttling limits"; for presence the stricter figure of the API's own pages). */
import type { Clock } from '../../clock/clock.ts';
import { GraphError } from './graph-error.ts';

interface Limit {
  readonly requests: number;
  readonly seconds: number;
}

const limits = {
  presence: { requests: 1500, seconds: 30 },
  subscriptionWrite: { requests: 500, seconds: 20 },
  subscriptionReauthorize: { requests: 1000, seconds: 20 },
  subscriptionRead: { requests: 500, seconds: 20 },
  subscriptionList: { requests: 25, seconds: 20 },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** Counts calls per application and tenant in windows of the clock; a restart forgets the counts. */
export class Throttle {
  readonly #clock: Clock;
  readonly #counts = new Map<string, { window: number; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one call; answers which part of the limit is used. @throws GraphError 429; rejected calls count too. */
  spend(name: LimitName, caller: { clientId: string; tenantId: string }): number {
    const { requests, seconds } = limits[name];
    const key = `${name}/${caller.clientId}/${caller.tenantId}`;
    const now = this.#clock.now();
    const window = Math.floor(now / (seconds * 1000));
    const before = this.#counts.get(key);
    const count = (before?.window === window ? before.count : 0) + 1;
    this.#counts.set(key, { window, count });
    if (count <= requests) return count / requests;
    const retryAfterSeconds = Math.ceil(((window + 1) * seconds * 1000 - now) / 1000);
    throw new GraphError(429, 'TooManyRequests', 'Too many requests.', retryAfterSeconds);
  }
}
