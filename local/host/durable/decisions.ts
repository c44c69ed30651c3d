/**
 * What an orchestration decided in one episode: every task and message that got an id for which the history holds no
 * decision yet becomes an event, plus the message or activity call that carries it out.
 */
import { randomUUID } from 'node:crypto';
import { actionType } from './action-types.ts';
import { httpActivityName, orchestratorLabel } from './decision-types.ts';
import type { DecisionContext, Decisions } from './decision-types.ts';
import { decideLock, decideRelease } from './locks.ts';
import { parseEntityInstanceId } from './messages.ts';
import { eventType, newEvent } from './history.ts';
import type { Instance } from './instance.ts';
import type { ProbeRun, SdkAction } from './executor-probe.ts';
import { attemptOf } from './attempts.ts';
import type { AttemptPlace } from './attempts.ts';

/** The decisions that `run` made beyond the history, in the order of their ids. */
export function decide(run: ProbeRun, context: DecisionContext): Decisions {
  const decisions: Decisions = { events: [], messages: [], activities: [], subOrchestrations: [] };
  const steps: { id: number; apply: () => void }[] = [];
  for (const [id, task] of run.tasks) {
    if (context.index.decided.has(id)) continue;
    const place = attemptOf(task);
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

function decideTask(id: number, place: AttemptPlace, context: DecisionContext, decisions: Decisions): void {
  if (place.kind === 'retryTimer') {
    decideRetryTimer(id, place, context, decisions);
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

/** Once the time for all attempts is up, Azure sets no further timer, though the SDK waits for one. */
function decideRetryTimer(
  id: number,
  place: AttemptPlace & { kind: 'retryTimer' },
  context: DecisionContext,
  decisions: Decisions,
): void {
  if (!place.timeIsUp(context)) {
    decideTimer(id, place.dueAt(context.now), context, decisions);
    return;
  }
  const what = `the calls of '${place.action.functionName}' failed until their retryTimeout was over`;
  context.strictness.forbid('retry-timeout', orchestratorLabel(context.instance), what);
}

function isCancelled(place: AttemptPlace): boolean {
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
  const { instance, now, known, strictness } = context;
  const isHttp = place.action.actionType === actionType.callHttp;
  const name = isHttp ? httpActivityName : (place.action.functionName ?? '');
  if (!isHttp && !known.hasActivity(name)) {
    const what = `the activity function '${name}' doesn't exist`;
    strictness.forbid('unknown-function', orchestratorLabel(instance), what);
    return;
  }
  if (place.poll?.isDue === false) return;
  decisions.events.push(newEvent(eventType.taskScheduled, now, id, { Name: name, Version: '', Input: null }));
  const input = isHttp
    ? JSON.stringify(place.poll?.request ?? place.action.httpRequest)
    : activityInput(name, place.action.input, context);
  decisions.activities.push({
    instanceId: instance.id,
    executionId: instance.executionId,
    taskId: id,
    name,
    input,
  });
}

/** The SDK has text inputs encoded already, and all others as they are. */
function activityInput(name: string, input: unknown, context: DecisionContext): string | null {
  if (typeof input === 'string') return input;
  if (typeof input !== 'boolean') return jsonText(input);
  const what = `the activity '${name}' was called with ${input}`;
  context.strictness.forbid('boolean-input', orchestratorLabel(context.instance), what);
  return JSON.stringify(input ? 'True' : 'False');
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
  const { instance, now, known, strictness } = context;
  const { functionName: name = '', instanceId: chosenId, input, version } = place.action;
  const instanceId = chosenId ? chosenId : `${instance.executionId}:${id}`;
  const problem = problemWithChildId(instanceId, instance);
  if (!known.hasOrchestrator(name)) {
    const what = `the orchestrator function '${name}' doesn't exist`;
    strictness.forbid('unknown-function', orchestratorLabel(instance), what);
    return;
  }
  if (problem !== undefined) {
    strictness.forbid('child-refused', orchestratorLabel(instance), problem);
    return;
  }
  decisions.events.push(
    newEvent(eventType.subOrchestrationCreated, now, id, { Name: name, InstanceId: instanceId, Input: null }),
  );
  decisions.subOrchestrations.push({ taskId: id, instanceId, name, version, input: jsonText(input) });
}

/** Why the extension would not start a sub-orchestration under this id; in Azure the parent is never told. */
function problemWithChildId(instanceId: string, instance: Instance): string | undefined {
  if (instanceId.startsWith('@')) return 'orchestration instance ids must not start with "@"';
  if (instanceId === instance.id || instanceId === instance.parent?.instanceId) {
    return `the sub-orchestration id '${instanceId}' is the id of its own parent`;
  }
  return undefined;
}

function decideEntityMessage(
  id: number,
  action: SdkAction,
  context: DecisionContext,
  decisions: Decisions,
): void {
  const { instance, now, known, strictness } = context;
  const isSignal = action.actionType === actionType.signalEntity;
  const to = action.instanceId ?? '';
  const { name } = parseEntityInstanceId(to);
  if (!known.hasEntity(name)) {
    const what = `the entity function '${name}' doesn't exist`;
    strictness.forbid('unknown-function', orchestratorLabel(instance), what);
    return;
  }
  const op = action.operation ?? '';
  const input = jsonText(action.input);
  const requestId = randomUUID();
  const owner = { parent: instance.id, parentExecution: instance.executionId };
  const request = { op, ...(isSignal ? { signal: true } : {}), input, id: requestId, ...owner };
  decisions.events.push(
    newEvent(eventType.eventSent, now, id, { InstanceId: to, Name: 'op', Input: JSON.stringify(request) }),
  );
  decisions.messages.push({
    to,
    body: { kind: 'entityOperation', op, input, isSignal, id: requestId, ...owner },
  });
}
