/** What preInvocation and postInvocation hooks see of one invocation, and may change. */
import type { FunctionCallback } from './types.ts';

export class InvocationHookContext {
  inputs: unknown[];
  functionCallback: FunctionCallback;
  result: unknown = null;
  error: unknown = null;
  readonly #fixed: { hookData: object; appHookData: object; invocationContext: unknown };

  constructor(start: {
    hookData: object;
    appHookData: object;
    invocationContext: unknown;
    inputs: unknown[];
    functionCallback: FunctionCallback;
  }) {
    this.#fixed = start;
    this.inputs = start.inputs;
    this.functionCallback = start.functionCallback;
  }

  // Getters without setters: a hook that assigns to them gets a TypeError, as in the official worker.
  get hookData(): object {
    return this.#fixed.hookData;
  }

  get appHookData(): object {
    return this.#fixed.appHookData;
  }

  get invocationContext(): unknown {
    return this.#fixed.invocationContext;
  }
}
