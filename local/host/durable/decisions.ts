/**
 * What an orchestration decided in one episode: every task and message that got an id for which the history holds no
 * decision yet becomes an event, plus the message or activity call that carries it out.
 */
import { randomUUID } from 'node:crypto';
import { actionType } from './action-types.ts';
import { httpActivityName } from './decision-types.ts';
import type { DecisionContext, Decisions, KnownFunctions } from './decision-types.ts';
import { decideLock, decideRelease } from './locks.ts';
import { parseEntityInstanceId } from './messages.ts';
import { eventType, newEvent } from './history.ts';
import type { Instance } from './instance.ts';
import type { ProbeRun, SdkAction } from './executor-probe.ts';
import { attemptOf } from './attempts.ts';
import type { AttemptPlace } from './attempts.ts';

type DuePlace = Exclude<AttemptPlace, { kind: 'later' }>;

/** The decisions that `run` made beyond the history, in the order of their ids. */
export function decide(run: ProbeRun, context: DecisionContext): Decisions {
  const decisions: Decisions = { events: [], messages: [], activities: [], subOrchestrations: [] };
  const steps: { id: number; apply: () => void }[] = [];
  for (const [id, task] of run.tasks) {
    if (context.index.decided.has(id)) continue;
    const place = attemptOf(task);
    if (place.kind === 'later') continue;
    steps.push({ id, apply: () => decideTask(id, place, context, decisions) });
  }
  for (const { id, action, lock } of run.sent) {
    if (context.index.decided.has(id)) continue;
    const apply =
      action.actionType === actionType.releaseEntities
        ? () => decideRelease(id, lock?.ownedLocks ?? [], context, decisions)
        : () => decideEntityMessage(id, action, context, decisions);
    steps.push({ id, apply });
  }
  steps.sort((a, b) => a.id - b.id);
  for (const step of steps) step.apply();
  return decisions;
}

function decideTask(id: number, place: DuePlace, context: DecisionContext, decisions: Decisions): void {
  if (place.kind === 'retryTimer') {
    decideTimer(id, place.dueAt(context.now), context, decisions);
    return;
  }
  const { action } = place;
  switch (action.actionType) {
    case actionType.callActivity:
    case actionType.callActivityWithRetry:
    case actionType.callHttp:
      decideActivity(id, place, context, decisions);
      return;
    case actionType.callSubOrchestrator:
    case actionType.callSubOrchestratorWithRetry:
      decideSubOrchestration(id, place, context, decisions);
      return;
    case actionType.createTimer:
      // Cancelled before it was ever set: the SDK no longer waits for it.
      if (!isCancelled(place)) decideTimer(id, action.fireAt?.getTime() ?? Number.NaN, context, decisions);
      return;
    case actionType.callEntity:
      decideEntityMessage(id, action, context, decisions);
      return;
    case actionType.lockEntities:
      decideLock(id, action.lockSet ?? [], context, decisions);
      return;
    default:
      throw new Error(`The orchestration asked for work of the unknown kind ${action.actionType}.`);
  }
}

function isCancelled(place: DuePlace): boolean {
  return place.kind === 'work' && place.isCancelled();
}

function decideTimer(id: number, fireAt: number, context: DecisionContext, decisions: Decisions): void {
  const { instance, now } = context;
  const FireAt = new Date(fireAt).toISOString();
  decisions.events.push(newEvent(eventType.timerCreated, now, id, { FireAt }));
  decisions.messages.push({
    to: instance.id,
    dueAt: fireAt,
    body: { kind: 'timerFired', executionId: instance.executionId, timerId: id, fireAt },
  });
}

function decideActivity(
  id: number,
  place: AttemptPlace & { kind: 'work' },
  context: DecisionContext,
  decisions: Decisions,
): void {
  const { instance, now, known } = context;
  const isHttp = place.action.actionType === actionType.callHttp;
  const name = isHttp ? httpActivityName : (place.action.functionName ?? '');
  decisions.events.push(newEvent(eventType.taskScheduled, now, id, { Name: name, Version: '', Input: null }));
  const failure =
    failedBefore(place, context) ?? (isHttp || known.hasActivity(name) ? undefined : unknownActivity(name));
  if (failure) {
    decisions.messages.push({
      to: instance.id,
      body: { kind: 'activityFailed', executionId: instance.executionId, taskId: id, ...failure },
    });
    return;
  }
  const input = isHttp ? JSON.stringify(place.action.httpRequest) : activityInput(place.action.input);
  decisions.activities.push({
    instanceId: instance.id,
    executionId: instance.executionId,
    taskId: id,
    name,
    input,
  });
}

