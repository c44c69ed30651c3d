/** Counts what is in flight in this process, so that a virtual clock knows when everything is at rest. */
export class Work {
  #inFlight = 0;
  #waiting: (() => void)[] = [];

  /** How many pieces of work have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Marks one piece of work as begun; call the returned function once when it has ended. */
  begin(): () => void {
    this.#inFlight += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#settle();
    };
  }

  /** Runs `task` as one piece of work and passes its outcome on. */
  async track<T>(task: () => Promise<T> | T): Promise<T> {
    const end = this.begin();
    try {
      return await task();
    } finally {
      end();
    }
  }

  /**
   * Resolves when nothing is in flight. Work that hands over to other work must begin the next
   * piece before it ends its own, so that the count never touches zero in between.
   */
  async whenIdle(): Promise<void> {
    while (this.#inFlight > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
