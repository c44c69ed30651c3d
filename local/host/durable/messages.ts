/** What travels between the instances of a task hub: each waits in its addressee's queue until one transaction consumes it. */

/** Where a sub-orchestration's outcome goes. */
export interface ParentLink {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
}

/** An entity as the protocol writes it. */
export interface EntityAddress {
  readonly name: string;
  readonly key: string;
}

export type OrchestrationMessage =
  | { readonly kind: 'executionStarted'; readonly executionId: string }
  | {
      readonly kind: 'activityCompleted' | 'subOrchestrationCompleted';
      readonly executionId: string;
      readonly taskId: number;
      /** JSON text. */
      readonly result: string | null;
    }
  | {
      readonly kind: 'activityFailed' | 'subOrchestrationFailed';
      readonly executionId: string;
      readonly taskId: number;
      readonly reason: string;
      /** In Azure a terminated child has none, which the SDK cannot read. */
      readonly details: string | null;
      readonly failureDetails: unknown;
    }
  | {
      readonly kind: 'timerFired';
      readonly executionId: string;
      readonly timerId: number;
      readonly fireAt: number;
    }
  | { readonly kind: 'externalEvent'; readonly name: string; readonly input: string | null }
  | {
      readonly kind: 'entityResponse';
      readonly executionId: string;
      /** The request's id. */
      readonly name: string;
      readonly input: string;
      /** Set on a granted lock: if the instance is gone, these are let go again. */
      readonly lockSet?: readonly EntityAddress[];
    }
  | { readonly kind: 'terminate' | 'suspend' | 'resume' | 'rewind'; readonly reason: string };

export type EntityMessage =
  | {
      readonly kind: 'entityOperation';
      readonly op: string;
      /** JSON text. */
      readonly input: string | null;
      readonly isSignal: boolean;
      readonly id: string;
      readonly parent: string | null;
      readonly parentExecution: string | null;
      /** Unlike others', clients' signals may arrive late, twice or in another order. */
      readonly fromClient?: true;
    }
  | {
      readonly kind: 'entityLock';
      readonly id: string;
      readonly parent: string;
      readonly parentExecution: string;
      readonly lockSet: readonly EntityAddress[];
      readonly position: number;
    }
  | { readonly kind: 'entityRelease'; readonly id: string; readonly parent: string };

export type MessageBody = OrchestrationMessage | EntityMessage;

export interface OutgoingMessage {
  readonly to: string;
  readonly body: MessageBody;
  /** ms since 1970; without it, now. */
  readonly dueAt?: number;
}

export interface StoredMessage extends OutgoingMessage {
  readonly seq: number;
}

/** One call of an activity that is owed. */
export interface ActivityTask {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  /** JSON text; `null` for no input. */
  readonly input: string | null;
}

export interface StoredActivity extends ActivityTask {
  readonly seq: number;
}

/** `@name@key`, the name in lower case: how an entity is addressed as an instance. */
export function entityInstanceId(entity: EntityAddress): string {
  return `@${entity.name.toLowerCase()}@${entity.key}`;
}

/** @throws RangeError when `id` is not an entity's. */
export function parseEntityInstanceId(id: string): EntityAddress {
  const separator = id.indexOf('@', 1);
  if (!id.startsWith('@') || separator < 2) throw new RangeError(`"${id}" is not the id of an entity.`);
  return { name: id.slice(1, separator), key: id.slice(separator + 1) };
}

export function isEntityInstanceId(id: string): boolean {
  return id.startsWith('@');
}
