/**
 * Before each replay the SDK walks through the whole trigger for texts called `Timestamp` and turns them into dates, in
 * place. Of a history that it has walked before, it only needs to walk what is new: without this the walk would be the
 * greater part of a long orchestration's episode.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const modulePath = 'durable-functions/lib/src/util/Utils';

interface SdkUtils {
  parseTimestampsAsDates?: (value: unknown) => void;
}

export class TimestampWalk {
  /** How much of each history was walked. */
  readonly #walked = new WeakMap<object, number>();

  /** An SDK that has no such walk is left as it is. */
  constructor(appDir: string) {
    const { Utils } = createRequire(join(appDir, 'package.json'))(modulePath) as { Utils?: SdkUtils };
    const walk = Utils?.parseTimestampsAsDates;
    if (!Utils || !walk) return;
    const walked = this.#walked;
    Utils.parseTimestampsAsDates = function (value) {
      const known = Array.isArray(value) ? walked.get(value) : undefined;
      if (!Array.isArray(value) || known === undefined) {
        walk.call(this, value);
        return;
      }
      walked.set(value, value.length);
      for (let index = known; index < value.length; index++) walk.call(this, value[index]);
    };
  }

  /** Promises that from now on the array only grows. */
  onlyGrows(history: object): void {
    if (!this.#walked.has(history)) this.#walked.set(history, 0);
  }
}