/** The SDK has text inputs encoded already, and all others as they are. */
function activityInput(input: unknown): string | null {
  if (typeof input === 'string') return input;
  return jsonText(input);
}

function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function decideSubOrchestration(
  id: number,
  place: AttemptPlace & { kind: 'work' },
  context: DecisionContext,
  decisions: Decisions,
): void {
  const { instance, now, known } = context;
  const { functionName: name = '', instanceId: chosenId, input, version } = place.action;
  const instanceId = chosenId ? chosenId : `${instance.executionId}:${id}`;
  decisions.events.push(
    newEvent(eventType.subOrchestrationCreated, now, id, { Name: name, InstanceId: instanceId, Input: null }),
  );
  const failure = failedBefore(place, context) ?? refusedSubOrchestration(name, instanceId, instance, known);
  if (failure) {
    decisions.messages.push({
      to: instance.id,
      body: { kind: 'subOrchestrationFailed', executionId: instance.executionId, taskId: id, ...failure },
    });
    return;
  }
  decisions.subOrchestrations.push({ taskId: id, instanceId, name, version, input: jsonText(input) });
}

interface Failure {
  readonly reason: string;
  readonly details: string;
  readonly failureDetails: unknown;
}

/** In Azure an unknown function leaves the orchestration waiting for ever; here it fails, and says why. */
function unknownActivity(name: string): Failure {
  const reason = `Activity function '${name}' failed: The function '${name}' doesn't exist, is disabled, or is not an activity function.`;
  return { reason, details: '', failureDetails: null };
}

function refusedSubOrchestration(
  name: string,
  instanceId: string,
  instance: Instance,
  known: KnownFunctions,
): Failure | undefined {
  const refuse = (reason: string): Failure => ({ reason, details: '', failureDetails: null });
  if (!known.hasOrchestrator(name)) {
    return refuse(`The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
  }
  if (instanceId.startsWith('@')) return refuse('Orchestration instance ids must not start with "@".');
  if (instanceId === instance.id || instanceId === instance.parent?.instanceId) {
    return refuse(`The sub-orchestration id '${instanceId}' is the id of its own parent.`);
  }
  return undefined;
}

/** Once the time for all attempts is up, the SDK still counts the remaining ones: they fail as the last one did. */
function failedBefore(place: AttemptPlace & { kind: 'work' }, context: DecisionContext): Failure | undefined {
  if (!place.timeIsUp(context)) return undefined;
  const last = context.history.findLast((event) => event.TaskScheduledId === place.previousId);
  return {
    reason: last?.Reason ?? '',
    details: last?.Details ?? '',
    failureDetails: last?.FailureDetails ?? null,
  };
}

function decideEntityMessage(
  id: number,
  action: SdkAction,
  context: DecisionContext,
  decisions: Decisions,
): void {
  const { instance, now, known } = context;
  const isSignal = action.actionType === actionType.signalEntity;
  const to = action.instanceId ?? '';
  const op = action.operation ?? '';
  const input = jsonText(action.input);
  const requestId = randomUUID();
  const owner = { parent: instance.id, parentExecution: instance.executionId };
  const request = { op, ...(isSignal ? { signal: true } : {}), input, id: requestId, ...owner };
  decisions.events.push(
    newEvent(eventType.eventSent, now, id, { InstanceId: to, Name: 'op', Input: JSON.stringify(request) }),
  );
  const { name } = parseEntityInstanceId(to);
  if (known.hasEntity(name)) {
    decisions.messages.push({
      to,
      body: { kind: 'entityOperation', op, input, isSignal, id: requestId, ...owner },
    });
  } else if (!isSignal) {
    const result = JSON.stringify(
      `The function '${name}' doesn't exist, is disabled, or is not an entity function.`,
    );
    decisions.messages.push({
      to: instance.id,
      body: {
        kind: 'entityResponse',
        executionId: instance.executionId,
        name: requestId,
        input: JSON.stringify({ result, exceptionType: 'Error' }),
      },
    });
  }
}
