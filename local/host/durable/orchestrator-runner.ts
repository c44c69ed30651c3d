/** Runs the episodes of orchestrations: takes in what is queued, replays, and writes what was decided, all in one change. */
import { randomUUID } from 'node:crypto';
import { describeError } from '../log.ts';
import { decide } from './decisions.ts';
import type { DecisionContext, Decisions } from './decision-types.ts';
import { findNonDeterminism } from './determinism.ts';
import type { Mailbox } from './dispatcher.ts';
import { EpisodeWriter } from './episode-writer.ts';
import type { ProbeRun } from './executor-probe.ts';
import { append, eventType, indexHistory, newEvent, timeOf } from './history.ts';
import type { HistoryEvent, HistoryIndex } from './history.ts';
import { isFinal } from './instance.ts';
import type { Instance } from './instance.ts';
import type { LoadedInstance } from './instance-cache.ts';
import { takeIn } from './intake.ts';
import type { Intake } from './intake.ts';
import { entityInstanceId } from './messages.ts';
import type { StoredMessage } from './messages.ts';
import type { OrchestratorRunnerParts } from './orchestrator-parts.ts';
import { failed, readOutcome } from './outcome.ts';
import type { Outcome, ReplayResult } from './outcome.ts';
import { refuseWhatAzureBreaks } from './replay-rules.ts';
import { StrictModeError } from './strictness.ts';
import { runsVersion, versionMismatch } from './versions.ts';

interface News {
  readonly intake: Intake;
  readonly index: HistoryIndex;
  readonly ran: () => void;
}

export class OrchestratorRunner {
  readonly #parts: OrchestratorRunnerParts;

  constructor(parts: OrchestratorRunnerParts) {
    this.#parts = parts;
  }

  /** Runs one episode of the mailbox's instance with all that waits for it, and calls `ran` when its code has run. */
  async run(mailbox: Mailbox, ran: () => void): Promise<void> {
    const { cache, clock } = this.#parts;
    const messages = mailbox.messages;
    mailbox.messages = [];
    const loaded = cache.take(mailbox.id);
    if (!loaded || isFinal(loaded.instance.status)) {
      await this.#discard(messages);
      return;
    }
    const { instance, history } = loaded;
    if (this.#isForOthers(instance)) {
      mailbox.messages = [...messages, ...mailbox.messages];
      cache.put(loaded);
      return;
    }
    const index = indexHistory(history);
    const lastStart = history.findLast((event) => event.EventType === eventType.orchestratorStarted);
    const lastEpisodeAt = lastStart ? timeOf(lastStart) : 0;
    const intake = takeIn(messages, { instance, index, now: clock.now(), lastEpisodeAt });
    mailbox.messages = [...intake.held, ...mailbox.messages];
    await this.#handle(loaded, { intake, index, ran });
  }

  async #handle(loaded: LoadedInstance, news: News): Promise<void> {
    const { intake } = news;
    const writer = new EpisodeWriter(this.#parts, loaded, intake);
    if (intake.terminateReason !== undefined) return writer.terminate(intake.terminateReason);
    if (!runsVersion(loaded.instance.version, this.#parts.settings)) return writer.fail(versionMismatch);
    if (intake.suspended) return writer.suspend();
    const toRun = intake.events.some((event) => event.EventType !== eventType.executionResumed);
    if (!toRun) return writer.resumeWithoutNews();
    return this.#episode(writer, loaded, news);
  }

  async #episode(writer: EpisodeWriter, loaded: LoadedInstance, { intake, index, ran }: News): Promise<void> {
    const { instance, history } = loaded;
    const { now } = intake;
    append(history, [newEvent(eventType.orchestratorStarted, now), ...intake.events]);
    const { run, result } = await this.#replay(loaded);
    ran();
    const context: DecisionContext = {
      instance,
      history,
      index,
      known: this.#parts.functions,
      strictness: this.#parts.strictness,
      now,
    };
    let replay = result;
    let decisions: Decisions | undefined;
    try {
      const difference = run.executor && findNonDeterminism(index.decided, run);
      if (difference !== undefined) throw new Error(difference);
      refuseWhatAzureBreaks(run, result.outcome, context);
      decisions = decide(run, context);
    } catch (error) {
      replay = { ...result, outcome: this.#refused(instance, error) };
    }
    await writer.write({ run, context, replay, decisions });
  }

  async #replay(loaded: LoadedInstance): Promise<{ run: ProbeRun; result: ReplayResult }> {
    const { instance } = loaded;
    const { functions, probe, worker, settings, stats, log } = this.#parts;
    const fn = functions.orchestrator(instance.name);
    const invocationId = randomUUID();
    const run = probe.expect(invocationId);
    stats.orchestratorEpisodes += 1;
    let thrown: unknown;
    try {
      if (!fn) {
        throw new Error(
          `The function '${instance.name}' doesn't exist, is disabled, or is not an orchestrator function.`,
        );
      }
      const direct = { input: this.#payload(loaded) };
      await worker.invoke({ fn, invocationId, data: {}, direct });
    } catch (error) {
      thrown = error;
    } finally {
      probe.forget(invocationId);
    }
    const result = readOutcome(instance.name, run, thrown, settings.maxActions);
    if (result.outcome.kind === 'failed') {
      const cause = run.executor?.exception ?? thrown;
      log(
        'error',
        `Function.${instance.name}`,
        `Orchestration '${instance.id}' failed. ${describeError(cause)}`,
      );
    }
    return { run, result };
  }

  /** An instance of a version that this app does not run waits for an app that does, unless it is to fail. */
  #isForOthers({ id, version }: Instance): boolean {
    const { settings, log } = this.#parts;
    if (settings.versionFailure === 'Fail' || runsVersion(version, settings)) return false;
    const { defaultVersion, versionMatch } = settings;
    const text = `Orchestration '${id}' of version '${version}' is left for another app: this one runs '${defaultVersion}' (${versionMatch}).`;
    log('warning', 'Host.Durable', text);
    return true;
  }

  #refused({ name, id }: Instance, error: unknown): Outcome {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof StrictModeError)) return { kind: 'failed', reason: message, failureDetails: null };
    this.#parts.log('error', 'Host.Strict', `Orchestration '${id}' failed. ${message}`);
    return { ...failed(name, message, null), atOnce: true };
  }

  /** The trigger's value as the extension writes it (OrchestrationTriggerAttributeBindingProvider). */
  #payload({ instance, history }: LoadedInstance): object {
    const { settings, walk } = this.#parts;
    walk.onlyGrows(history);
    const started = history.find((event) => event.EventType === eventType.executionStarted);
    return {
      history: history satisfies HistoryEvent[],
      input: instance.input === null ? null : (JSON.parse(instance.input) as unknown),
      instanceId: instance.id,
      isReplaying: started?.IsPlayed ?? false,
      parentInstanceId: instance.parent?.instanceId ?? null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      longRunningTimerIntervalDuration: settings.longRunningTimerInterval,
      maximumShortTimerDuration: settings.maximumShortTimer,
      defaultHttpAsyncRequestSleepTimeMillseconds: settings.httpPollingMs,
    };
  }

  /** The instance is gone or over: a lock granted to it goes back. */
  async #discard(messages: readonly StoredMessage[]): Promise<void> {
    await this.#parts.transact((transaction) => {
      transaction.consume(messages);
      for (const { to, body } of messages) {
        if (body.kind !== 'entityResponse') continue;
        for (const entity of body.lockSet ?? []) {
          const release = { kind: 'entityRelease', id: body.name, parent: to } as const;
          transaction.send({ to: entityInstanceId(entity), body: release });
        }
      }
    });
  }
}
