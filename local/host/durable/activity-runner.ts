/** Runs the activity calls that are owed, a bounded number at a time, each until its outcome is on record. */
import type { Work } from '../../clock/work.ts';
import { describeError } from '../log.ts';
import type { HostFaults } from '../faults.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import { jsonData, toJsonText } from '../worker/typed-data.ts';
import type { Worker } from '../worker/worker.ts';
import { httpActivityName } from './decision-types.ts';
import type { DurableFunctions } from './functions.ts';
import type { InputsFor } from './client-binding.ts';
import { callHttp } from './http-activity.ts';
import type { OrchestrationMessage, StoredActivity } from './messages.ts';
import { Slots } from './slots.ts';
import { taskFailure } from './task-failure.ts';
import type { Transaction } from './transaction.ts';

export interface ActivityRunnerParts {
  readonly worker: Worker;
  readonly functions: DurableFunctions;
  readonly work: Work;
  readonly limit: number;
  readonly faults: HostFaults;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
  readonly inputsFor: InputsFor;
  readonly transact: <T>(write: (transaction: Transaction) => T) => Promise<T>;
}

const begunPerTurn = 100;

export class ActivityRunner {
  readonly #parts: ActivityRunnerParts;
  readonly #slots: Slots;
  #queue: { task: StoredActivity; end: () => void }[] = [];
  #next = 0;
  #stopped = false;

  constructor(parts: ActivityRunnerParts) {
    this.#parts = parts;
    this.#slots = new Slots({ limit: parts.limit, perTurn: begunPerTurn, resume: () => this.#pump() });
  }

  /** Runs the calls as soon as there is room. */
  add(tasks: readonly StoredActivity[]): void {
    for (const task of tasks) this.#queue.push({ task, end: this.#parts.work.begin() });
    if (tasks.length > 0) this.#pump();
  }

  /** Starts nothing more; what is queued stays in the store. Resolves when what runs has ended, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    await this.#slots.empty(graceMs);
  }

  #pump(): void {
    while (!this.#stopped) {
      const next = this.#queue[this.#next];
      if (!next || !this.#slots.enter()) break;
      this.#next += 1;
      void this.#runOne(next);
    }
    if (this.#next > 1000 || this.#next === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
  }

  async #runOne({ task, end }: { task: StoredActivity; end: () => void }): Promise<void> {
    const body = await this.#outcome(task);
    this.#slots.leave();
    try {
      await this.#parts.transact((transaction) => {
        transaction.store.deleteActivity(task.seq);
        transaction.send({ to: task.instanceId, body });
      });
      if (this.#parts.faults.repeatsActivity(task.name)) await this.#repeat(task);
    } catch (error) {
      const text = `The outcome of activity '${task.name}' could not be recorded. ${describeError(error)}`;
      this.#parts.log('critical', 'Host.Durable', text);
    } finally {
      end();
    }
  }

  /** A fault: the call is delivered once more though its outcome is on record. */
  async #repeat(task: StoredActivity): Promise<void> {
    const body = await this.#attempt(task);
    await this.#parts.transact((transaction) => transaction.send({ to: task.instanceId, body }));
  }

  /** What goes on record; a fault may lose it first. */
  async #outcome(task: StoredActivity): Promise<OrchestrationMessage> {
    const body = await this.#attempt(task);
    const lost = this.#parts.faults.losesOutcome(task.name);
    if (lost === undefined) return body;
    const text = `The outcome of '${task.name}' is lost before it is recorded, as was asked for (${lost}).`;
    this.#parts.log('warning', 'Host.Faults', text);
    if (lost === 'kill') process.kill(process.pid, 'SIGKILL');
    return this.#attempt(task);
  }

  async #attempt(task: StoredActivity): Promise<OrchestrationMessage> {
    const answer = { executionId: task.executionId, taskId: task.taskId };
    try {
      const result = task.name === httpActivityName ? await callHttp(task.input) : await this.#invoke(task);
      return { kind: 'activityCompleted', ...answer, result };
    } catch (error) {
      const { name } = task;
      this.#parts.log(
        'error',
        `Function.${name}`,
        `Activity of '${task.instanceId}' failed. ${describeError(error)}`,
      );
      return { kind: 'activityFailed', ...answer, ...taskFailure(name, error) };
    }
  }

  async #invoke(task: StoredActivity): Promise<string | null> {
    const { functions, worker, stats, inputsFor } = this.#parts;
    const fn = functions.activity(task.name);
    if (!fn)
      throw new Error(
        `The function '${task.name}' doesn't exist, is disabled, or is not an activity function.`,
      );
    stats.activityInvocations += 1;
    // As in Azure, null reaches the function as undefined.
    const data = task.input === null || task.input === 'null' ? {} : { json: task.input };
    const { response } = await worker.invoke({
      fn,
      data,
      triggerMetadata: { instanceId: jsonData(task.instanceId) },
      inputs: inputsFor(fn),
    });
    return toJsonText(response.returnValue);
  }
}
