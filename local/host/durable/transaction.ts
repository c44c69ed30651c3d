/** One change of the task hub: rows, and the messages and activity calls that follow from them, all or nothing. */
import { newExecutionId } from './ids.ts';
import type { Instance } from './instance.ts';
import type { LoadedInstance } from './instance-cache.ts';
import type { ParentLink } from './messages.ts';
import type { ActivityTask, OutgoingMessage, StoredActivity, StoredMessage } from './messages.ts';
import type { HostFaults } from '../faults.ts';
import type { StatsRecorder } from '../stats.ts';
import type { Store } from './store/store.ts';

export interface NewInstance {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** JSON text. */
  readonly input: string | null;
  readonly parent: ParentLink | null;
  /** ms since 1970. */
  readonly now: number;
}

export class Transaction {
  readonly store: Store;
  readonly sent: StoredMessage[] = [];
  readonly called: StoredActivity[] = [];
  readonly cancelledTimers: number[] = [];
  readonly keptInstances: LoadedInstance[] = [];
  readonly changedInstances: string[] = [];
  readonly purgedInstances: string[] = [];
  readonly endedInstances: string[] = [];
  readonly #stats: StatsRecorder;
  readonly #faults: HostFaults;

  constructor(store: Store, stats: StatsRecorder, faults: HostFaults) {
    this.store = store;
    this.#stats = stats;
    this.#faults = faults;
  }

  send(message: OutgoingMessage): void {
    this.#put(message);
    if (this.#faults.repeatsMessage(faultKind(message))) this.#put(message);
  }

  #put(message: OutgoingMessage): void {
    this.sent.push(this.store.addMessage(message));
    this.#stats.countMessage(message.body.kind);
  }

  callActivity(task: ActivityTask): void {
    this.called.push(this.store.addActivity(task));
    this.#stats.countMessage('activityScheduled');
  }

  consume(messages: readonly StoredMessage[]): void {
    for (const message of messages) this.store.deleteMessage(message.seq);
  }

  /** Creates an instance, in place of a former one under its id, and tells it to begin. */
  start(start: NewInstance): void {
    const { now, ...rest } = start;
    const instance: Instance = {
      ...rest,
      executionId: newExecutionId(),
      status: 'Pending',
      output: null,
      customStatus: null,
      createdAt: now,
      updatedAt: now,
      generation: 0,
    };
    this.store.clearHistory(start.id);
    this.store.insertInstance(instance);
    this.keep({ instance, history: [] });
    this.send({ to: start.id, body: { kind: 'executionStarted', executionId: instance.executionId } });
  }

  /** Takes back a message that is not due yet. */
  cancelTimer(seq: number): void {
    this.store.deleteMessage(seq);
    this.cancelledTimers.push(seq);
  }

  /** Spares the instance's next episode from reading what is known here. */
  keep(loaded: LoadedInstance): void {
    this.keptInstances.push(loaded);
  }

  /** Says that nothing more will happen to the instance. */
  ended(instanceId: string): void {
    this.endedInstances.push(instanceId);
  }

  /** Says that the instance's rows are gone. */
  purged(instanceId: string): void {
    this.purgedInstances.push(instanceId);
  }

  /** Says that somebody other than the instance's own runner changed it. */
  touch(instanceId: string): void {
    this.changedInstances.push(instanceId);
  }
}

/** Entities sift out the doubles of what other instances send them, but not of clients' signals. */
function faultKind({ body }: OutgoingMessage): string {
  return body.kind === 'entityOperation' && body.fromClient ? 'signal' : body.kind;
}
