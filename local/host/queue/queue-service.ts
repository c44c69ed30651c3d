/** The queues an app uses, by way of Azure's own client; Azurite speaks the same protocol (Azure Queue Storage REST API). */
import type { QueueClient } from '@azure/storage-queue';
import type { QueueAddress, QueueSettings } from './queue-settings.ts';

export interface QueueMessage {
  readonly id: string;
  popReceipt: string;
  /** Decoded; undefined when it was not written in the encoding that host.json names. */
  readonly text: string | undefined;
  readonly raw: string;
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn: Date;
  readonly nextVisibleOn: Date;
}

export class QueueService {
  readonly settings: QueueSettings;
  readonly #clients = new Map<string, Promise<QueueClient>>();
  readonly #listeners = new Map<string, (() => void)[]>();

  constructor(settings: QueueSettings) {
    this.settings = settings;
  }

  /** Calls `wake` whenever this host has put something into the queue. */
  onSent(address: QueueAddress, wake: () => void): void {
    const key = keyOf(address);
    this.#listeners.set(key, [...(this.#listeners.get(key) ?? []), wake]);
  }

  /** Writes a message, making the queue when it is not there yet. */
  async send(address: QueueAddress, text: string): Promise<void> {
    const isEncoded = this.settings.messageEncoding === 'base64';
    await this.sendRaw(address, isEncoded ? Buffer.from(text).toString('base64') : text);
  }

  /** Writes a message as it is. */
  async sendRaw(address: QueueAddress, raw: string): Promise<void> {
    const client = await this.#client(address);
    try {
      await client.sendMessage(raw);
    } catch (error) {
      if (!isMissingQueue(error)) throw error;
      await client.createIfNotExists();
      await client.sendMessage(raw);
    }
    for (const wake of this.#listeners.get(keyOf(address)) ?? []) wake();
  }

  /** Takes up to a batch of messages, which nobody else sees for `hiddenSeconds`; none when there is no such queue. */
  async receive(address: QueueAddress, hiddenSeconds: number): Promise<QueueMessage[]> {
    const client = await this.#client(address);
    try {
      const { receivedMessageItems } = await client.receiveMessages({
        numberOfMessages: this.settings.batchSize,
        visibilityTimeout: hiddenSeconds,
      });
      return receivedMessageItems.map((item) => ({
        id: item.messageId,
        popReceipt: item.popReceipt,
        text: this.#decode(item.messageText),
        raw: item.messageText,
        dequeueCount: item.dequeueCount,
        insertedOn: item.insertedOn,
        expiresOn: item.expiresOn,
        nextVisibleOn: item.nextVisibleOn,
      }));
    } catch (error) {
      if (isMissingQueue(error)) return [];
      throw error;
    }
  }

  async remove(address: QueueAddress, message: QueueMessage): Promise<void> {
    await (await this.#client(address)).deleteMessage(message.id, message.popReceipt);
  }

  /** Lets others see the message again after so many seconds. */
  async hide(address: QueueAddress, message: QueueMessage, seconds: number): Promise<void> {
    const client = await this.#client(address);
    const updated = await client.updateMessage(message.id, message.popReceipt, undefined, seconds);
    message.popReceipt = updated.popReceipt ?? message.popReceipt;
  }

  #decode(raw: string): string | undefined {
    if (this.settings.messageEncoding === 'none') return raw;
    const bytes = Buffer.from(raw, 'base64');
    return bytes.toString('base64') === raw.trim() ? bytes.toString('utf8') : undefined;
  }

  /** Loaded only when an app has queues: most have none, and the client takes its time to load. */
  #client(address: QueueAddress): Promise<QueueClient> {
    const key = keyOf(address);
    const known = this.#clients.get(key) ?? openClient(address);
    this.#clients.set(key, known);
    return known;
  }
}

async function openClient({ connection, queue }: QueueAddress): Promise<QueueClient> {
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const retryOptions = { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };
  return QueueServiceClient.fromConnectionString(connection, { retryOptions }).getQueueClient(queue);
}

function isMissingQueue(error: unknown): boolean {
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  return statusCode === 404 && code === 'QueueNotFound';
}

function keyOf({ connection, queue }: QueueAddress): string {
  return `${queue} ${connection}`;
}
