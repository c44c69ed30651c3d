/** What strict mode refuses in a replay as a whole: misuse of tasks and events that Azure, or the SDK, gets wrong. */
import { actionType } from './action-types.ts';
import { orchestratorLabel } from './decision-types.ts';
import type { DecisionContext } from './decision-types.ts';
import { runningTask } from './executor-probe.ts';
import type { ProbeRun, SdkExecutor, SdkTask } from './executor-probe.ts';
import { clientEvents } from './history.ts';
import type { HistoryEvent } from './history.ts';
import { continueInput, thrownMessage } from './outcome.ts';
import type { Outcome } from './outcome.ts';

const onlyDigits = /^\d+$/;

/** @throws StrictModeError in strict mode, for the first rule that was broken. */
export function refuseWhatAzureBreaks(run: ProbeRun, outcome: Outcome, context: DecisionContext): void {
  const { executor } = run;
  if (!executor || !context.strictness.isStrict) return;
  const who = orchestratorLabel(context.instance);
  refuseTasks(run, who, context);
  if (outcome.kind === 'waiting') refuseEndlessWait(executor, who, context);
  if (outcome.kind === 'continuedAsNew') refuseContinuation(run, executor, { ...context, who });
}

function refuseTasks(
  { executor, reused, reawaited, swallowed }: ProbeRun,
  who: string,
  { strictness }: DecisionContext,
): void {
  for (const { task, nextId } of reused) {
    const what = `${describe(task)} was awaited with others again`;
    // A second timer does no harm as long as no later work gets the number that was meant for it.
    const isHarmless = isTimer(task) && executor?.sequenceNumber === nextId;
    if (isHarmless) strictness.report('task-reused', { who, what, level: 'warning' });
    else strictness.forbid('task-reused', who, what);
  }
  const [retried] = reawaited;
  if (retried) strictness.forbid('retry-reawaited', who, `${describe(retried)} was yielded again`);
  const [event] = swallowed;
  if (event !== undefined) strictness.forbid('event-swallowed', who, `the event '${event}' reached nobody`);
}

function refuseEndlessWait(executor: SdkExecutor, who: string, { strictness }: DecisionContext): void {
  const { exception, currentTask, openEvents } = executor;
  if (exception !== undefined && thrownMessage(exception) === '') {
    strictness.forbid('threw-no-error', who, `it threw ${show(exception)}`);
  }
  // The SDK takes `throw undefined` for no exception: the generator is over, and nothing would ever wake it.
  if (exception === undefined && currentTask.stateObj !== runningTask) {
    strictness.forbid('threw-no-error', who, 'it threw undefined');
  }
  if (hasOverlookedEnd(currentTask)) {
    strictness.forbid('finished-task', who, 'it waits for tasks that have ended');
  }
  const name = Object.keys(openEvents).find((event) => onlyDigits.test(event));
  if (name !== undefined) strictness.forbid('event-name', who, `it waits for the event '${name}'`);
}

/** A compound task learns of its parts' ends only as they happen. */
function hasOverlookedEnd(task: SdkTask): boolean {
  const { children } = task;
  if (!children || task.stateObj !== runningTask || isOneCall(task)) return false;
  const isAny = task.actionObj !== 'noOp' && task.actionObj.actionType === actionType.whenAny;
  const hasEnded = ({ stateObj }: SdkTask): boolean => stateObj !== runningTask;
  return isAny ? children.some(hasEnded) : children.every(hasEnded);
}

/** Retried calls, long timers and polling requests are one task to the app. */
function isOneCall(task: SdkTask): boolean {
  return 'retryOptions' in task || 'executor' in task;
}

function refuseContinuation(
  run: ProbeRun,
  executor: SdkExecutor,
  { who, strictness, history }: DecisionContext & { who: string },
): void {
  const input = continueInput(executor);
  if (typeof input === 'string') {
    strictness.forbid('text-anew', who, `it continued as new with the text ${input}`);
  }
  const dropped = droppedEvents(run, executor, history);
  const withData = dropped.find(({ Input }) => carriesData(Input));
  const names = [...new Set(dropped.map(({ Name }) => `'${Name}'`))].join(', ');
  if (withData) strictness.forbid('events-dropped', who, `the event '${withData.Name}' was not awaited`);
  if (names !== '') {
    const what = `${dropped.length} nudges named ${names} were not awaited`;
    strictness.report('events-dropped', { who, what, level: 'warning' });
  }
}

/** The last ones of their names, as they are served in the order they came. */
function droppedEvents(
  run: ProbeRun,
  executor: SdkExecutor,
  history: readonly HistoryEvent[],
): HistoryEvent[] {
  const left = new Map(
    Object.entries(executor.deferredTasks).map(([name, waiting]) => [name, waiting.length]),
  );
  if (left.size === 0) return [];
  const arrived = history.slice(0, run.processed).filter(clientEvents(history));
  return arrived.toReversed().filter(({ Name = '' }) => {
    const count = left.get(Name) ?? 0;
    left.set(Name, count - 1);
    return count > 0;
  });
}

function carriesData(input: string | null | undefined): boolean {
  return !['', 'null', '{}', '""'].includes(input?.trim() ?? '');
}

function isTimer({ actionObj }: SdkTask): boolean {
  return actionObj !== 'noOp' && actionObj.actionType === actionType.createTimer;
}

function describe({ actionObj }: SdkTask): string {
  if (actionObj === 'noOp') return 'a task';
  if (actionObj.functionName !== undefined) return `the call of '${actionObj.functionName}'`;
  if (actionObj.fireAt) return `the timer until ${actionObj.fireAt.toISOString()}`;
  return actionObj.instanceId === undefined ? 'a task' : `the call of '${actionObj.instanceId}'`;
}

function show(value: unknown): string {
  if (value instanceof Error) return `an ${value.name} without a message`;
  return JSON.stringify(value) ?? String(value);
}
