/** The app's queue-triggered functions: one listener for each. */
import { QueueListener } from './queue-listener.ts';
import type { QueueTriggerParts } from './queue-listener.ts';
import { queueOf } from './queue-settings.ts';

const closeGraceMs = 10_000;

export class QueueTriggers {
  readonly #listeners = new Map<string, QueueListener>();

  /** A function whose queue cannot be made out is reported and left alone; the others are served. */
  constructor(parts: QueueTriggerParts) {
    for (const fn of parts.worker.functions) {
      if (fn.trigger.type.toLowerCase() !== 'queuetrigger') continue;
      try {
        const listener = new QueueListener(parts, fn, queueOf(fn.trigger, process.env));
        this.#listeners.set(fn.name.toLowerCase(), listener);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        parts.log('error', 'Host.Queues', `The function '${fn.name}' is in error: ${why}`);
      }
    }
  }

  start(): void {
    for (const listener of this.#listeners.values()) listener.start();
  }

  /** False when there is no such queue function. */
  runByHand(name: string, text: string): boolean {
    const listener = this.#listeners.get(name.toLowerCase());
    listener?.runByHand(text);
    return listener !== undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close(closeGraceMs)));
  }
}
