/**
 * Watches the SDK replay an orchestration. The SDK tells the host what an orchestration did, but not under which ids it
 * will look for the answers; those follow from the order in which its executor began to track tasks. So the executor is
 * watched in memory while it runs. Nothing in it is changed: each wrapped method does what it did before.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

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
  readonly stateObj: number;
  readonly result?: unknown;
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
  readonly context: { readonly customStatus?: unknown; readonly currentLock?: SdkLock };
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
}

interface ExecutorMethods {
  execute: (this: unknown, context: { invocationId?: string }, ...rest: unknown[]) => unknown;
  processEvent: (this: object, event: unknown) => void;
  trackOpenTask: (this: SdkExecutor, task: SdkTask) => void;
  recordFireAndForgetAction: (this: SdkExecutor, action: SdkAction, increment?: number) => void;
}

export class ExecutorProbe {
  readonly #runs = new Map<string, ProbeRun>();
  readonly #byExecutor = new WeakMap<object, ProbeRun>();

  /** @throws when the app's durable-functions is not the kind this host can watch. */
  constructor(appDir: string) {
    this.#watch(findExecutor(appDir));
  }

  /** Watches the invocation with this id until `forget`. */
  expect(invocationId: string): ProbeRun {
    const run: ProbeRun = { executor: undefined, tasks: new Map(), sent: [], processed: 0 };
    this.#runs.set(invocationId, run);
    return run;
  }

  forget(invocationId: string): void {
    this.#runs.delete(invocationId);
  }

  #watch(prototype: ExecutorMethods): void {
    const { execute, processEvent, trackOpenTask, recordFireAndForgetAction } = prototype;
    const runs = this.#runs;
    const byExecutor = this.#byExecutor;
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
      if (run) run.processed += 1;
      processEvent.call(this, event);
    };
    prototype.trackOpenTask = function (task) {
      const isNew = task.id === false && !('children' in task);
      if (isNew) byExecutor.get(this)?.tasks.set(this.sequenceNumber, task);
      trackOpenTask.call(this, task);
    };
    prototype.recordFireAndForgetAction = function (action, increment) {
      const lock = this.context.currentLock;
      if (!this.willContinueAsNew) byExecutor.get(this)?.sent.push({ id: this.sequenceNumber, action, lock });
      recordFireAndForgetAction.call(this, action, increment);
    };
  }
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
  const methods = ['execute', 'processEvent', 'trackOpenTask', 'recordFireAndForgetAction'] as const;
  const missing = methods.filter((name) => typeof prototype?.[name] !== 'function');
  if (missing.length > 0) {
    throw new Error(`${explanation}: its executor has no ${missing.join(', ')}. Use durable-functions 3.5.`);
  }
  return prototype as ExecutorMethods;
}
