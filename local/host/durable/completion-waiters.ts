/** Requests that wait for an instance to end. */

export class CompletionWaiters {
  readonly #waiting = new Map<string, Set<() => void>>();

  /**
   * Resolves when the instance ends, or after `timeoutMs`. These are real milliseconds whatever the clock: they are a
   * caller's patience at an open connection, and a virtual clock stands still as long as that is open.
   */
  wait(id: string, timeoutMs: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting);
      const finish = (): void => {
        clearTimeout(timeout);
        waiting.delete(finish);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve();
      };
      const timeout = setTimeout(finish, timeoutMs);
      waiting.add(finish);
    });
  }

  /** Lets those go who wait for the instance. */
  release(id: string): void {
    for (const finish of this.#waiting.get(id) ?? []) finish();
  }
}
