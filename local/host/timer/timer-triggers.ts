/** Fires the app's timer functions, each one run at a time, and remembers across restarts when it last did. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { Work } from '../../clock/work.ts';
import type { InputsFor } from '../durable/client-binding.ts';
import type { TaskHub } from '../durable/task-hub.ts';
import { logged } from '../invocation-log.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import { jsonData } from '../worker/typed-data.ts';
import type { RegisteredFunction } from '../worker/types.ts';
import type { Worker } from '../worker/worker.ts';
import { parseSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';

const triggerShape = z.looseObject({
  schedule: z.string(),
  runOnStartup: z.boolean().optional(),
  useMonitor: z.boolean().optional(),
});

export interface TimerTriggerParts {
  readonly worker: Worker;
  readonly hub: TaskHub;
  readonly clock: Clock;
  readonly work: Work;
  readonly inputsFor: InputsFor;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
}

interface Timer {
  readonly fn: RegisteredFunction;
  readonly schedule: Schedule;
  readonly monitored: boolean;
  /** ms since 1970. */
  last: number | null;
  /** ms since 1970. */
  next: number;
  appointment: Scheduled | undefined;
  running: boolean;
}

export class TimerTriggers {
  readonly #parts: TimerTriggerParts;
  readonly #timers = new Map<string, Timer>();
  #closed = false;

  /** A function whose schedule cannot be read is reported and left alone; the others are served. */
  constructor(parts: TimerTriggerParts) {
    this.#parts = parts;
    for (const fn of parts.worker.functions) {
      if (fn.trigger.type.toLowerCase() !== 'timertrigger') continue;
      try {
        this.#timers.set(fn.name.toLowerCase(), this.#timer(fn));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        parts.log('error', 'Host.Timers', `The function '${fn.name}' is in error: ${why}`);
      }
    }
  }

  /** Runs what asked for it at start-up and what was missed while no host ran; arranges the rest. */
  start(): void {
    for (const timer of this.#timers.values()) {
      const { runOnStartup = false } = triggerShape.parse(timer.fn.trigger);
      const missed = timer.monitored && timer.next < this.#parts.clock.now();
      if (runOnStartup || missed) void this.#run(timer, { isPastDue: missed });
      else this.#arrange(timer);
    }
  }

  /** Runs a timer function now, as an operator asks; false when there is none of that name. */
  runNow(name: string): boolean {
    const timer = this.#timers.get(name.toLowerCase());
    if (!timer) return false;
    timer.appointment?.cancel();
    void this.#run(timer, {});
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.appointment?.cancel();
  }

  #timer(fn: RegisteredFunction): Timer {
    const { schedule: text, useMonitor } = triggerShape.parse(fn.trigger);
    const schedule = parseSchedule(text, process.env);
    const monitored = useMonitor ?? true;
    const known = monitored ? this.#parts.hub.store.timerTrigger(fn.name) : undefined;
    const now = this.#parts.clock.now();
    // Reckoned anew, as the schedule may have changed since.
    const next = schedule.next(known ? (known.last ?? known.updated) : now);
    return {
      fn,
      schedule,
      monitored,
      last: known?.last ?? null,
      next,
      appointment: undefined,
      running: false,
    };
  }

  #arrange(timer: Timer): void {
    if (this.#closed) return;
    const dueAt = timer.next;
    timer.appointment = this.#parts.clock.schedule(dueAt, () => void this.#run(timer, { dueAt }));
    void this.#remember(timer);
  }

  /** @param why.dueAt the time it was to run at, which a real clock may reach a moment early */
  async #run(timer: Timer, why: { isPastDue?: boolean; dueAt?: number }): Promise<void> {
    if (timer.running || this.#closed) return;
    timer.running = true;
    const end = this.#parts.work.begin();
    const startedAt = this.#parts.clock.now();
    try {
      await this.#invoke(timer, why.isPastDue ?? false);
    } finally {
      timer.running = false;
      timer.last = startedAt;
      timer.next = timer.schedule.next(Math.max(this.#parts.clock.now(), why.dueAt ?? 0));
      this.#arrange(timer);
      end();
    }
  }

  async #invoke(timer: Timer, isPastDue: boolean): Promise<void> {
    const { worker, stats, log, inputsFor } = this.#parts;
    const { fn, last, next } = timer;
    const status = {
      Last: new Date(last ?? 0).toISOString(),
      Next: new Date(next).toISOString(),
      LastUpdated: new Date(last ?? 0).toISOString(),
    };
    const payload = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: timer.monitored ? status : null,
      IsPastDue: isPastDue,
    };
    stats.timerInvocations += 1;
    const at = new Date(this.#parts.clock.now()).toISOString();
    const line = { name: fn.name, invocationId: randomUUID(), reason: `Timer fired at ${at}` };
    const { invocationId } = line;
    await logged(log, line, () =>
      worker.invoke({ fn, invocationId, data: jsonData(payload), inputs: inputsFor(fn) }),
    ).catch(() => undefined);
  }

  async #remember(timer: Timer): Promise<void> {
    if (!timer.monitored) return;
    const { last, next } = timer;
    const updated = this.#parts.clock.now();
    await this.#parts.hub.transact(({ store }) =>
      store.putTimerTrigger(timer.fn.name, { last, next, updated }),
    );
  }
}
