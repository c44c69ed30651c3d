import type { Clock, Scheduled } from './clock.ts';
import type { Work } from './work.ts';

interface Appointment {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * A clock that stands still until it is advanced, then jumps from due time to due time, in order, letting all
 * work come to rest at each. What is due now runs by itself; only what is due later waits for `advance`.
 */
export class VirtualClock implements Clock {
  readonly kind = 'virtual';
  readonly #work: Work;
  readonly #appointments = new Set<Appointment>();
  readonly #remember: (now: number) => void;
  #now: number;
  #order = 0;
  #advancing: Promise<void> = Promise.resolve();

  /** `remember` is told each time the clock moves to, so that a stack that is killed can go on from there. */
  constructor(work: Work, start: Date, remember: (now: number) => void = () => undefined) {
    this.#work = work;
    this.#now = start.getTime();
    this.#remember = remember;
  }

  now(): number {
    return this.#now;
  }

  schedule(at: number, run: () => void): Scheduled {
    if (at <= this.#now) return this.#runSoon(run);
    const appointment: Appointment = { at, order: (this.#order += 1), run };
    this.#appointments.add(appointment);
    return { cancel: () => this.#appointments.delete(appointment) };
  }

  /** Moves time forward by `ms`, running all that falls due on the way; resolves when the work at the end rests. */
  advance(ms: number): Promise<void> {
    const next = this.#advancing.then(() => this.#advanceTo(this.#now + ms));
    this.#advancing = next.catch(() => undefined);
    return next;
  }

  async #advanceTo(target: number): Promise<void> {
    await this.#work.whenIdle();
    for (let due = this.#nextDue(target); due !== undefined; due = this.#nextDue(target)) {
      this.#moveTo(due.at);
      this.#appointments.delete(due);
      due.run();
      await this.#work.whenIdle();
    }
    this.#moveTo(target);
    await this.#work.whenIdle();
  }

  #moveTo(now: number): void {
    this.#now = now;
    this.#remember(now);
  }

  #nextDue(until: number): Appointment | undefined {
    let first: Appointment | undefined;
    for (const appointment of this.#appointments) {
      if (appointment.at > until) continue;
      const earlier =
        first === undefined ||
        appointment.at < first.at ||
        (appointment.at === first.at && appointment.order < first.order);
      if (earlier) first = appointment;
    }
    return first;
  }

  #runSoon(run: () => void): Scheduled {
    const end = this.#work.begin();
    const immediate = setImmediate(() => {
      try {
        run();
      } finally {
        end();
      }
    });
    return {
      cancel: () => {
        clearImmediate(immediate);
        end();
      },
    };
  }
}

/**
 * Makes `Date` of this process tell the clock's time, so that the app, its SDKs and the simulators agree on it.
 * Time zone and parsing stay as they are.
 */
export function installDate(clock: Clock): () => void {
  const RealDate = globalThis.Date;
  class ClockDate extends RealDate {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(clock.now());
      else super(...(parts as [number]));
    }

    static override now(): number {
      return clock.now();
    }

    /** Dates made before the clock took over are still dates. */
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof RealDate;
    }
  }
  globalThis.Date = new Proxy(ClockDate, {
    apply: () => new ClockDate().toString(),
  }) as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
