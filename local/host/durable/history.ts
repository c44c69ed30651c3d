/** History events as DurableTask writes them and the SDK reads them (DurableTask.Core, History). */

export const eventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  genericEvent: 17,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

/** The names by which the HTTP API shows the types. */
export const eventTypeNames: Readonly<Record<number, string>> = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  3: 'ExecutionTerminated',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  6: 'TaskFailed',
  7: 'SubOrchestrationInstanceCreated',
  8: 'SubOrchestrationInstanceCompleted',
  9: 'SubOrchestrationInstanceFailed',
  10: 'TimerCreated',
  11: 'TimerFired',
  12: 'OrchestratorStarted',
  13: 'OrchestratorCompleted',
  14: 'EventSent',
  15: 'EventRaised',
  17: 'GenericEvent',
  19: 'ExecutionSuspended',
  20: 'ExecutionResumed',
};

export interface HistoryEvent {
  readonly EventType: number;
  readonly EventId: number;
  IsPlayed: boolean;
  /** The SDK turns the text into a Date in place. */
  readonly Timestamp: string | Date;
  readonly Name?: string;
  readonly Version?: string;
  /** JSON text. */
  readonly Input?: string | null;
  /** JSON text. */
  readonly Result?: string | null;
  readonly Reason?: string | null;
  readonly Details?: string | null;
  readonly FailureDetails?: unknown;
  readonly TaskScheduledId?: number;
  readonly TimerId?: number;
  readonly FireAt?: string;
  readonly InstanceId?: string;
  readonly OrchestrationInstance?: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly ParentInstance?: unknown;
  readonly OrchestrationStatus?: string;
}

type EventFields = Omit<HistoryEvent, 'EventType' | 'EventId' | 'IsPlayed' | 'Timestamp'>;

/** An event of the episode that runs at `at` (ms since 1970); `id` is -1 for what the orchestrator did not decide. */
export function newEvent(type: number, at: number, id = -1, fields: EventFields = {}): HistoryEvent {
  if (at !== lastTime.at) lastTime = { at, text: new Date(at).toISOString() };
  return { EventType: type, EventId: id, IsPlayed: false, Timestamp: lastTime.text, ...fields };
}

/** The events of an episode are of one time. */
let lastTime = { at: 0, text: new Date(0).toISOString() };

/** Adds events one by one: a fan-out's thousands are too many for one call's arguments. */
export function append(history: HistoryEvent[], events: readonly HistoryEvent[]): void {
  for (const event of events) history.push(event);
}

/** Which ids the history holds decisions for, and which of these were answered. */
export interface HistoryIndex {
  readonly decided: ReadonlyMap<number, HistoryEvent>;
  readonly answered: ReadonlySet<number>;
  /** Activities, sub-orchestrations and timers that were begun and not answered. */
  readonly open: ReadonlySet<number>;
}

class GrowingIndex implements HistoryIndex {
  readonly decided = new Map<number, HistoryEvent>();
  readonly answered = new Set<number>();
  readonly open = new Set<number>();
  #length = 0;

  takeIn(history: readonly HistoryEvent[]): void {
    for (let event = history[this.#length]; event; event = history[this.#length]) {
      this.#length += 1;
      this.#add(event);
    }
  }

  #add(event: HistoryEvent): void {
    const id = event.EventId;
    switch (event.EventType) {
      case eventType.taskScheduled:
      case eventType.subOrchestrationCreated:
      case eventType.timerCreated:
        this.decided.set(id, event);
        if (!this.answered.has(id)) this.open.add(id);
        return;
      case eventType.eventSent:
        this.decided.set(id, event);
        return;
    }
    const answers = event.TaskScheduledId ?? event.TimerId;
    if (answers === undefined) return;
    this.answered.add(answers);
    this.open.delete(answers);
  }
}

const indexes = new WeakMap<readonly HistoryEvent[], GrowingIndex>();

/**
 * The index of a history that only ever grows. It is made once, and what came since is added at each call: one that was
 * got before shows it too.
 */
export function indexHistory(history: readonly HistoryEvent[]): HistoryIndex {
  const index = indexes.get(history) ?? new GrowingIndex();
  indexes.set(history, index);
  index.takeIn(history);
  return index;
}

/** When an event happened, ms since 1970. */
export function timeOf(event: HistoryEvent): number {
  return typeof event.Timestamp === 'string' ? Date.parse(event.Timestamp) : event.Timestamp.getTime();
}

/** Answers of entities are events too, named after the request, but for this generation only. */
export function clientEvents(history: readonly HistoryEvent[]): (event: HistoryEvent) => boolean {
  const requests = new Set<unknown>();
  for (const event of history) {
    if (event.EventType !== eventType.eventSent) continue;
    requests.add((JSON.parse(event.Input ?? '{}') as { id?: string }).id);
  }
  return (event) => event.EventType === eventType.eventRaised && !requests.has(event.Name);
}
