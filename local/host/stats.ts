/** Counters of what the host did since it started; benchmarks read them. They only ever grow. */

export interface HostStats {
  readonly httpInvocations: number;
  readonly timerInvocations: number;
  readonly queueInvocations: number;
  readonly activityInvocations: number;
  readonly orchestratorEpisodes: number;
  readonly entityBatches: number;
  readonly entityOperations: number;
  /**
   * Durable messages by kind, each counted once when it is written to the task hub: executionStarted, activityScheduled,
   * activityCompleted, activityFailed, subOrchestrationCompleted, subOrchestrationFailed, timerFired (when it is set),
   * externalEvent, entityOperation, entityResponse, entityLock, entityRelease, terminate, suspend, resume, rewind.
   */
  readonly messages: Readonly<Record<string, number>>;
  readonly totalMessages: number;
  /** Transactions committed to the task hub. */
  readonly commits: number;
}

export class StatsRecorder {
  httpInvocations = 0;
  timerInvocations = 0;
  queueInvocations = 0;
  activityInvocations = 0;
  orchestratorEpisodes = 0;
  entityBatches = 0;
  entityOperations = 0;
  commits = 0;
  readonly #messages = new Map<string, number>();
  #totalMessages = 0;

  countMessage(kind: string): void {
    this.#messages.set(kind, (this.#messages.get(kind) ?? 0) + 1);
    this.#totalMessages += 1;
  }

  snapshot(): HostStats {
    return {
      httpInvocations: this.httpInvocations,
      timerInvocations: this.timerInvocations,
      queueInvocations: this.queueInvocations,
      activityInvocations: this.activityInvocations,
      orchestratorEpisodes: this.orchestratorEpisodes,
      entityBatches: this.entityBatches,
      entityOperations: this.entityOperations,
      messages: Object.fromEntries(this.#messages),
      totalMessages: this.#totalMessages,
      commits: this.commits,
    };
  }
}
