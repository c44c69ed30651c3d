/** Watches the SDK run entity operations, for mistakes that its answer no longer shows. Nothing in it is changed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { StrictRuleId } from './strict-rules.ts';

const modulePath = 'durable-functions/lib/src/entities/Entity';

interface EntityMethods {
  return: (this: unknown, state: object, startTime: Date, result?: unknown) => void;
  /** The rest: the request, the entity, the operation and its input. */
  signalEntity: (this: unknown, state: object, ...rest: unknown[]) => void;
}

export interface EntityMistake {
  readonly rule: StrictRuleId;
  readonly what: string;
}

export class EntityProbe {
  readonly #mistakes = new WeakMap<object, EntityMistake>();

  /** Sees nothing when the app's durable-functions is not the kind it knows; entities run all the same. */
  constructor(appDir: string) {
    const prototype = findEntity(appDir);
    if (typeof prototype?.return === 'function' && typeof prototype.signalEntity === 'function') {
      this.#watch(prototype as EntityMethods);
    }
  }

  /** What was wrong in the batch whose answer (the SDK's own object) is `response`. */
  mistakeIn(response: unknown): EntityMistake | undefined {
    return typeof response === 'object' && response !== null ? this.#mistakes.get(response) : undefined;
  }

  #watch(prototype: EntityMethods): void {
    const { return: giveBack, signalEntity } = prototype;
    const mistakes = this.#mistakes;
    /** Each operation has a Date of its own as its start. */
    const answered = new WeakSet<Date>();
    prototype.return = function (state, startTime, result) {
      const what = 'an operation called return a second time';
      if (answered.has(startTime)) mistakes.set(state, { rule: 'returned-twice', what });
      answered.add(startTime);
      giveBack.call(this, state, startTime, result);
    };
    prototype.signalEntity = function (state, ...rest) {
      const [, , operation, input] = rest;
      if (input !== undefined && input !== null && !input) {
        const what = `the operation '${String(operation)}' was signalled with the input ${JSON.stringify(input)}`;
        mistakes.set(state, { rule: 'signal-input', what });
      }
      signalEntity.call(this, state, ...rest);
    };
  }
}

function findEntity(appDir: string): Partial<EntityMethods> | undefined {
  try {
    const found = createRequire(join(appDir, 'package.json'))(modulePath) as {
      Entity?: { prototype?: Partial<EntityMethods> };
    };
    return found.Entity?.prototype;
  } catch {
    return undefined; // The package is bundled with the app: there is nothing to watch.
  }
}
