/**
 * The module `@azure/functions-core`, which in Azure the Node worker provides: it takes the app's functions and hooks
 * while the app loads (azure-functions-nodejs-worker, types-core).
 */
import type { HostLog } from '../log.ts';
import { asLogLevel } from '../log.ts';
import type {
  Binding,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  ProgrammingModel,
  RegisteredFunction,
} from './types.ts';

const hookNames: readonly HookName[] = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'];

/** Errors the SDK shows as the platform's, not the app's. */
class SystemError extends Error {
  readonly isAzureFunctionsSystemError = true;
}

class SystemRangeError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

export class Disposable {
  readonly #onDispose: () => void;

  constructor(onDispose: () => void) {
    this.#onDispose = onDispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#onDispose();
  }
}

export class CoreApi {
  readonly version = '3.13.0';
  readonly hostVersion = '4.1044.0';
  readonly Disposable = Disposable;
  readonly #functions = new Map<string, RegisteredFunction>();
  readonly #hooks = new Map<HookName, HookCallback[]>(hookNames.map((name) => [name, []]));
  readonly #log: HostLog;
  #model: ProgrammingModel | undefined;
  #locked = false;

  constructor(log: HostLog) {
    this.#log = log;
  }

  get functions(): readonly RegisteredFunction[] {
    return [...this.#functions.values()];
  }

  hooks(name: HookName): readonly HookCallback[] {
    return this.#hooks.get(name) ?? [];
  }

  /** After this the app can register nothing more. */
  lock(): void {
    this.#locked = true;
  }

  // The methods below are the module's exports: the SDK takes them off the object, so they are bound properties.

  readonly setProgrammingModel = (model: ProgrammingModel): void => {
    this.#refuseWhenLocked('A programming model can only be set during app startup.');
    this.#model = model;
  };

  readonly getProgrammingModel = (): ProgrammingModel | undefined => this.#model;

  readonly registerFunction = (metadata: FunctionMetadata, callback: FunctionCallback): Disposable => {
    this.#refuseWhenLocked('A function can only be registered during app startup.');
    const id = metadata.functionId ?? metadata.name;
    // Names that differ in case alone are one name to the host: routes, keys and durable calls do not tell them apart.
    const key = id.toLowerCase();
    if (this.#functions.has(key)) {
      throw new SystemError(`A function with id "${id}" has already been registered.`);
    }
    this.#functions.set(key, { id, name: metadata.name, metadata, callback, ...triggerOf(metadata) });
    return new Disposable(() => {
      if (this.#locked) throw new SystemError('A function can only be disposed during app startup.');
      this.#functions.delete(key);
    });
  };

  readonly registerHook = (name: string, callback: HookCallback): Disposable => {
    const known = hookNames.find((hookName) => hookName === name);
    const callbacks = known && this.#hooks.get(known);
    if (!callbacks) throw new SystemRangeError(`Unrecognized hook "${name}"`);
    callbacks.push(callback);
    return new Disposable(() => {
      const index = callbacks.indexOf(callback);
      if (index >= 0) callbacks.splice(index, 1);
    });
  };

  readonly log = (level: string, category: string, message: string): void => {
    this.#log(asLogLevel(level), category === 'user' ? 'Host.Function.Console' : 'Worker', message);
  };

  #refuseWhenLocked(message: string): void {
    if (this.#locked) throw new SystemError(message);
  }
}

function triggerOf(metadata: FunctionMetadata): { triggerName: string; trigger: Binding } {
  const triggers = Object.entries(metadata.bindings).filter(([, binding]) => /trigger$/i.test(binding.type));
  const only = triggers[0];
  if (!only || triggers.length > 1) {
    throw new SystemError(
      `The function "${metadata.name}" must have exactly one trigger, not ${triggers.length}.`,
    );
  }
  return { triggerName: only[0], trigger: only[1] };
}
