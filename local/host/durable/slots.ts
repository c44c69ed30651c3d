/**
 * Room for work that runs side by side: so much at a time, and so much begun per turn of the event loop, so that HTTP and
 * timers get their turns as well.
 */
export class Slots {
  readonly #limit: number;
  readonly #perTurn: number;
  readonly #resume: () => void;
  #running = 0;
  #begunThisTurn = 0;
  #waiting: (() => void)[] = [];

  /** @param resume called when there may be room again: from within `leave`, or at the beginning of a turn */
  constructor(options: { limit: number; perTurn: number; resume: () => void }) {
    this.#limit = options.limit;
    this.#perTurn = options.perTurn;
    this.#resume = options.resume;
  }

  /** Takes a slot; false when there is none now. */
  enter(): boolean {
    if (this.#running >= this.#limit || this.#begunThisTurn >= this.#perTurn) return false;
    if (this.#begunThisTurn === 0) setImmediate(() => this.#beginTurn());
    this.#running += 1;
    this.#begunThisTurn += 1;
    return true;
  }

  leave(): void {
    this.#running -= 1;
    if (this.#running === 0) for (const wake of this.#waiting.splice(0)) wake();
    this.#resume();
  }

  /** Resolves when nothing runs, or after `graceMs` of real time: whoever stops a process waits in real time. */
  async empty(graceMs: number): Promise<void> {
    if (this.#running === 0) return;
    let timeout: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      timeout = setTimeout(resolve, graceMs);
    });
    clearTimeout(timeout);
  }

  #beginTurn(): void {
    this.#begunThisTurn = 0;
    this.#resume();
  }
}
