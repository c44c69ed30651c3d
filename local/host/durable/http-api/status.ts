/** An instance as the HTTP API shows it (azure-functions-durable-extension, HttpApiHandler). */
import { eventType, eventTypeNames, timeOf } from '../history.ts';
import type { HistoryEvent } from '../history.ts';
import type { EntityRow, Instance, RuntimeStatus } from '../instance.ts';
import { parseEntityInstanceId } from '../messages.ts';

export interface StatusOptions {
  readonly showInput: boolean;
  readonly showHistory: boolean;
  readonly showHistoryOutput: boolean;
}

export interface StatusBody {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: RuntimeStatus;
  readonly input: unknown;
  readonly customStatus: unknown;
  readonly output: unknown;
  /** To the second, as the extension writes it. */
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly version?: string;
  readonly historyEvents?: unknown[];
}

export function statusOf(
  instance: Instance,
  history: readonly HistoryEvent[],
  options: StatusOptions,
): StatusBody {
  const showHistory = options.showHistory && instance.status !== 'Pending';
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: options.showInput ? parse(instance.input) : null,
    customStatus: parse(instance.customStatus),
    output: parse(instance.output),
    createdTime: toSecond(instance.createdAt),
    lastUpdatedTime: toSecond(instance.updatedAt),
    ...(instance.version === '' ? {} : { version: instance.version }),
    ...(showHistory ? { historyEvents: historyOf(history, options) } : {}),
  };
}

/** Entities are instances too, which run for ever; their input is what the scheduler keeps. */
export function entityStatus(entity: EntityRow, queued: number, showInput: boolean): StatusBody {
  const { exists, state, lockedBy } = entity;
  return {
    name: `@${parseEntityInstanceId(entity.id).name}`,
    instanceId: entity.id,
    runtimeStatus: 'Running',
    input: showInput
      ? { exists, ...(state === null ? {} : { state }), ...(lockedBy ? { lockedBy } : {}) }
      : null,
    customStatus: {
      ...(exists ? { entityExists: true } : {}),
      ...(queued > 0 ? { queueSize: queued } : {}),
      ...(lockedBy ? { lockedBy } : {}),
    },
    output: null,
    createdTime: toSecond(entity.createdAt),
    lastUpdatedTime: toSecond(entity.updatedAt),
  };
}

function toSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function parse(text: string | null | undefined): unknown {
  return text === null || text === undefined ? null : (JSON.parse(text) as unknown);
}

const hidden: readonly number[] = [eventType.orchestratorStarted, eventType.orchestratorCompleted];
const requests: readonly number[] = [eventType.taskScheduled, eventType.subOrchestrationCreated];

/** A request and its answer become one line; what has no answer yet stands alone. */
function historyOf(history: readonly HistoryEvent[], options: StatusOptions): unknown[] {
  const scheduled = new Map<number, HistoryEvent>();
  const answered = new Set(history.map((event) => event.TaskScheduledId));
  const lines: unknown[] = [];
  for (const event of history) {
    if (hidden.includes(event.EventType)) continue;
    const isRequest = requests.includes(event.EventType);
    if (isRequest) scheduled.set(event.EventId, event);
    if (isRequest && answered.has(event.EventId)) continue;
    const request = event.TaskScheduledId === undefined ? undefined : scheduled.get(event.TaskScheduledId);
    lines.push(lineOf(event, request, options));
  }
  return lines;
}

function lineOf(event: HistoryEvent, request: HistoryEvent | undefined, options: StatusOptions): object {
  const { Reason, Details, OrchestrationStatus, FireAt, InstanceId } = event;
  const line = {
    EventType: eventTypeNames[event.EventType] ?? String(event.EventType),
    Input: options.showInput && event.Input ? lenient(event.Input) : undefined,
    Result: options.showHistoryOutput && event.Result !== undefined ? parse(event.Result) : undefined,
    Reason,
    Details,
    OrchestrationStatus,
    FireAt,
    InstanceId,
    ScheduledTime: request && new Date(timeOf(request)).toISOString(),
    Timestamp: new Date(timeOf(event)).toISOString(),
    ...nameOf(event, request),
  };
  return Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined));
}

/** Starts and answers are named after the function behind them; events and open requests keep their own name. */
function nameOf(event: HistoryEvent, request: HistoryEvent | undefined): object {
  if (event.EventType === eventType.executionStarted) return { FunctionName: event.Name };
  return request ? { FunctionName: request.Name } : { Name: event.Name };
}

/** Reasons of suspensions and terminations are plain text. */
function lenient(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
