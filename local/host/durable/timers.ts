/** Messages that are due later, with one appointment at the clock: for the earliest. */
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { StoredMessage } from './messages.ts';

interface Entry {
  readonly message: StoredMessage;
  readonly dueAt: number;
  cancelled: boolean;
}

export class DurableTimers {
  readonly #clock: Clock;
  readonly #fire: (messages: readonly StoredMessage[]) => void;
  readonly #heap: Entry[] = [];
  readonly #bySeq = new Map<number, Entry>();
  #appointment: { at: number; scheduled: Scheduled } | undefined;
  #closed = false;

  constructor(clock: Clock, fire: (messages: readonly StoredMessage[]) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  add(message: StoredMessage, dueAt: number): void {
    const entry: Entry = { message, dueAt, cancelled: false };
    this.#bySeq.set(message.seq, entry);
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
    this.#arrange();
  }

  /** Takes a message back; the message, if it had not fired. */
  cancel(seq: number): StoredMessage | undefined {
    const entry = this.#bySeq.get(seq);
    if (!entry) return undefined;
    entry.cancelled = true;
    this.#bySeq.delete(seq);
    this.#dropCancelled();
    this.#arrange();
    return entry.message;
  }

  close(): void {
    this.#closed = true;
    this.#appointment?.scheduled.cancel();
  }

  #arrange(): void {
    const first = this.#heap[0];
    if (this.#appointment?.at === first?.dueAt || this.#closed) return;
    this.#appointment?.scheduled.cancel();
    this.#appointment = undefined;
    if (!first) return;
    const at = first.dueAt;
    this.#appointment = { at, scheduled: this.#clock.schedule(at, () => this.#due()) };
  }

  #due(): void {
    this.#appointment = undefined;
    const messages: StoredMessage[] = [];
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first && first.dueAt <= now; first = this.#heap[0]) {
      this.#removeFirst();
      if (!this.#bySeq.delete(first.message.seq)) continue;
      messages.push(first.message);
    }
    if (messages.length > 0) this.#fire(messages);
    this.#arrange();
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) this.#removeFirst();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #siftDown(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const earlier = this.#isEarlier(right, left) ? right : left;
      if (!this.#swapIfEarlier(earlier, index)) return;
      index = earlier;
    }
  }

  #swapIfEarlier(index: number, other: number): boolean {
    const a = this.#heap[index];
    const b = this.#heap[other];
    if (!a || !b || !this.#isEarlier(index, other)) return false;
    this.#heap[index] = b;
    this.#heap[other] = a;
    return true;
  }

  #isEarlier(index: number, other: number): boolean {
    const a = this.#heap[index];
    const b = this.#heap[other];
    if (!a || !b) return a !== undefined;
    return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.message.seq < b.message.seq);
  }
}
