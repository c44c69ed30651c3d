/** Writes the end of an episode: history, the instance's row, and all messages that follow, in one transaction. */
import { newExecutionId } from './ids.ts';
import { answerParent, failParent } from './parent-answer.ts';
import { cancelledTimers, openWork } from './open-work.ts';
import { releaseOpenLocks } from './locks.ts';
import { orchestratorLabel } from './decision-types.ts';
import type { DecisionContext, Decisions, SubOrchestrationStart } from './decision-types.ts';
import type { ProbeRun } from './executor-probe.ts';
import { append, clientEvents, eventType, indexHistory, newEvent } from './history.ts';
import type { HistoryEvent } from './history.ts';
import { isFinal } from './instance.ts';
import type { RuntimeStatus } from './instance.ts';
import type { LoadedInstance } from './instance-cache.ts';
import type { Intake } from './intake.ts';
import type { OutgoingMessage } from './messages.ts';
import { complaint } from './strict-rules.ts';
import type { OrchestratorRunnerParts } from './orchestrator-parts.ts';
import type { ReplayResult } from './outcome.ts';
import type { Transaction } from './transaction.ts';

interface Episode {
  readonly run: ProbeRun;
  readonly context: DecisionContext;
  readonly replay: ReplayResult;
  readonly decisions: Decisions | undefined;
}

export class EpisodeWriter {
  readonly #parts: OrchestratorRunnerParts;
  readonly #loaded: LoadedInstance;
  readonly #intake: Intake;
  readonly #executionId: string;
  /** How much of the history is in the store already. */
  readonly #stored: number;

  constructor(parts: OrchestratorRunnerParts, loaded: LoadedInstance, intake: Intake) {
    this.#parts = parts;
    this.#loaded = loaded;
    this.#intake = intake;
    this.#executionId = loaded.instance.executionId;
    this.#stored = loaded.history.length;
  }

  async terminate(reason: string): Promise<void> {
    await this.#endUnasked('Terminated', reason, this.#tellParentOfEnd(reason));
  }

  async fail(reason: string): Promise<void> {
    const outcome = { kind: 'failed', reason, failureDetails: null } as const;
    await this.#endUnasked('Failed', reason, answerParent(this.#loaded.instance, outcome));
  }

  /** Ends the instance without asking its code. */
  async #endUnasked(status: RuntimeStatus, reason: string, answer: OutgoingMessage[]): Promise<void> {
    const { history } = this.#loaded;
    const { events, now } = this.#intake;
    append(history, [newEvent(eventType.orchestratorStarted, now), ...events]);
    const releases = releaseOpenLocks(this.#contextNow(), nextId(history));
    append(history, releases.events);
    this.#finish(status, JSON.stringify(reason));
    await this.#commit({ messages: [...releases.messages, ...answer], timersToCancel: 'all' });
  }

