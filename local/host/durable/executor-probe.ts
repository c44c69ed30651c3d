/**
 * Watches the SDK replay an orchestration. The SDK tells the host what an orchestration did, but not under which ids it
 * will look for the answers; those follow from the order in which its executor began to track tasks. So the executor is
 * watched in memory while it runs. Nothing in it is changed: each wrapped method does what it did before.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { actionType } from './action-types.ts';
import { eventType } from './history.ts';
import type { HistoryEvent } from './history.ts';

const modulePath = 'durable-functions/lib/src/orchestrations/TaskOrchestrationExecutor';

/** An action as the SDK describes work, by `actionType` (see `action-types.ts`). */
export interface SdkAction {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly instanceId?: string;
  readonly version?: string;
  readonly operation?: string;
  readonly fireAt?: Date;
  readonly isCanceled?: boolean;
  readonly httpRequest?: unknown;
  readonly lockSet?: readonly { readonly name: string; readonly key: string }[];
}

export interface SdkRetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

export interface SdkTask {
  readonly id: number | string | false;
  readonly actionObj: SdkAction | 'noOp';
  /** See `runningTask`. */
  readonly stateObj: number;
  readonly result?: unknown;
  readonly alreadyScheduled?: boolean;
  readonly children?: readonly SdkTask[];
  readonly parent?: SdkTask & {
    readonly children: readonly SdkTask[];
    readonly retryOptions?: SdkRetryOptions;
  };
}

interface SdkLock {
  readonly ownedLocks: readonly { readonly name: string; readonly key: string }[];
}

export interface SdkExecutor {
  readonly orchestratorReturned: boolean;
  readonly willContinueAsNew: boolean;
  readonly actions: readonly SdkAction[];
  readonly output: unknown;
  readonly exception: unknown;
  readonly currentTask: SdkTask;
  readonly sequenceNumber: number;
  /** Waits for external events by name; the last one made is served first. */
  readonly openEvents: Readonly<Record<string, readonly SdkTask[]>>;
  /** What arrived and was not awaited, by task id or by event name. */
  readonly deferredTasks: Readonly<Record<string, readonly unknown[]>>;
  readonly context: { readonly customStatus?: unknown; readonly currentLock?: SdkLock };
}

interface Reuse {
  readonly task: SdkTask;
  /** The next id at that time. */
  readonly nextId: number;
}

/** What one replay did. */
export interface ProbeRun {
  executor: SdkExecutor | undefined;
  /** Every task that got an id, by that id. */
  readonly tasks: Map<number, SdkTask>;
  /** What was sent without awaiting an answer, by the id it took. */
  readonly sent: { readonly id: number; readonly action: SdkAction; readonly lock: SdkLock | undefined }[];
  /** How many events of the history the executor took in before it was done. */
  processed: number;
  /** Pending tasks that were made part of a further Task.any or Task.all. */
  readonly reused: Reuse[];
  /** Pending tasks of several steps (retries, long timers, polling) that were yielded again by themselves. */
  readonly reawaited: SdkTask[];
  /** Names of external events that went to a wait that was over. */
  readonly swallowed: string[];
  /** How many ids Azure is ahead of the SDK, having scheduled work again that the SDK still waits for. */
  lead: number;
}

/** `stateObj` of a task that has not ended. */
export const runningTask = 0;

interface ExecutorMethods {
  execute: (this: unknown, context: { invocationId?: string }, ...rest: unknown[]) => unknown;
  processEvent: (this: SdkExecutor, event: HistoryEvent) => void;
  markAsScheduled: (this: SdkExecutor, task: SdkTask) => void;
  trackOpenTask: (this: SdkExecutor, task: SdkTask) => void;
  recordFireAndForgetAction: (this: SdkExecutor, action: SdkAction, increment?: number) => void;
}

export class ExecutorProbe {
  readonly #runs = new Map<string, ProbeRun>();
  readonly #byExecutor = new WeakMap<object, ProbeRun>();
  readonly #mimicsAzure: boolean;

  /**
   * @param mimicsAzure gives ids as Azure does, also where it loses count
   * @throws when the app's durable-functions is not the kind this host can watch.
   */
  constructor(appDir: string, mimicsAzure: boolean) {
    this.#mimicsAzure = mimicsAzure;
    this.#watch(findExecutor(appDir));
  }

