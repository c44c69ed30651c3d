/** Writes the end of an episode: history, the instance's row, and all messages that follow, in one transaction. */
import { newExecutionId } from './ids.ts';
import { attemptOf } from './attempts.ts';
import { releaseOpenLocks } from './locks.ts';
import type { DecisionContext, Decisions, SubOrchestrationStart } from './decision-types.ts';
import type { ProbeRun } from './executor-probe.ts';
import { append, eventType, indexHistory, newEvent } from './history.ts';
import type { HistoryEvent } from './history.ts';
import { isFinal } from './instance.ts';
import type { Instance, RuntimeStatus } from './instance.ts';
import type { LoadedInstance } from './instance-cache.ts';
import type { Intake } from './intake.ts';
import type { OutgoingMessage } from './messages.ts';
import type { OrchestratorRunnerParts } from './orchestrator-parts.ts';
import type { Outcome, ReplayResult } from './outcome.ts';
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

  /** Ends the instance without asking its code. */
  async terminate(reason: string): Promise<void> {
    const { history, instance } = this.#loaded;
    const { events, now } = this.#intake;
    append(history, [newEvent(eventType.orchestratorStarted, now), ...events]);
    const context = this.#contextNow();
    const releases = releaseOpenLocks(context, nextId(history));
    append(history, releases.events);
    this.#finish('Terminated', JSON.stringify(reason));
    const messages = [...releases.messages, ...toParent(instance, { kind: 'terminated', reason })];
    await this.#commit({ messages, timersToCancel: 'all' });
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
    if (outcome.kind === 'waiting' || open.length > 0) {
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
    const messages = [...releases.messages, ...toParent(instance, outcome)];
    await this.#commit({ messages, timersToCancel: 'all', decisions });
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

  /** A start under an id that is in use is dropped, as in Azure. */
  #startChild(transaction: Transaction, start: SubOrchestrationStart): void {
    const { instance } = this.#loaded;
    const existing = transaction.store.instance(start.instanceId);
    if (existing && !isFinal(existing.status)) {
      const text = `Sub-orchestration '${start.instanceId}' was not started: an instance with this id is ${existing.status}.`;
      this.#parts.log('warning', 'Host.Durable', text);
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

  #contextNow(): DecisionContext {
    const { instance, history } = this.#loaded;
    const { functions } = this.#parts;
    return { instance, history, index: indexHistory(history), known: functions, now: this.#intake.now };
  }
}

/** Answers of entities are events too, named after the request, but for this generation only. */
function clientEvents(history: readonly HistoryEvent[]): (event: HistoryEvent) => boolean {
  const requests = new Set<unknown>();
  for (const event of history) {
    if (event.EventType !== eventType.eventSent) continue;
    requests.add((JSON.parse(event.Input ?? '{}') as { id?: string }).id);
  }
  return (event) => event.EventType === eventType.eventRaised && !requests.has(event.Name);
}

function isStart(event: HistoryEvent): boolean {
  return event.EventType === eventType.executionStarted;
}

/** Ids of activities, sub-orchestrations and timers that were begun and not answered: an instance does not end before them. */
function openWork(history: readonly HistoryEvent[], run: ProbeRun): number[] {
  return [...indexHistory(history).open].filter((id) => !isCancelled(run, id));
}

function cancelledTimers(history: readonly HistoryEvent[], run: ProbeRun): number[] {
  return [...indexHistory(history).open].filter((id) => isCancelled(run, id));
}

function isCancelled(run: ProbeRun, id: number): boolean {
  const task = run.tasks.get(id);
  const place = task && attemptOf(task);
  return place?.kind === 'work' && place.isCancelled();
}

function nextId(history: readonly HistoryEvent[]): number {
  return history.reduce((highest, event) => Math.max(highest, event.EventId), -1) + 1;
}

function toParent(
  instance: Instance,
  outcome: Outcome | { kind: 'terminated'; reason: string },
): OutgoingMessage[] {
  const { parent } = instance;
  if (!parent) return [];
  const { instanceId: to, executionId, taskId } = parent;
  if (outcome.kind === 'completed') {
    return [{ to, body: { kind: 'subOrchestrationCompleted', executionId, taskId, result: outcome.output } }];
  }
  const failure = outcome.kind === 'failed' || outcome.kind === 'terminated' ? outcome.reason : '';
  const failureDetails = outcome.kind === 'failed' ? outcome.failureDetails : null;
  // In Azure a terminated child has no details, which the SDK cannot read; empty ones make it an ordinary failure.
  const body = { kind: 'subOrchestrationFailed', executionId, taskId, reason: failure, details: '' } as const;
  return [{ to, body: { ...body, failureDetails } }];
}
