/** Gathers the writes of one turn of the event loop into one transaction; what follows from a write waits for its commit. */
import type { DatabaseSync } from 'node:sqlite';
import type { StatsRecorder } from '../../stats.ts';

interface PendingWrite {
  readonly write: () => unknown;
  readonly succeed: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
}

export class Committer {
  readonly #db: DatabaseSync;
  readonly #stats: StatsRecorder;
  #pending: PendingWrite[] = [];
  #scheduled = false;

  constructor(db: DatabaseSync, stats: StatsRecorder) {
    this.#db = db;
    this.#stats = stats;
  }

  /**
   * Runs `write` in a transaction, then `committed` with what it returned: in the order of the calls, and before
   * anything else can run. Resolves after that. A `write` that throws takes no other write down with it; as it may be
   * run again alone, it must touch nothing but the database.
   */
  commit<T>(write: () => T, committed?: (result: T) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({
        write,
        succeed: (result) => {
          committed?.(result as T);
          resolve(result as T);
        },
        fail: reject,
      });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0) return;
    const results = this.#together(batch);
    if (results) batch.forEach((pending, index) => pending.succeed(results[index]));
    else for (const pending of batch) this.#alone(pending);
  }

  /** Nothing when one of them failed: all are rolled back then. */
  #together(batch: readonly PendingWrite[]): unknown[] | undefined {
    try {
      return this.#transaction(() => batch.map((pending) => pending.write()));
    } catch {
      return undefined;
    }
  }

  #alone(pending: PendingWrite): void {
    let result: unknown;
    try {
      result = this.#transaction(pending.write);
    } catch (error) {
      pending.fail(error);
      return;
    }
    pending.succeed(result);
  }

  #transaction<T>(run: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      this.#db.exec('COMMIT');
      this.#stats.commits += 1;
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
