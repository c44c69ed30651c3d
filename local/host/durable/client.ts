/** What clients and operators do to instances from outside: the extension's DurableClient, on this hub's store. */
import { randomUUID } from 'node:crypto';
import { newExecutionId } from './ids.ts';
import { isFinal } from './instance.ts';
import type { Instance } from './instance.ts';
import { entityInstanceId, isEntityInstanceId } from './messages.ts';
import type { EntityAddress, OrchestrationMessage } from './messages.ts';
import { rewindHistory } from './rewind.ts';
import { complaint } from './strict-rules.ts';
import type { TaskHub } from './task-hub.ts';
import type { Transaction } from './transaction.ts';

/** Why a request could not be carried out; the HTTP API turns each into its status. */
export type Refusal =
  | { readonly kind: 'notFound' | 'finished' | 'notFailed' }
  | { readonly kind: 'invalid' | 'conflict'; readonly message: string };

/** What was asked for, or why not. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export interface StartRequest {
  readonly name: string;
  /** Without one, 32 hexadecimal digits are made. */
  readonly instanceId?: string | undefined;
  readonly version?: string | undefined;
  /** JSON text. */
  readonly input: string | null;
}

const accepted: Answer<void> = { ok: true, value: undefined };

export class DurableClient {
  readonly hub: TaskHub;

  constructor(hub: TaskHub) {
    this.hub = hub;
  }

  /** Starts an orchestration; looking whether its id is free and taking it are one step. */
  async start(request: StartRequest): Promise<Answer<string>> {
    const { hub } = this;
    const fn = hub.functions.orchestrator(request.name);
    const id = request.instanceId ?? newExecutionId();
    if (!fn) {
      const message = `The function '${request.name}' doesn't exist, is disabled, or is not an orchestrator function.`;
      return refuse({ kind: 'invalid', message });
    }
    const problem = problemWithId(id);
    if (problem !== undefined) return refuse({ kind: 'invalid', message: problem });
    return hub.transact((transaction) => {
      const existing = transaction.store.instance(id);
      if (existing && !isFinal(existing.status)) {
        const message = `An Orchestration instance with the status ${existing.status} already exists.`;
        if (!hub.settings.replacesRunning) return refuse({ kind: 'conflict', message });
        transaction.store.deleteInstance(id);
        transaction.purged(id);
      }
      transaction.start({
        id,
        name: fn.name,
        version: request.version ?? hub.settings.defaultVersion,
        input: request.input,
        parent: null,
        now: hub.clock.now(),
      });
      return { ok: true, value: id };
    });
  }

  /** @param input JSON text */
  async raiseEvent(id: string, name: string, input: string | null): Promise<Answer<void>> {
    if (this.hub.strictness.isStrict && /^\d+$/.test(name)) {
      const message = complaint('event-name', `Instance '${id}'`, `the event '${name}' was raised`);
      return refuse({ kind: 'invalid', message });
    }
    return this.#tell(id, { kind: 'externalEvent', name, input });
  }

  terminate(id: string, reason: string): Promise<Answer<void>> {
    return this.#tell(id, { kind: 'terminate', reason });
  }

