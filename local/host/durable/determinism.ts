/** Finds an orchestration that, replayed, no longer decides what its history says it decided (DurableTask.Core). */
import { actionType } from './action-types.ts';
import { attemptOf } from './attempts.ts';
import { httpActivityName } from './decision-types.ts';
import { eventType } from './history.ts';
import type { HistoryEvent } from './history.ts';
import type { ProbeRun, SdkAction, SdkTask } from './executor-probe.ts';

interface Decision {
  readonly kind: 'activity' | 'sub-orchestration' | 'timer' | 'entity message';
  readonly name: string;
}

/** The explanation of the first difference, if there is one. */
export function findNonDeterminism(
  decided: ReadonlyMap<number, HistoryEvent>,
  run: ProbeRun,
): string | undefined {
  let now: Map<number, Decision> | undefined;
  for (const [id, event] of decided) {
    if (isSameActivity(event, run.tasks.get(id))) continue;
    now ??= replayedDecisions(run);
    const before = decisionOf(event);
    const after = now.get(id);
    const same = after?.kind === before.kind && after.name.toLowerCase() === before.name.toLowerCase();
    if (!same) return explain(id, before, after);
  }
  return undefined;
}

/** The most frequent case by far, without a look at all the rest. */
function isSameActivity(event: HistoryEvent, task: SdkTask | undefined): boolean {
  if (event.EventType !== eventType.taskScheduled || !task || task.actionObj === 'noOp') return false;
  const { actionType: type, functionName } = task.actionObj;
  return type === actionType.callActivity && functionName === event.Name;
}

function explain(id: number, before: Decision, after: Decision | undefined): string {
  const instead = after === undefined ? 'nothing' : `the ${after.kind} '${after.name}'`;
  return (
    'Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ' +
    `the ${before.kind} '${before.name}' with sequence ID ${id}, but the current replay produced ${instead} ` +
    'with this sequence number. Was a change made to the orchestrator code after this instance had already started running?'
  );
}

function decisionOf(event: HistoryEvent): Decision {
  const name = event.Name ?? '';
  if (event.EventType === eventType.taskScheduled) return { kind: 'activity', name };
  if (event.EventType === eventType.subOrchestrationCreated) return { kind: 'sub-orchestration', name };
  if (event.EventType === eventType.timerCreated) return { kind: 'timer', name: '' };
  return { kind: 'entity message', name: event.InstanceId ?? '' };
}

function replayedDecisions(run: ProbeRun): Map<number, Decision> {
  const decisions = new Map<number, Decision>();
  for (const [id, task] of run.tasks) {
    const place = attemptOf(task);
    decisions.set(id, place.kind === 'work' ? decisionBy(place.action) : { kind: 'timer', name: '' });
  }
  for (const { id, action, lock } of run.sent) {
    if (action.actionType === actionType.signalEntity) decisions.set(id, decisionBy(action));
    lock?.ownedLocks.forEach(({ name, key }, index) => {
      if (action.actionType !== actionType.releaseEntities) return;
      decisions.set(id + index, { kind: 'entity message', name: `@${name}@${key}` });
    });
  }
  return decisions;
}

function decisionBy(action: SdkAction): Decision {
  switch (action.actionType) {
    case actionType.createTimer:
      return { kind: 'timer', name: '' };
    case actionType.callSubOrchestrator:
    case actionType.callSubOrchestratorWithRetry:
      return { kind: 'sub-orchestration', name: action.functionName ?? '' };
    case actionType.callHttp:
      return { kind: 'activity', name: httpActivityName };
    case actionType.lockEntities: {
      const first = action.lockSet?.[0];
      return { kind: 'entity message', name: `@${first?.name}@${first?.key}` };
    }
    case actionType.callEntity:
    case actionType.signalEntity:
      return { kind: 'entity message', name: action.instanceId ?? '' };
    default:
      return { kind: 'activity', name: action.functionName ?? '' };
  }
}