  /** Watches the invocation with this id until `forget`. */
  expect(invocationId: string): ProbeRun {
    const run = newRun();
    this.#runs.set(invocationId, run);
    return run;
  }

  forget(invocationId: string): void {
    this.#runs.delete(invocationId);
  }

  #watch(prototype: ExecutorMethods): void {
    const { execute, processEvent, markAsScheduled, trackOpenTask, recordFireAndForgetAction } = prototype;
    const runs = this.#runs;
    const byExecutor = this.#byExecutor;
    const mimicsAzure = this.#mimicsAzure;
    prototype.execute = function (context, ...rest) {
      const run = runs.get(context.invocationId ?? '');
      if (run) {
        run.executor = this as SdkExecutor;
        byExecutor.set(run.executor, run);
      }
      return execute.call(this, context, ...rest);
    };
    prototype.processEvent = function (event) {
      const run = byExecutor.get(this);
      if (run) {
        run.processed += 1;
        if (event.EventType === eventType.eventRaised) noteSwallowed(run, this, event.Name ?? '');
      }
      processEvent.call(this, event);
    };
    prototype.markAsScheduled = function (task) {
      if (task.alreadyScheduled && isPendingWork(task)) {
        byExecutor.get(this)?.reused.push({ task, nextId: this.sequenceNumber });
      }
      markAsScheduled.call(this, task);
    };
    prototype.trackOpenTask = function (task) {
      const run = byExecutor.get(this);
      if (run) noteTracked(run, this, task, mimicsAzure);
      trackOpenTask.call(this, task);
    };
    prototype.recordFireAndForgetAction = function (action, increment) {
      const lock = this.context.currentLock;
      const run = byExecutor.get(this);
      if (!this.willContinueAsNew) run?.sent.push({ id: this.sequenceNumber + run.lead, action, lock });
      recordFireAndForgetAction.call(this, action, increment);
    };
  }
}

function newRun(): ProbeRun {
  return {
    executor: undefined,
    tasks: new Map(),
    sent: [],
    processed: 0,
    reused: [],
    reawaited: [],
    swallowed: [],
    lead: 0,
  };
}

function noteTracked(run: ProbeRun, executor: SdkExecutor, task: SdkTask, mimicsAzure: boolean): void {
  if (task.children) {
    const hasSteps = 'retryOptions' in task || 'executor' in task;
    const isKnown = task.children[0]?.id !== false;
    if (hasSteps && isKnown && task === executor.currentTask) run.reawaited.push(task);
  } else if (task.id === false) {
    run.tasks.set(executor.sequenceNumber + run.lead, task);
  } else if (mimicsAzure && run.reused.some((reuse) => reuse.task === task)) {
    run.tasks.set(executor.sequenceNumber + run.lead, task);
    run.lead += 1;
  }
}

/** An event goes to the wait that was added last, though that may be over. */
function noteSwallowed(run: ProbeRun, executor: SdkExecutor, name: string): void {
  const wait = executor.openEvents[name]?.at(-1);
  if (wait && wait.stateObj !== runningTask) run.swallowed.push(name);
}

/** Waiting for an external event starts no work. */
function isPendingWork({ stateObj, actionObj }: SdkTask): boolean {
  const isWait = actionObj !== 'noOp' && actionObj.actionType === actionType.waitForExternalEvent;
  return stateObj === runningTask && !isWait;
}

function findExecutor(appDir: string): ExecutorMethods {
  const explanation =
    'The app registers orchestrations, but the host cannot watch its durable-functions package replay them';
  let found: { TaskOrchestrationExecutor?: { prototype?: Partial<ExecutorMethods> } };
  try {
    found = createRequire(join(appDir, 'package.json'))(modulePath) as typeof found;
  } catch (cause) {
    throw new Error(
      `${explanation}: "${modulePath}" does not resolve from ${appDir}. ` +
        'Install durable-functions 3.5 there, and leave it out of any bundle.',
      { cause },
    );
  }
  const prototype = found.TaskOrchestrationExecutor?.prototype;
  const methods = [
    'execute',
    'processEvent',
    'markAsScheduled',
    'trackOpenTask',
    'recordFireAndForgetAction',
  ] as const;
  const missing = methods.filter((name) => typeof prototype?.[name] !== 'function');
  if (missing.length > 0) {
    throw new Error(`${explanation}: its executor has no ${missing.join(', ')}. Use durable-functions 3.5.`);
  }
  return prototype as ExecutorMethods;
}