  #tellParentOfEnd(reason: string): OutgoingMessage[] {
    const { instance } = this.#loaded;
    const { parent } = instance;
    if (!parent) return [];
    const { strictness } = this.#parts;
    const who = orchestratorLabel({ name: parent.name, id: parent.instanceId });
    const what = `its sub-orchestration '${instance.id}' was terminated`;
    strictness.report('child-terminated', { who, what, level: 'error' });
    return [failParent(parent, { reason, details: strictness.isStrict ? '' : null, failureDetails: null })];
  }

  async suspend(): Promise<void> {
    const { history, instance } = this.#loaded;
    append(history, this.#intake.events);
    instance.status = 'Suspended';
    instance.updatedAt = this.#intake.now;
    const { suspendReason } = this.#intake;
    if (suspendReason !== undefined) instance.output = JSON.stringify(suspendReason);
    await this.#commit({ messages: [], timersToCancel: [] });
  }

  /** Nothing but a resume, or nothing at all that counts. */
  async resumeWithoutNews(): Promise<void> {
    const { history, instance } = this.#loaded;
    append(history, this.#intake.events);
    if (this.#intake.events.length > 0) {
      instance.status = history.some(isStart) ? 'Running' : 'Pending';
      instance.output = null;
      instance.updatedAt = this.#intake.now;
    }
    await this.#commit({ messages: [], timersToCancel: [] });
  }

  async write(episode: Episode): Promise<void> {
    const { history, instance } = this.#loaded;
    const { run, replay, decisions } = episode;
    if (decisions) append(history, decisions.events);
    this.#setStatus(replay);
    const open = openWork(history, run);
    const { outcome } = replay;
    const isOver = outcome.kind === 'failed' && outcome.atOnce === true;
    if (outcome.kind === 'waiting' || (open.length > 0 && !isOver)) {
      if (outcome.kind !== 'waiting') this.#reportHeldBack(open);
      history.push(newEvent(eventType.orchestratorCompleted, this.#intake.now));
      await this.#commit({ messages: [], timersToCancel: cancelledTimers(history, run), decisions });
      return;
    }
    const releases = releaseOpenLocks(this.#contextNow(), nextId(history));
    append(history, releases.events);
    if (outcome.kind === 'continuedAsNew') {
      await this.#continueAsNew(outcome.input, episode, releases.messages);
      return;
    }
    const failed = outcome.kind === 'failed';
    const output = failed ? JSON.stringify(outcome.reason) : outcome.output;
    this.#finish(failed ? 'Failed' : 'Completed', output);
    const messages = [...releases.messages, ...answerParent(instance, outcome)];
    await this.#commit({ messages, timersToCancel: 'all', decisions });
  }

  /** Once for each time that the instance is read from the store. */
  #reportHeldBack(open: readonly number[]): void {
    const { history, instance } = this.#loaded;
    if (this.#loaded.isHeldBack) return;
    this.#loaded.isHeldBack = true;
    const waits = history.filter(({ EventId, EventType }) => {
      return open.includes(EventId) && EventType !== eventType.eventSent;
    });
    const timer = waits.find(({ EventType }) => EventType === eventType.timerCreated);
    const what = timer ? `a timer until ${timer.FireAt}` : `'${waits[0]?.Name}'`;
    const level = timer ? 'error' : 'warning';
    const who = orchestratorLabel(instance);
    this.#parts.strictness.report('held-back', { who, what: `${what} is still open`, level });
  }

  #setStatus(replay: ReplayResult): void {
    const { instance } = this.#loaded;
    instance.status = 'Running';
    instance.output = null;
    instance.updatedAt = this.#intake.now;
    // A status outlives continue-as-new until the new generation's first episode is over.
    const keepsOld = this.#stored === 0 && instance.generation > 0;
    instance.customStatus = replay.customStatus ?? (keepsOld ? instance.customStatus : null);
  }

  #finish(status: RuntimeStatus, output: string | null): void {
    const { instance, history } = this.#loaded;
    const { now } = this.#intake;
    instance.status = status;
    instance.output = output;
    instance.updatedAt = now;
    history.push(
      newEvent(eventType.executionCompleted, now, nextId(history), {
        OrchestrationStatus: status,
        Result: output,
      }),
      newEvent(eventType.orchestratorCompleted, now),
    );
  }

  /** The next generation starts at once, with the client's events that this one had not got to. */
  async #continueAsNew(input: string | null, episode: Episode, messages: OutgoingMessage[]): Promise<void> {
    const { instance, history } = this.#loaded;
    const { now, consumed } = this.#intake;
    const unseen = history.slice(episode.run.processed).filter(clientEvents(history));
    instance.executionId = newExecutionId();
    instance.input = input;
    instance.createdAt = now;
    instance.generation += 1;
    const next: OutgoingMessage[] = [
      { to: instance.id, body: { kind: 'executionStarted', executionId: instance.executionId } },
      ...unseen.map(({ Name = '', Input = null }): OutgoingMessage => {
        return { to: instance.id, body: { kind: 'externalEvent', name: Name, input: Input } };
      }),
    ];
    await this.#parts.transact((transaction) => {
      transaction.consume(consumed);
      if (!transaction.store.updateInstance(instance, this.#executionId)) return;
      transaction.store.clearHistory(instance.id);
      this.#send(transaction, episode.decisions, [...messages, ...next]);
      this.#cancel(transaction, this.#parts.timers.allOf(instance.id));
      transaction.keep({ instance, history: [] });
    });
  }

  async #commit(change: {
    messages: OutgoingMessage[];
    timersToCancel: 'all' | number[];
    decisions?: Decisions | undefined;
  }): Promise<void> {
    const { instance, history } = this.#loaded;
    const fresh = history.slice(this.#stored);
    await this.#parts.transact((transaction) => {
      transaction.consume(this.#intake.consumed);
      if (!transaction.store.updateInstance(instance, this.#executionId)) return;
      transaction.store.appendHistory(instance.id, this.#stored, fresh);
      this.#send(transaction, change.decisions, change.messages);
      const timers = this.#timerMessages(change.timersToCancel);
      this.#cancel(transaction, timers);
      if (isFinal(instance.status)) transaction.ended(instance.id);
      else transaction.keep(this.#loaded);
    });
    for (const event of fresh) event.IsPlayed = true;
  }

  #timerMessages(timers: 'all' | number[]): number[] {
    const { instance } = this.#loaded;
    if (timers === 'all') return this.#parts.timers.allOf(instance.id);
    return timers.flatMap((id) => this.#parts.timers.find(instance.id, this.#executionId, id) ?? []);
  }

  #cancel(transaction: Transaction, seqs: readonly number[]): void {
    for (const seq of seqs) transaction.cancelTimer(seq);
  }

  #send(transaction: Transaction, decisions: Decisions | undefined, messages: OutgoingMessage[]): void {
    for (const message of decisions?.messages ?? []) transaction.send(message);
    for (const activity of decisions?.activities ?? []) transaction.callActivity(activity);
    for (const start of decisions?.subOrchestrations ?? []) this.#startChild(transaction, start);
    for (const message of messages) transaction.send(message);
  }

  #startChild(transaction: Transaction, start: SubOrchestrationStart): void {
    const { instance } = this.#loaded;
    const existing = transaction.store.instance(start.instanceId);
    if (existing && !isFinal(existing.status)) {
      this.#refuseChild(transaction, start, existing.status);
      return;
    }
    transaction.start({
      id: start.instanceId,
      name: start.name,
      version: start.version ?? this.#parts.settings.defaultVersion,
      input: start.input,
      now: this.#intake.now,
      parent: {
        instanceId: instance.id,
        executionId: this.#executionId,
        taskId: start.taskId,
        name: instance.name,
      },
    });
  }

  /** Azure drops the start, and the parent is never told. */
  #refuseChild(
    transaction: Transaction,
    { instanceId, taskId }: SubOrchestrationStart,
    status: string,
  ): void {
    const { instance } = this.#loaded;
    const { strictness } = this.#parts;
    const who = orchestratorLabel(instance);
    const what = `sub-orchestration '${instanceId}' was not started, as an instance with this id is ${status}`;
    strictness.report('child-refused', { who, what, level: 'error' });
    if (!strictness.isStrict) return;
    const parent = { instanceId: instance.id, executionId: this.#executionId, taskId, name: instance.name };
    const reason = complaint('child-refused', who, what);
    transaction.send(failParent(parent, { reason, details: '', failureDetails: null }));
  }

  #contextNow(): DecisionContext {
    const { instance, history } = this.#loaded;
    const { functions: known, strictness } = this.#parts;
    return { instance, history, index: indexHistory(history), known, strictness, now: this.#intake.now };
  }
}

function isStart(event: HistoryEvent): boolean {
  return event.EventType === eventType.executionStarted;
}

function nextId(history: readonly HistoryEvent[]): number {
  return history.reduce((highest, event) => Math.max(highest, event.EventId), -1) + 1;
}
