/**
 * Gives every instance a queue and one runner at a time, different instances side by side. What waits in a queue and can
 * be worked on counts as work in flight; what an instance has to leave lying (it is suspended, or locked) does not.
 */
import type { Work } from '../../clock/work.ts';
import type { StoredMessage } from './messages.ts';
import { Slots } from './slots.ts';

export interface Mailbox {
  readonly id: string;
  /** In order of arrival; the runner takes out what it consumed. */
  messages: StoredMessage[];
  busy: boolean;
  ready: boolean;
  endWork: (() => void) | undefined;
}

/**
 * Works on what waits in a mailbox. Resolves when the outcome is on record; calls `ran` as soon as the app's code has
 * run, when others may begin though this one's outcome is still to be written.
 */
export type RunMailbox = (mailbox: Mailbox, ran: () => void) => Promise<void>;

const begunPerTurn = 64;

export class Dispatcher {
  readonly #work: Work;
  readonly #run: RunMailbox;
  readonly #slots: Slots;
  readonly #mailboxes = new Map<string, Mailbox>();
  #ready: Mailbox[] = [];
  #next = 0;
  #scheduled = false;
  #stopped = false;

  constructor(options: { work: Work; limit: number; run: RunMailbox }) {
    this.#work = options.work;
    this.#run = options.run;
    this.#slots = new Slots({ limit: options.limit, perTurn: begunPerTurn, resume: () => this.#pump() });
  }

  /** Puts messages that are due into their queues and wakes who got some. */
  deliver(messages: readonly StoredMessage[]): void {
    for (const message of messages) {
      const mailbox = this.#mailbox(message.to);
      mailbox.messages.push(message);
      this.wake(mailbox);
    }
  }

  /** Lets the instance look at its queue again, though nothing new came. */
  wake(mailbox: Mailbox): void {
    if (mailbox.ready || this.#stopped) return;
    mailbox.ready = true;
    mailbox.endWork ??= this.#work.begin();
    if (mailbox.busy) return;
    this.#ready.push(mailbox);
    this.#schedule();
  }

  /** Messages waiting for an instance. */
  waiting(id: string): number {
    return this.#mailboxes.get(id)?.messages.length ?? 0;
  }

  /** Throws away what waits for an instance that was purged. */
  empty(id: string): void {
    const mailbox = this.#mailboxes.get(id);
    if (!mailbox) return;
    mailbox.messages = [];
    if (!mailbox.busy && !mailbox.ready) this.#mailboxes.delete(id);
  }

  /** Starts nothing more; resolves when what runs has ended, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    await this.#slots.empty(graceMs);
  }

  #mailbox(id: string): Mailbox {
    let mailbox = this.#mailboxes.get(id);
    if (!mailbox) {
      mailbox = { id, messages: [], busy: false, ready: false, endWork: undefined };
      this.#mailboxes.set(id, mailbox);
    }
    return mailbox;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#stopped) {
      const mailbox = this.#ready[this.#next];
      if (!mailbox || !this.#slots.enter()) break;
      this.#next += 1;
      void this.#runOne(mailbox);
    }
    if (this.#next > 1000 || this.#next === this.#ready.length) {
      this.#ready = this.#ready.slice(this.#next);
      this.#next = 0;
    }
  }

  async #runOne(mailbox: Mailbox): Promise<void> {
    mailbox.ready = false;
    mailbox.busy = true;
    let isRunning = true;
    const ran = (): void => {
      if (isRunning) this.#slots.leave();
      isRunning = false;
    };
    try {
      await this.#run(mailbox, ran);
    } finally {
      ran();
      mailbox.busy = false;
      this.#settle(mailbox);
    }
  }

  #settle(mailbox: Mailbox): void {
    if (mailbox.ready) {
      this.#ready.push(mailbox);
      this.#schedule();
      return;
    }
    mailbox.endWork?.();
    mailbox.endWork = undefined;
    if (mailbox.messages.length === 0) this.#mailboxes.delete(mailbox.id);
  }
}
