/** Gathers the writes of one turn of the event loop into one transaction; what follows from a write waits for its commit. */
import type { DatabaseSync } from 'node:sqlite';
import { HostFaults } from '../../faults.ts';
import type { HostLog } from '../../log.ts';
import type { StatsRecorder } from '../../stats.ts';
import { isStoreTrouble, pauseAfter, StoreTrouble } from './store-trouble.ts';

interface PendingWrite {
  readonly write: () => unknown;
  readonly succeed: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
}

export class Committer {
  readonly #db: DatabaseSync;
  readonly #stats: StatsRecorder;
  readonly #faults: HostFaults;
  readonly #log: HostLog | undefined;
  #pending: PendingWrite[] = [];
  #scheduled = false;
  /** Failures of the store in a row. */
  #failures = 0;

  constructor(db: DatabaseSync, stats: StatsRecorder, more: { faults?: HostFaults; log?: HostLog } = {}) {
    this.#db = db;
    this.#stats = stats;
    this.#faults = more.faults ?? new HostFaults();
    this.#log = more.log;
  }

  /**
   * Runs `write` in a transaction, then `committed` with what it returned: in the order of the calls, and before
   * anything else can run. Resolves after that. A `write` that throws takes no other write down with it; when the store
   * itself has trouble, all is tried again after a pause. As it may run several times, it must touch nothing but the database.
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
      this.#schedule(this.#scheduled ? 0 : this.#faults.commitDelay());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0) return;
    let results: unknown[];
    try {
      results = this.#transaction(() => batch.map((pending) => pending.write()));
    } catch (error) {
      if (isStoreTrouble(error)) this.#later(batch, error);
      else this.#oneByOne(batch);
      return;
    }
    batch.forEach((pending, index) => pending.succeed(results[index]));
  }

  /** Commits what waits; what still cannot be written is rejected, and done after the next start. */
  close(): void {
    this.flush();
    for (const pending of this.#pending.splice(0)) pending.fail(new StoreTrouble('The store was closed.'));
  }

  #oneByOne(batch: readonly PendingWrite[]): void {
    for (const [index, pending] of batch.entries()) {
      let result: unknown;
      try {
        result = this.#transaction(pending.write);
      } catch (error) {
        if (isStoreTrouble(error)) return this.#later(batch.slice(index), error);
        pending.fail(error);
        continue;
      }
      pending.succeed(result);
    }
  }

  /** Before all that came meanwhile, so that the order stays. */
  #later(batch: readonly PendingWrite[], error: Error): void {
    this.#pending = [...batch, ...this.#pending];
    this.#failures += 1;
    const pauseMs = pauseAfter(this.#failures);
    const text = `The task hub could not be written (${error.message}); trying again in ${pauseMs} ms.`;
    this.#log?.('error', 'Host.Durable', text);
    this.#schedule(pauseMs);
  }

  /** @param delayMs real time */
  #schedule(delayMs: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = (): void => {
      if (this.#scheduled) this.flush();
    };
    if (delayMs > 0) setTimeout(flush, delayMs);
    else setImmediate(flush);
  }

  #transaction<T>(run: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      if (this.#faults.failsCommit()) throw new StoreTrouble('a fault that was asked for');
      this.#db.exec('COMMIT');
      this.#stats.commits += 1;
      this.#failures = 0;
      return result;
    } catch (error) {
      // SQLite may have rolled back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
