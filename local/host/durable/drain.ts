/** Counts runners, so that a stop can wait for the last of them. */
export class Drain {
  #running = 0;
  #waiting: (() => void)[] = [];

  get running(): number {
    return this.#running;
  }

  enter(): void {
    this.#running += 1;
  }

  leave(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const wake of this.#waiting.splice(0)) wake();
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
}
