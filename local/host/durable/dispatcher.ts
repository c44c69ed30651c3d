/**
 * Gives every instance a queue and one runner at a time, different instances side by side. What waits in a queue and can
 * be worked on counts as work in flight; what an instance has to leave lying (it is suspended, or locked) does not.
 */
import type { Work } from '../../clock/work.ts';
import { Drain } from './drain.ts';
import type { StoredMessage } from './messages.ts';

export interface Mailbox {
  readonly id: string;
  /** In order of arrival; the runner takes out what it consumed. */
  messages: StoredMessage[];
  busy: boolean;
  ready: boolean;
  endWork: (() => void) | undefined;
}

/** Mailboxes started per turn of the event loop, so that HTTP and timers get theirs. */
const startedPerTurn = 32;

export class Dispatcher {
  readonly #work: Work;
  readonly #run: (mailbox: Mailbox) => Promise<void>;
  readonly #limit: number;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #drain = new Drain();
  #ready: Mailbox[] = [];
  #scheduled = false;
  #stopped = false;

  constructor(options: { work: Work; limit: number; run: (mailbox: Mailbox) => Promise<void> }) {
    this.#work = options.work;
    this.#limit = options.limit;
    this.#run = options.run;
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
    await this.#drain.empty(graceMs);
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
    const room = Math.min(startedPerTurn, this.#limit - this.#drain.running);
    if (this.#stopped || room <= 0) return;
    const batch = this.#ready.splice(0, room);
    for (const mailbox of batch) void this.#runOne(mailbox);
    if (this.#ready.length > 0) this.#schedule();
  }

  async #runOne(mailbox: Mailbox): Promise<void> {
    mailbox.ready = false;
    mailbox.busy = true;
    this.#drain.enter();
    try {
      await this.#run(mailbox);
    } finally {
      mailbox.busy = false;
      this.#drain.leave();
      this.#settle(mailbox);
    }
  }

  #settle(mailbox: Mailbox): void {
    if (mailbox.ready) {
      this.#ready.push(mailbox);
    } else {
      mailbox.endWork?.();
      mailbox.endWork = undefined;
      if (mailbox.messages.length === 0) this.#mailboxes.delete(mailbox.id);
    }
    if (this.#ready.length > 0) this.#schedule();
  }
}
