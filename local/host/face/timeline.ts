/** A history as a reader takes it in: each call, timer and message once, with when it began, when it ended and how. */
import { eventType, timeOf } from '../durable/history.ts';
import type { HistoryEvent } from '../durable/history.ts';

export interface Step {
  /** ms since 1970. */
  readonly from: number;
  /** ms since 1970; undefined while it is open. A moment ends when it begins. */
  to: number | undefined;
  readonly kind: string;
  readonly name: string;
  outcome: 'completed' | 'failed' | 'open' | 'moment';
  /** Counts calls of one function that follow a failed one. */
  readonly attempt?: number;
  /** JSON or text that may hold anything: not for everybody. */
  readonly input?: string | null | undefined;
  result?: string | null | undefined;
}

const moments: Readonly<Record<number, string>> = {
  [eventType.executionStarted]: 'Started',
  [eventType.executionCompleted]: 'Ended',
  [eventType.executionTerminated]: 'Terminated',
  [eventType.eventRaised]: 'Event received',
  [eventType.executionSuspended]: 'Suspended',
  [eventType.executionResumed]: 'Resumed',
  [eventType.genericEvent]: 'Rewound',
};

export function timelineOf(history: readonly HistoryEvent[]): Step[] {
  const builder = new TimelineBuilder();
  for (const event of history) builder.take(event);
  return builder.steps;
}

class TimelineBuilder {
  readonly steps: Step[] = [];
  /** What waits for an answer: by the id of the decision, and by that of the message. */
  readonly #open = new Map<number | string, Step>();
  readonly #failures = new Map<string, number>();

  take(event: HistoryEvent): void {
    switch (event.EventType) {
      case eventType.taskScheduled:
        return this.#begin('Activity', event, event.EventId);
      case eventType.subOrchestrationCreated:
        return this.#begin('Sub-orchestration', event, event.EventId);
      case eventType.timerCreated:
        return this.#begin('Timer', event, event.EventId);
      case eventType.eventSent:
        return this.#beginMessage(event);
      case eventType.taskCompleted:
      case eventType.subOrchestrationCompleted:
        return this.#end(event, event.TaskScheduledId, 'completed');
      case eventType.taskFailed:
      case eventType.subOrchestrationFailed:
        return this.#end(event, event.TaskScheduledId, 'failed');
      case eventType.timerFired:
        return this.#end(event, event.TimerId, 'completed');
      case eventType.eventRaised:
        return this.#receive(event);
      default:
        return this.#moment(event);
    }
  }

  #begin(kind: string, event: HistoryEvent, key: number | string): void {
    const name = event.Name ?? (event.FireAt === undefined ? '' : `until ${event.FireAt}`);
    const failures = this.#failures.get(`${kind} ${name}`) ?? 0;
    const step: Step = {
      from: timeOf(event),
      to: undefined,
      kind,
      name,
      outcome: 'open',
      ...(failures > 0 ? { attempt: failures + 1 } : {}),
      input: event.Input,
    };
    this.steps.push(step);
    this.#open.set(key, step);
  }

  /** What is sent to an entity is answered by an event named after the request. */
  #beginMessage(event: HistoryEvent): void {
    const request = requestIn(event.Input);
    const name = [event.InstanceId, request?.op].filter(Boolean).join(' ');
    if (event.Name === 'release') return this.#moment(event, { kind: 'Lock released', name });
    if (request?.id === undefined || request.signal === true) {
      return this.#moment(event, { kind: 'Signal sent', name });
    }
    const isCall = typeof request.op === 'string';
    this.#begin(isCall ? 'Entity call' : 'Entity lock', { ...event, Name: name }, request.id);
  }

  #end(event: HistoryEvent, key: number | string | undefined, outcome: 'completed' | 'failed'): void {
    const step = key === undefined ? undefined : this.#open.get(key);
    if (!step || key === undefined) return this.#moment(event, { kind: outcome, name: event.Name ?? '' });
    this.#open.delete(key);
    step.to = timeOf(event);
    step.outcome = outcome;
    step.result = event.Result ?? event.Reason;
    const call = `${step.kind} ${step.name}`;
    if (outcome === 'failed') this.#failures.set(call, (this.#failures.get(call) ?? 0) + 1);
    else this.#failures.delete(call);
  }

  /** An event that a call waits for is its answer; any other stands for itself. */
  #receive(event: HistoryEvent): void {
    if (!this.#open.has(event.Name ?? '')) return this.#moment(event);
    const isError = event.Input?.includes('"exceptionType"') ?? false;
    this.#end({ ...event, Result: event.Input ?? null }, event.Name, isError ? 'failed' : 'completed');
  }

  #moment(event: HistoryEvent, shown?: { kind: string; name: string }): void {
    const kind = shown?.kind ?? moments[event.EventType];
    if (kind === undefined) return;
    const at = timeOf(event);
    const name = shown?.name ?? event.Name ?? event.OrchestrationStatus ?? '';
    const { Input: input, Result: result } = event;
    this.steps.push({ from: at, to: at, kind, name, outcome: 'moment', input, result });
  }
}

function requestIn(
  text: string | null | undefined,
): { id?: string; op?: string | null; signal?: boolean } | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
