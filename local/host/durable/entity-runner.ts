/** Runs the operations of entities in batches, and writes state, answers and signals of a batch in one change. */
import type { Clock } from '../../clock/clock.ts';
import { describeError } from '../log.ts';
import type { HostFaults } from '../faults.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import type { Worker } from '../worker/worker.ts';
import type { InputsFor } from './client-binding.ts';
import type { Mailbox } from './dispatcher.ts';
import { takeBatch } from './entity-batch.ts';
import type { EntityBatch, EntityOperation } from './entity-batch.ts';
import { batchMessages } from './entity-messages.ts';
import type { EntityProbe } from './entity-probe.ts';
import { entityResponseShape } from './entity-response.ts';
import type { EntityResponse } from './entity-response.ts';
import type { DurableFunctions } from './functions.ts';
import type { EntityRow } from './instance.ts';
import { parseEntityInstanceId } from './messages.ts';
import type { MessageBody, StoredMessage } from './messages.ts';
import type { DurableSettings } from './settings.ts';
import { complaint } from './strict-rules.ts';
import type { Strictness } from './strictness.ts';
import type { Transaction } from './transaction.ts';

export interface EntityRunnerParts {
  readonly worker: Worker;
  readonly functions: DurableFunctions;
  readonly clock: Clock;
  readonly settings: DurableSettings;
  readonly strictness: Strictness;
  readonly faults: HostFaults;
  readonly probe: EntityProbe;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
  readonly inputsFor: InputsFor;
  readonly entity: (id: string) => EntityRow | undefined;
  /** Wakes the mailbox again for what the batch left over. */
  readonly wake: (mailbox: Mailbox) => void;
  readonly transact: <T>(write: (transaction: Transaction) => T) => Promise<T>;
  /** Told when an entity has destroyed its state. */
  readonly gone: () => void;
}

export class EntityRunner {
  readonly #parts: EntityRunnerParts;

  constructor(parts: EntityRunnerParts) {
    this.#parts = parts;
  }

  /** Runs one batch of the mailbox's entity, and calls `ran` when its code has run. */
  async run(mailbox: Mailbox, ran: () => void): Promise<void> {
    const messages = this.#arrived(mailbox);
    mailbox.messages = [];
    const stored = this.#parts.entity(mailbox.id);
    const before = stored ?? newEntity(mailbox.id, this.#parts.clock.now());
    const batch = takeBatch(messages, before, this.#parts.settings.maxEntityBatch);
    mailbox.messages = [...batch.left, ...mailbox.messages];
    const response = batch.operations.length > 0 ? await this.#operate(before, batch.operations) : undefined;
    ran();
    const after = this.#after(before, batch, response);
    await this.#parts.transact((transaction) => {
      transaction.consume(batch.consumed);
      // An entity that was purged while its batch ran stays purged.
      const isPurged = stored !== undefined && transaction.store.entity(after.id) === undefined;
      if (isGone(after)) transaction.store.deleteEntity(after.id);
      else if (!isPurged) transaction.store.putEntity(after);
      const outgoing = batchMessages(batch, response, this.#parts.functions);
      for (const message of outgoing) transaction.send(message);
    });
    if (stored !== undefined && isGone(after)) this.#parts.gone();
    const mayGoOn =
      after.lockedBy === null || batch.left.some((message) => isFrom(message.body, after.lockedBy));
    if (mailbox.messages.length > 0 && mayGoOn) this.#parts.wake(mailbox);
  }

  /** In order of arrival, but for clients' signals when a fault mixes them. */
  #arrived({ id, messages }: Mailbox): readonly StoredMessage[] {
    const { faults } = this.#parts;
    if (!faults.mayReorder) return messages;
    const signals = new Set(
      messages.filter(({ body }) => body.kind === 'entityOperation' && body.fromClient),
    );
    const mixed = faults.reorder(parseEntityInstanceId(id).name, [...signals]);
    return messages.map((message) => (signals.has(message) ? (mixed.shift() ?? message) : message));
  }

  #after(before: EntityRow, batch: EntityBatch, response: EntityResponse | undefined): EntityRow {
    const { lock, lockedBy, lockId } = batch;
    return {
      ...before,
      ...(response ? { state: response.entityState ?? null, exists: response.entityExists } : {}),
      lockedBy: lock ? lock.parent : lockedBy,
      lockId: lock ? lock.id : lockId,
      updatedAt: batch.operations.length > 0 ? this.#parts.clock.now() : before.updatedAt,
    };
  }

  async #operate(entity: EntityRow, operations: readonly EntityOperation[]): Promise<EntityResponse> {
    const { functions, worker, stats, log, inputsFor, probe, strictness } = this.#parts;
    const self = parseEntityInstanceId(entity.id);
    stats.entityBatches += 1;
    stats.entityOperations += operations.length;
    const batch = operations.map(({ op, input, isSignal }) => ({ name: op, input, isSignal }));
    try {
      const fn = functions.entity(self.name);
      if (!fn)
        throw new Error(
          `The function '${self.name}' doesn't exist, is disabled, or is not an entity function.`,
        );
      const input = { self, exists: entity.exists, state: entity.state, batch };
      const { result } = await worker.invoke({ fn, data: {}, inputs: inputsFor(fn), direct: { input } });
      const mistake = probe.mistakeIn(result);
      if (mistake) strictness.forbid(mistake.rule, `Entity '${entity.id}'`, mistake.what);
      return this.#withReadableErrors(fn.name, entity.id, entityResponseShape.parse(result));
    } catch (error) {
      log('error', `Function.${self.name}`, `Entity '${entity.id}' failed. ${describeError(error)}`);
      const message = error instanceof Error ? error.message : String(error);
      const results = operations.map(() => ({ isError: true, result: JSON.stringify(message) }));
      return { entityExists: entity.exists, entityState: entity.state, results, signals: [] };
    }
  }

  /** The SDK keeps what an operation threw to itself, but for its JSON: for an Error, that is `{}`. */
  #withReadableErrors(name: string, id: string, response: EntityResponse): EntityResponse {
    const { log, strictness } = this.#parts;
    const results = response.results.map((result) => {
      if (!result?.isError) return result;
      log('error', `Function.${name}`, `An operation of entity '${id}' failed: ${result.result}`);
      if (!strictness.isStrict || isText(result.result)) return result;
      const what = `an operation threw what is seen as ${result.result ?? 'nothing'}`;
      const about = { who: `Entity '${id}'`, what };
      strictness.report('entity-error-text', { ...about, level: 'error' });
      return { ...result, result: JSON.stringify(complaint('entity-error-text', about.who, what)) };
    });
    return { ...response, results };
  }
}

function isText(json: string | null | undefined): boolean {
  return json?.startsWith('"') ?? false;
}

function newEntity(id: string, now: number): EntityRow {
  return { id, state: null, exists: false, lockedBy: null, lockId: null, createdAt: now, updatedAt: now };
}

function isGone(entity: EntityRow): boolean {
  return !entity.exists && entity.lockedBy === null;
}

function isFrom(body: MessageBody, owner: string | null): boolean {
  return owner !== null && 'parent' in body && body.parent === owner;
}