  suspend(id: string, reason: string): Promise<Answer<void>> {
    const refused = 'The orchestration is already suspended.';
    return this.#tell(id, { kind: 'suspend', reason }, ({ status }) =>
      status === 'Suspended' ? refused : undefined,
    );
  }

  resume(id: string, reason: string): Promise<Answer<void>> {
    const refused = 'The orchestration is not suspended.';
    return this.#tell(id, { kind: 'resume', reason }, ({ status }) =>
      status === 'Suspended' ? undefined : refused,
    );
  }

  /** Starts the same orchestration once more with its first input, under its own or under a new id. */
  async restart(id: string, withNewId: boolean): Promise<Answer<string>> {
    const instance = this.hub.store.instance(id);
    if (!instance) {
      return refuse({
        kind: 'invalid',
        message: `An orchestration with the instanceId ${id} was not found.`,
      });
    }
    const { name, version, input } = instance;
    return this.start({ name, version, input, instanceId: withNewId ? undefined : id });
  }

  /** Lets a failed instance, and the failed children that brought it down, try again what had failed. */
  async rewind(id: string, reason: string): Promise<Answer<void>> {
    return this.hub.transact((transaction): Answer<void> => {
      const instance = transaction.store.instance(id);
      if (!instance) return refuse({ kind: 'notFound' });
      if (instance.status !== 'Failed') return refuse({ kind: 'notFailed' });
      this.#rewindTree(transaction, instance, reason);
      return accepted;
    });
  }

  /** Only the deepest failed instances are woken: their parents go on when these answer. */
  #rewindTree(transaction: Transaction, instance: Instance, reason: string): void {
    const { store } = transaction;
    const { id, executionId } = instance;
    const isChild = (childId: string): boolean => store.instance(childId)?.status === 'Failed';
    const { history, failedChildren } = rewindHistory(store.history(id), isChild);
    store.replaceHistory(id, history);
    const updatedAt = this.hub.clock.now();
    store.updateInstance({ ...instance, status: 'Running', output: null, updatedAt }, executionId);
    transaction.touch(id);
    for (const childId of failedChildren) {
      const child = store.instance(childId);
      if (child) this.#rewindTree(transaction, child, reason);
    }
    if (failedChildren.length === 0) transaction.send({ to: id, body: { kind: 'rewind', reason } });
  }

  /** Removes instances and entities with all that is stored of them. @returns how many there were */
  async purge(ids: readonly string[]): Promise<number> {
    const removed = await this.hub.transact((transaction) => {
      let count = 0;
      for (const id of ids) {
        if (transaction.store.deleteInstance(id)) count += 1;
        transaction.purged(id);
      }
      return count;
    });
    if (removed > 0) this.hub.forgetDeleted();
    return removed;
  }

  /** @param input JSON text. Sends an operation that answers nobody. */
  async signalEntity(entity: EntityAddress, op: string, input: string | null): Promise<Answer<void>> {
    if (!this.hub.functions.hasEntity(entity.name)) {
      const message = `The function '${entity.name}' doesn't exist, is disabled, or is not an entity function.`;
      return refuse({ kind: 'invalid', message });
    }
    const delayMs = this.hub.faults.signalDelay(entity.name);
    await this.hub.transact((transaction) => {
      transaction.send({
        to: entityInstanceId(entity),
        ...(delayMs > 0 ? { dueAt: this.hub.clock.now() + delayMs } : {}),
        body: {
          kind: 'entityOperation',
          op,
          input,
          isSignal: true,
          id: randomUUID(),
          parent: null,
          parentExecution: null,
          fromClient: true,
        },
      });
    });
    return accepted;
  }

  #tell(
    id: string,
    body: OrchestrationMessage,
    conflict?: (instance: Instance) => string | undefined,
  ): Promise<Answer<void>> {
    return this.hub.transact((transaction): Answer<void> => {
      const instance = isEntityInstanceId(id) ? undefined : transaction.store.instance(id);
      if (!instance) return refuse({ kind: 'notFound' });
      if (isFinal(instance.status)) return refuse({ kind: 'finished' });
      const message = conflict?.(instance);
      if (message !== undefined) return refuse({ kind: 'conflict', message });
      transaction.send({ to: id, body });
      return accepted;
    });
  }
}

function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}

/** What the extension allows in instance ids. */
function problemWithId(id: string): string | undefined {
  if (id.length === 0 || id.length > 256) return 'Instance ids must have 1 to 256 characters.';
  if (id.startsWith('@')) return 'Orchestration instance ids must not start with @.';
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(id)) {
    return 'Orchestration instance ids must not contain /, \\, #, ?, or control characters.';
  }
  return undefined;
}
