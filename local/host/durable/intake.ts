/** Which queued messages an orchestration takes in now, and the history events they become. Pure. */
import { eventType, newEvent } from './history.ts';
import type { HistoryEvent, HistoryIndex } from './history.ts';
import type { Instance } from './instance.ts';
import type { OrchestrationMessage, StoredMessage } from './messages.ts';

export interface Intake {
  /** Leave the queue with this episode: taken in, stale or double. */
  readonly consumed: StoredMessage[];
  /** Stay in the queue: the instance is suspended. */
  readonly held: StoredMessage[];
  readonly events: HistoryEvent[];
  readonly suspended: boolean;
  /** The reason of the last suspension in this batch. */
  readonly suspendReason: string | undefined;
  readonly terminateReason: string | undefined;
  /** The episode's time, ms since 1970: never before a timer that woke it, nor before the episode before it. */
  readonly now: number;
}

/**
 * @param now the clock's time, ms since 1970
 * @param lastEpisodeAt the time of the episode before, ms since 1970
 */
export function takeIn(
  messages: readonly StoredMessage[],
  context: { instance: Instance; index: HistoryIndex; now: number; lastEpisodeAt: number },
): Intake {
  const { instance } = context;
  const current: { message: StoredMessage; body: OrchestrationMessage }[] = [];
  const stale: StoredMessage[] = [];
  const answeredBefore = context.index.answered;
  const answeredNow = new Set<number>();
  for (const message of messages) {
    const body = message.body as OrchestrationMessage;
    const answers = answeredBy(body);
    const isDouble = answers !== undefined && (answeredBefore.has(answers) || answeredNow.has(answers));
    if (isDouble || !isOfExecution(body, instance)) {
      stale.push(message);
      continue;
    }
    if (answers !== undefined) answeredNow.add(answers);
    current.push({ message, body });
  }
  const controls = readControls(current, instance.status === 'Suspended');
  // The end of the instance is the end of what was held back for it.
  const holds = controls.suspended && controls.terminateReason === undefined;
  const isHeld = (body: OrchestrationMessage): boolean => holds && !isControl(body);
  const taken = current.filter(({ body }) => !isHeld(body));
  const earliest = Math.max(context.now, context.lastEpisodeAt);
  const now = taken.reduce((latest, { body }) => Math.max(latest, fireTime(body)), earliest);
  return {
    ...controls,
    now,
    consumed: [...stale, ...taken.map(({ message }) => message)],
    held: current.filter(({ body }) => isHeld(body)).map(({ message }) => message),
    events: inOrder(taken).flatMap(({ body }) => toEvents(body, instance, now)),
  };
}

/** Answers count for the execution that asked, and once; what clients send counts for any. */
function isOfExecution(body: OrchestrationMessage, instance: Instance): boolean {
  return !('executionId' in body) || body.executionId === instance.executionId;
}

function answeredBy(body: OrchestrationMessage): number | undefined {
  return 'taskId' in body ? body.taskId : 'timerId' in body ? body.timerId : undefined;
}

function isControl(body: OrchestrationMessage): boolean {
  return body.kind === 'terminate' || body.kind === 'suspend' || body.kind === 'resume';
}

function readControls(
  taken: readonly { body: OrchestrationMessage }[],
  wasSuspended: boolean,
): Pick<Intake, 'suspended' | 'suspendReason' | 'terminateReason'> {
  let suspended = wasSuspended;
  let suspendReason: string | undefined;
  let terminateReason: string | undefined;
  for (const { body } of taken) {
    if (body.kind === 'suspend') suspendReason = body.reason;
    if (body.kind === 'suspend' || body.kind === 'resume') suspended = body.kind === 'suspend';
    if (body.kind === 'terminate') terminateReason ??= body.reason;
  }
  return { suspended, suspendReason, terminateReason };
}

function fireTime(body: OrchestrationMessage): number {
  return body.kind === 'timerFired' ? body.fireAt : 0;
}

/** The start comes first, whatever reached the instance before it. */
function inOrder<T extends { body: OrchestrationMessage }>(taken: T[]): T[] {
  const isStart = ({ body }: T): boolean => body.kind === 'executionStarted';
  return [...taken.filter(isStart), ...taken.filter((one) => !isStart(one))];
}

function toEvents(body: OrchestrationMessage, instance: Instance, now: number): HistoryEvent[] {
  const event = (type: number, fields: Parameters<typeof newEvent>[3]): HistoryEvent[] => [
    newEvent(type, now, -1, fields),
  ];
  switch (body.kind) {
    case 'executionStarted':
      return event(eventType.executionStarted, startFields(instance));
    case 'activityCompleted':
      return event(eventType.taskCompleted, { TaskScheduledId: body.taskId, Result: body.result });
    case 'subOrchestrationCompleted':
      return event(eventType.subOrchestrationCompleted, {
        TaskScheduledId: body.taskId,
        Result: body.result,
      });
    case 'activityFailed':
      return event(eventType.taskFailed, failureFields(body));
    case 'subOrchestrationFailed':
      return event(eventType.subOrchestrationFailed, failureFields(body));
    case 'timerFired':
      return event(eventType.timerFired, {
        TimerId: body.timerId,
        FireAt: new Date(body.fireAt).toISOString(),
      });
    case 'externalEvent':
    case 'entityResponse':
      return event(eventType.eventRaised, { Name: body.name, Input: body.input });
    case 'suspend':
      return event(eventType.executionSuspended, { Reason: body.reason });
    case 'resume':
      return event(eventType.executionResumed, { Reason: body.reason });
    case 'rewind':
      return event(eventType.genericEvent, { Reason: body.reason });
    case 'terminate':
      return event(eventType.executionTerminated, { Input: body.reason });
    default:
      return body satisfies never;
  }
}

function startFields(instance: Instance): Parameters<typeof newEvent>[3] {
  const { parent } = instance;
  return {
    Name: instance.name,
    Version: instance.version,
    Input: instance.input,
    OrchestrationInstance: { InstanceId: instance.id, ExecutionId: instance.executionId },
    ParentInstance: parent && {
      Name: parent.name,
      OrchestrationInstance: { InstanceId: parent.instanceId, ExecutionId: parent.executionId },
      TaskScheduleId: parent.taskId,
      Version: '',
    },
  };
}

function failureFields(body: {
  taskId: number;
  reason: string;
  details: string | null;
  failureDetails: unknown;
}): Parameters<typeof newEvent>[3] {
  return {
    TaskScheduledId: body.taskId,
    Reason: body.reason,
    Details: body.details,
    FailureDetails: body.failureDetails ?? null,
  };
}
