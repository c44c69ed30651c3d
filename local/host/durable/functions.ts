/** The app's durable functions by name, which the extension compares without regard to case. */
import type { RegisteredFunction } from '../worker/types.ts';
import type { KnownFunctions } from './decision-types.ts';

export class DurableFunctions implements KnownFunctions {
  readonly #byTrigger = new Map<string, Map<string, RegisteredFunction>>();

  constructor(functions: readonly RegisteredFunction[]) {
    for (const fn of functions) {
      const type = fn.trigger.type.toLowerCase();
      const named = this.#byTrigger.get(type) ?? new Map<string, RegisteredFunction>();
      named.set(fn.name.toLowerCase(), fn);
      this.#byTrigger.set(type, named);
    }
  }

  orchestrator(name: string): RegisteredFunction | undefined {
    return this.#find('orchestrationtrigger', name);
  }

  activity(name: string): RegisteredFunction | undefined {
    return this.#find('activitytrigger', name);
  }

  entity(name: string): RegisteredFunction | undefined {
    return this.#find('entitytrigger', name);
  }

  get hasOrchestrators(): boolean {
    return this.#byTrigger.has('orchestrationtrigger');
  }

  hasActivity(name: string): boolean {
    return this.activity(name) !== undefined;
  }

  hasOrchestrator(name: string): boolean {
    return this.orchestrator(name) !== undefined;
  }

  hasEntity(name: string): boolean {
    return this.entity(name) !== undefined;
  }

  #find(trigger: string, name: string): RegisteredFunction | undefined {
    return this.#byTrigger.get(trigger)?.get(name.toLowerCase());
  }
}
