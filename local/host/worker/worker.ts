/** Runs the app's functions: start-up, invocations with the app's hooks around them, and shutdown. */
import { randomUUID } from 'node:crypto';
import type { HostLog } from '../log.ts';
import { asLogLevel } from '../log.ts';
import { loadApp } from './app-loader.ts';
import { CoreApi } from './core-api.ts';
import { provideCoreModule } from './core-module.ts';
import { withinLimit } from './time-limit.ts';
import type { TimeLimit } from './time-limit.ts';
import { InvocationHookContext } from './hook-context.ts';
import type {
  CoreInvocationContext,
  InvocationModel,
  InvocationResponse,
  ProgrammingModel,
  RegisteredFunction,
  TypedData,
} from './types.ts';

export interface Invocation {
  readonly fn: RegisteredFunction;
  readonly invocationId?: string;
  readonly data: TypedData;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  /** Further inputs by binding name. */
  readonly inputs?: readonly { readonly name: string; readonly data: TypedData }[];
  /**
   * Hands the trigger's value over as it is, and the handler's result back as it is. Orchestrations and entities use
   * this: both ends are in this process, and turning a long history into JSON and back would cost most of an episode.
   */
  readonly direct?: { readonly input: unknown };
}

export interface InvocationOutcome {
  readonly invocationId: string;
  readonly response: InvocationResponse;
  /** The handler's own result. */
  readonly result: unknown;
}

const workerCapabilities: Readonly<Record<string, string>> = {
  RawHttpBodyBytes: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  RpcHttpBodyOnly: 'true',
  IgnoreEmptyValuedRpcHttpHeaders: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  WorkerStatus: 'true',
  TypedDataCollection: 'true',
  HandlesWorkerTerminateMessage: 'true',
};

export class Worker {
  readonly #core: CoreApi;
  readonly #log: HostLog;
  readonly #writeOutputs: (fn: RegisteredFunction, response: InvocationResponse) => Promise<void>;
  readonly #appHookData = {};
  /** How long a function may run; without it, as long as it likes. */
  timeLimit: TimeLimit | undefined;
  #streamAddress: string | undefined;

  /** @param writeOutputs takes each run's outputs before the run counts as done */
  constructor(
    log: HostLog,
    writeOutputs: (fn: RegisteredFunction, response: InvocationResponse) => Promise<void>,
  ) {
    this.#log = log;
    this.#writeOutputs = writeOutputs;
    this.#core = new CoreApi(log);
  }

  get functions(): readonly RegisteredFunction[] {
    return this.#core.functions;
  }

  /** Where the app takes its HTTP requests as streams; nothing when it has them handed over whole. */
  get streamAddress(): string | undefined {
    return this.#streamAddress;
  }

  get hostVersion(): string {
    return this.#core.hostVersion;
  }

  /** @throws when the app does not load or registers nothing through a programming model. */
  async start(appDir: string): Promise<void> {
    provideCoreModule(this.#core);
    await loadApp(appDir);
    const model = this.#model();
    await this.#runAppHooks('appStart', { functionAppDirectory: appDir });
    const capabilities = (await model.getCapabilities?.({ ...workerCapabilities })) ?? {};
    this.#streamAddress = capabilities['HttpUri'];
    this.#core.lock();
  }

  async stop(): Promise<void> {
    await this.#runAppHooks('appTerminate', {});
  }

  /** Runs a function once. @throws what the function, a hook or the SDK threw. */
  async invoke(invocation: Invocation): Promise<InvocationOutcome> {
    const invocationId = invocation.invocationId ?? randomUUID();
    const hookData = {};
    const core = this.#coreContext(invocation, invocationId, hookData);
    const model = await this.#model().getInvocationModel(core.context);
    const { context, inputs } = await model.getArguments();
    core.invocationContext = context;
    if (invocation.direct) inputs[0] = invocation.direct.input;
    const hooks = new InvocationHookContext({
      hookData,
      appHookData: this.#appHookData,
      invocationContext: context,
      inputs,
      functionCallback: invocation.fn.callback,
    });
    await withinLimit(this.#runHandler(core.context, model, hooks), invocation.fn.name, this.timeLimit);
    const direct = invocation.direct !== undefined;
    const response = direct ? {} : await model.getResponse(context, hooks.result);
    if (!direct) await this.#writeOutputs(invocation.fn, response);
    return { invocationId, response, result: hooks.result };
  }

  async #runHandler(
    core: CoreInvocationContext,
    model: InvocationModel,
    hooks: InvocationHookContext,
  ): Promise<void> {
    core.state = 'preInvocationHooks';
    for (const hook of this.#core.hooks('preInvocation')) await hook(hooks);
    core.state = 'invocation';
    try {
      hooks.result = await model.invokeFunction(
        hooks.invocationContext,
        hooks.inputs,
        hooks.functionCallback,
      );
    } catch (error) {
      hooks.error = error ?? new Error(String(error));
    }
    core.state = 'postInvocationHooks';
    for (const hook of this.#core.hooks('postInvocation')) await hook(hooks);
    if (hooks.error !== null && hooks.error !== undefined) throw hooks.error;
  }

  #coreContext(
    invocation: Invocation,
    invocationId: string,
    hookData: object,
  ): { context: CoreInvocationContext; invocationContext: unknown } {
    const { fn } = invocation;
    const holder: { context: CoreInvocationContext; invocationContext: unknown } = {
      invocationContext: undefined,
      context: {
        invocationId,
        metadata: fn.metadata,
        request: {
          invocationId,
          functionId: fn.id,
          inputData: [{ name: fn.triggerName, data: invocation.data }, ...(invocation.inputs ?? [])],
          ...(invocation.triggerMetadata ? { triggerMetadata: invocation.triggerMetadata } : {}),
        },
        log: (level, category, message) =>
          this.#invocationLog({
            level,
            category,
            message,
            fn,
            hookData,
            invocationContext: holder.invocationContext,
          }),
      },
    };
    return holder;
  }

  /** The app's log hooks may rewrite what it says before it is written. */
  #invocationLog(entry: {
    level: string;
    category: string;
    message: string;
    fn: RegisteredFunction;
    hookData: object;
    invocationContext: unknown;
  }): void {
    const { level, category, message, fn, hookData, invocationContext } = entry;
    const line = { level, category, message, hookData, appHookData: this.#appHookData, invocationContext };
    for (const hook of this.#core.hooks('log')) hook(line);
    const source = category === 'user' ? `Function.${fn.name}.User` : `Function.${fn.name}`;
    this.#log(asLogLevel(line.level), source, line.message);
  }

  async #runAppHooks(name: 'appStart' | 'appTerminate', extra: object): Promise<void> {
    const context = { hookData: {}, appHookData: this.#appHookData, ...extra };
    for (const hook of this.#core.hooks(name)) await hook(context);
  }

  #model(): ProgrammingModel {
    const model = this.#core.getProgrammingModel();
    if (!model) {
      throw new Error('The app registered no function: no worker functions were found by @azure/functions.');
    }
    return model;
  }
}
