/**
 * Waits for the messages of one queue and runs its function with each (Azure Functions, Queue storage trigger).
 *
 * A queue lives outside this host and on the machine's own time, whatever clock the host is on. So it is looked at on
 * real time, and the host counts as busy only while a message may be waiting: from the start, from a message that this
 * host wrote, and from a failure, until the queue was seen empty. What others write is found at the next look.
 */
import { randomUUID } from 'node:crypto';
import type { Work } from '../../clock/work.ts';
import type { InputsFor } from '../durable/client-binding.ts';
import { logged } from '../invocation-log.ts';
import { describeError } from '../log.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import { jsonData } from '../worker/typed-data.ts';
import type { RegisteredFunction, TypedData } from '../worker/types.ts';
import type { Worker } from '../worker/worker.ts';
import type { QueueMessage, QueueService } from './queue-service.ts';
import type { QueueAddress } from './queue-settings.ts';

export interface QueueTriggerParts {
  readonly worker: Worker;
  readonly queues: QueueService;
  readonly work: Work;
  readonly inputsFor: InputsFor;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
}

const firstPauseMs = 100;
/** The host hides a message while its function runs, and hides it again at half of that time. */
const hiddenSeconds = 600;

export class QueueListener {
  readonly #parts: QueueTriggerParts;
  readonly #fn: RegisteredFunction;
  readonly #address: QueueAddress;
  readonly #threshold: number;
  #running = 0;
  #wakes = 0;
  #busy: (() => void) | undefined;
  #interrupt: (() => void) | undefined;
  #closed = false;
  #failing = false;

  constructor(parts: QueueTriggerParts, fn: RegisteredFunction, address: QueueAddress) {
    this.#parts = parts;
    this.#fn = fn;
    this.#address = address;
    const { batchSize, newBatchThreshold } = parts.queues.settings;
    this.#threshold = newBatchThreshold ?? Math.floor(batchSize / 2);
    parts.queues.onSent(address, () => this.wake());
  }

