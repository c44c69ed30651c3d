/** The durable engine of one app: its store, its queues, its timers, and who works on them. */
import type { Clock } from '../../clock/clock.ts';
import type { Work } from '../../clock/work.ts';
import type { HostFaults } from '../faults.ts';
import { describeError } from '../log.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import type { Worker } from '../worker/worker.ts';
import { ActivityRunner } from './activity-runner.ts';
import type { InputsFor } from './client-binding.ts';
import { CompletionWaiters } from './completion-waiters.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Mailbox } from './dispatcher.ts';
import { EntityProbe } from './entity-probe.ts';
import { EntityRunner } from './entity-runner.ts';
import { ExecutorProbe } from './executor-probe.ts';
import { DurableFunctions } from './functions.ts';
import type { EntityRow } from './instance.ts';
import { InstanceCache } from './instance-cache.ts';
import { isEntityInstanceId } from './messages.ts';
import type { StoredMessage } from './messages.ts';
import { OrchestratorRunner } from './orchestrator-runner.ts';
import type { DurableSettings } from './settings.ts';
import type { Mode } from './strict-rules.ts';
import { Strictness } from './strictness.ts';
import { Committer } from './store/committer.ts';
import type { TaskHubDatabase } from './store/database.ts';
import { Store } from './store/store.ts';
import { TimerIndex } from './timer-index.ts';
import { DurableTimers } from './timers.ts';
import { TimestampWalk } from './timestamp-walk.ts';
import { Transaction } from './transaction.ts';

export interface TaskHubOptions {
  readonly appDir: string;
  readonly database: TaskHubDatabase;
  readonly clock: Clock;
  readonly work: Work;
  readonly worker: Worker;
  readonly settings: DurableSettings;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
  readonly mode: Mode;
  readonly faults: HostFaults;
}

const stopGraceMs = 10_000;
/** Purges come in numbers. */
const untilRebuiltMs = 50;

export class TaskHub {
  readonly store: Store;
  readonly functions: DurableFunctions;
  readonly settings: DurableSettings;
  readonly clock: Clock;
  readonly strictness: Strictness;
  readonly faults: HostFaults;
  readonly completions = new CompletionWaiters();
  readonly #options: TaskHubOptions;
  readonly #database: TaskHubDatabase;
  readonly #committer: Committer;
  readonly #cache: InstanceCache;
  readonly #timerIndex = new TimerIndex();
  readonly #timers: DurableTimers;
  #forgetting: { timer: NodeJS.Timeout; end: () => void } | undefined;
  #engine: { dispatcher: Dispatcher; activities: ActivityRunner } | undefined;