  /** Looks at the queue at once: something may be there. */
  wake(): void {
    if (this.#closed) return;
    this.#wakes += 1;
    this.#busy ??= this.#parts.work.begin();
    this.#interrupt?.();
  }

  start(): void {
    this.wake();
    void this.#listen();
  }

  /** Takes nothing more; resolves when what runs has ended, or after `graceMs`. Messages not done are seen again by others. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#interrupt?.();
    const until = performance.now() + graceMs;
    while (this.#running > 0 && performance.now() < until) await this.#pause(50);
    this.#rest();
  }

  /** Runs the function with a message that no queue holds, as an operator asks. */
  runByHand(text: string): void {
    const end = this.#parts.work.begin();
    const now = new Date();
    const times = { insertedOn: now, expiresOn: now, nextVisibleOn: now };
    const message = { id: randomUUID(), popReceipt: '', text, raw: text, dequeueCount: 1, ...times };
    const reason = 'This function was programmatically called via the host APIs.';
    void this.#invoke(message, text, reason)
      .catch(() => undefined)
      .finally(end);
  }

  async #listen(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.#closed) {
      if (this.#running > this.#threshold) {
        await this.#pause(undefined);
        continue;
      }
      const wakes = this.#wakes;
      const found = await this.#look();
      if (found) {
        pauseMs = firstPauseMs;
        continue;
      }
      if (wakes !== this.#wakes) continue;
      if (this.#running === 0) this.#rest();
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, this.#parts.queues.settings.maxPollingInterval * 1000);
      if (wakes !== this.#wakes) pauseMs = firstPauseMs;
    }
  }

  /** Whether there was anything. A queue that cannot be reached is reported once, and asked again and again. */
  async #look(): Promise<boolean> {
    const { queues, log } = this.#parts;
    try {
      const messages = await queues.receive(this.#address, hiddenSeconds);
      if (this.#failing)
        log('information', 'Host.Queues', `The queue '${this.#address.queue}' answers again.`);
      this.#failing = false;
      for (const message of messages) void this.#handle(message);
      return messages.length > 0;
    } catch (error) {
      if (!this.#failing) {
        const why = error instanceof Error ? error.message : String(error);
        log(
          'error',
          'Host.Queues',
          `The queue '${this.#address.queue}' of '${this.#fn.name}' does not answer: ${why}`,
        );
      }
      this.#failing = true;
      return false;
    }
  }

  async #handle(message: QueueMessage): Promise<void> {
    const { queues, work, log } = this.#parts;
    const end = work.begin();
    this.#running += 1;
    const hideAgain = setInterval(() => {
      queues.hide(this.#address, message, hiddenSeconds).catch(() => undefined);
    }, hiddenSeconds * 500);
    try {
      const isDone = await this.#attempt(message);
      if (isDone) await queues.remove(this.#address, message);
      else await this.#giveBack(message);
    } catch (error) {
      const text = `Message ${message.id} of '${this.#address.queue}' could not be settled. ${describeError(error)}`;
      log('error', 'Host.Queues', text);
    } finally {
      clearInterval(hideAgain);
      this.#running -= 1;
      // Others may have come meanwhile; and the loop may be waiting for room.
      this.wake();
      end();
    }
  }

  /** Whether the message is done with. */
  async #attempt(message: QueueMessage): Promise<boolean> {
    if (message.text === undefined) {
      this.#parts.log(
        'error',
        'Host.Queues',
        `Message ${message.id} of '${this.#address.queue}' is not base64.`,
      );
      await this.#toPoison(message);
      return true;
    }
    try {
      await this.#invoke(message, message.text, `New queue message detected on '${this.#address.queue}'.`);
      return true;
    } catch {
      if (message.dequeueCount < this.#parts.queues.settings.maxDequeueCount) return false;
      await this.#toPoison(message);
      return true;
    }
  }

  async #giveBack(message: QueueMessage): Promise<void> {
    const { queues } = this.#parts;
    await queues.hide(this.#address, message, Math.ceil(queues.settings.visibilityTimeout));
  }

  async #toPoison(message: QueueMessage): Promise<void> {
    const { queues, log } = this.#parts;
    const queue = `${this.#address.queue}-poison`;
    const times = `${message.dequeueCount} of ${queues.settings.maxDequeueCount} times`;
    log(
      'warning',
      'Host.Queues',
      `Message ${message.id} was tried ${times} and moves to the queue '${queue}'.`,
    );
    await queues.sendRaw({ ...this.#address, queue }, message.raw);
  }

  async #invoke(message: QueueMessage, text: string, reason: string): Promise<void> {
    const { worker, inputsFor, stats, log } = this.#parts;
    const fn = this.#fn;
    const invocationId = randomUUID();
    const triggerMetadata = metadataOf(message, text);
    stats.queueInvocations += 1;
    await logged(log, { name: fn.name, invocationId, reason }, () =>
      worker.invoke({ fn, invocationId, data: { string: text }, triggerMetadata, inputs: inputsFor(fn) }),
    );
  }

  #rest(): void {
    this.#busy?.();
    this.#busy = undefined;
  }

  /** Until somebody wakes it, or so many milliseconds of real time are over. */
  #pause(ms: number | undefined): Promise<void> {
    if (ms === undefined && this.#running <= this.#threshold) return Promise.resolve();
    return new Promise((resolve) => {
      const timeout = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#interrupt = () => {
        clearTimeout(timeout);
        resolve();
      };
    });
  }
}

function metadataOf(message: QueueMessage, text: string): Record<string, TypedData> {
  return {
    QueueTrigger: { string: text },
    Id: jsonData(message.id),
    PopReceipt: jsonData(message.popReceipt),
    DequeueCount: jsonData(message.dequeueCount),
    InsertionTime: jsonData(message.insertedOn),
    ExpirationTime: jsonData(message.expiresOn),
    NextVisibleTime: jsonData(message.nextVisibleOn),
  };
}