  /** Nothing runs before `start`. */
  constructor(options: TaskHubOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.clock = options.clock;
    this.faults = options.faults;
    this.strictness = new Strictness(options.mode, options.log);
    this.functions = new DurableFunctions(options.worker.functions);
    this.#database = options.database;
    this.store = new Store(this.#database.db);
    this.#committer = new Committer(this.#database.db, options.stats, options);
    this.#cache = new InstanceCache(this.store);
    this.#timers = new DurableTimers(options.clock, (due) => this.#deliver(due));
  }

  /** Goes on with all that an earlier run left in the store, and takes on new work. */
  start(inputsFor: InputsFor): void {
    this.#engine = this.#assemble(inputsFor);
    this.#arrange(this.store.messages());
    if (this.#database.wasCutOff) this.forgetDeleted();
    this.#engine.activities.add(this.store.activities());
  }

  /** Writes a change; what it sends is under way once the promise resolves. */
  transact<T>(write: (transaction: Transaction) => T): Promise<T> {
    const end = this.#options.work.begin();
    const begin = (): Transaction => new Transaction(this.store, this.#options.stats, this.faults);
    let transaction = begin();
    return this.#committer
      .commit(
        () => {
          transaction = begin();
          return write(transaction);
        },
        () => this.#follow(transaction),
      )
      .finally(end);
  }

  /** Lets running functions finish, for ten seconds at most, and closes the store. What was not done is done after the next start. */
  async close(): Promise<void> {
    this.#timers.close();
    await Promise.all([
      this.#engine?.activities.stop(stopGraceMs),
      this.#engine?.dispatcher.stop(stopGraceMs),
    ]);
    this.#committer.close();
    this.#rebuild();
    this.#database.close();
  }

  /** Messages in an instance's queue. */
  waiting(id: string): number {
    return this.#engine?.dispatcher.waiting(id) ?? 0;
  }

  /**
   * Makes what was deleted vanish from the file and its journal, as soon as nothing more is being deleted: parts of keys stay
   * in what pages of an index do not use, until they are built anew.
   */
  forgetDeleted(): void {
    if (this.#forgetting !== undefined) {
      this.#forgetting.timer.refresh();
      return;
    }
    const end = this.#options.work.begin();
    this.#forgetting = { end, timer: setTimeout(() => this.#rebuild(), untilRebuiltMs) };
  }

  #rebuild(): void {
    if (this.#forgetting === undefined) return;
    const { timer, end } = this.#forgetting;
    this.#forgetting = undefined;
    clearTimeout(timer);
    this.#database.db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    end();
  }

  #assemble(inputsFor: InputsFor): { dispatcher: Dispatcher; activities: ActivityRunner } {
    const { appDir, clock, work, worker, settings, stats, log } = this.#options;
    const { functions, strictness, faults } = this;
    const transact = <T>(write: (transaction: Transaction) => T): Promise<T> => this.transact(write);
    const shared = {
      worker,
      functions,
      clock,
      settings,
      strictness,
      faults,
      stats,
      log,
      transact,
      inputsFor,
    };
    const orchestrators = functions.hasOrchestrators
      ? new OrchestratorRunner({
          ...shared,
          probe: new ExecutorProbe(appDir, !strictness.isStrict),
          walk: new TimestampWalk(appDir),
          cache: this.#cache,
          timers: this.#timerIndex,
        })
      : undefined;
    const wake = (mailbox: Mailbox): void => dispatcher.wake(mailbox);
    const entity = (id: string): EntityRow | undefined => this.store.entity(id);
    const entities = new EntityRunner({
      ...shared,
      probe: new EntityProbe(appDir),
      wake,
      entity,
      gone: () => this.forgetDeleted(),
    });
    const run = async (mailbox: Mailbox, ran: () => void): Promise<void> => {
      const runner = isEntityInstanceId(mailbox.id) ? entities : orchestrators;
      try {
        await runner?.run(mailbox, ran);
      } catch (error) {
        log(
          'critical',
          'Host.Durable',
          `Work on '${mailbox.id}' could not be recorded. ${describeError(error)}`,
        );
      }
    };
    const dispatcher = new Dispatcher({ work, limit: settings.maxConcurrentOrchestrators, run });
    const limit = settings.maxConcurrentActivities;
    return { dispatcher, activities: new ActivityRunner({ ...shared, work, limit }) };
  }

  #follow(transaction: Transaction): void {
    for (const loaded of transaction.keptInstances) this.#cache.put(loaded);
    for (const id of transaction.changedInstances) this.#cache.drop(id);
    for (const id of transaction.purgedInstances) this.#forget(id);
    for (const seq of transaction.cancelledTimers) {
      const message = this.#timers.cancel(seq);
      if (message) this.#timerIndex.remove(message);
    }
    for (const id of transaction.endedInstances) this.completions.release(id);
    this.#arrange(transaction.sent);
    this.#engine?.activities.add(transaction.called);
  }

  #forget(id: string): void {
    this.#cache.drop(id);
    for (const seq of this.#timerIndex.allOf(id)) this.#timers.cancel(seq);
    this.#timerIndex.forgetAll(id);
    this.#engine?.dispatcher.empty(id);
  }

  /** Queues what is due, and sets timers for the rest. */
  #arrange(messages: readonly StoredMessage[]): void {
    const now = this.clock.now();
    const due: StoredMessage[] = [];
    for (const message of messages) {
      if (message.dueAt === undefined || message.dueAt <= now) {
        due.push(message);
        continue;
      }
      this.#timerIndex.add(message);
      this.#timers.add(message, message.dueAt);
    }
    this.#deliver(due);
  }

  #deliver(messages: readonly StoredMessage[]): void {
    for (const message of messages) this.#timerIndex.remove(message);
    this.#engine?.dispatcher.deliver(messages);
  }
}
