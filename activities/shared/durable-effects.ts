/** What activities do to the durable side: tell entities and start or wake orchestrations. */
import { EntityId, OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import { entityNames, resyncId, userPresenceKey } from '../../contracts/identities.ts';
import { resyncPresenceName } from '../../contracts/resync-presence.ts';
import type { UserPresenceOperation } from '../../contracts/user-presence.ts';
import type { Side } from '../../domain/presence.ts';

/** Tells one person's entity something; resolves once the message is safely queued. */
export function tellUserPresence(
  client: DurableClient,
  person: { tenantId: string; userId: string },
  { operation, input }: UserPresenceOperation,
): Promise<void> {
  const key = userPresenceKey(person.tenantId, person.userId);
  return client.signalEntity(new EntityId(entityNames.userPresence, key), operation, input);
}

/**
 * Has presence of a side read anew, by a read of its own: one already under way may have passed by what was missed.
 * Resolves once it is safely started; `at` is the present instant.
 */
export async function startResync(
  client: DurableClient,
  { tenantId, side, shard }: { tenantId: string; side: Side; shard?: number },
  at: Date,
): Promise<void> {
  const unique = `${at.toISOString()}${shard === undefined ? '' : `:${shard}`}`;
  const resync = { tenantId, side, ...(shard !== undefined && { shard }) };
  await startUnlessStarted(client, {
    name: resyncPresenceName,
    instanceId: resyncId(tenantId, side, unique),
    input: resync,
  });
}

export interface Start {
  name: string;
  instanceId: string;
  input: unknown;
}

/** Starting the same instance twice is refused; that it stands is all that is wanted. */
export async function startUnlessStarted(
  client: DurableClient,
  { name, instanceId, input }: Start,
): Promise<void> {
  try {
    await client.startNew(name, { instanceId, input });
  } catch (error) {
    const status = await client.getStatus(instanceId).catch(() => undefined);
    if (status === undefined) throw error;
  }
}

const alive = new Set([
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.ContinuedAsNew,
  OrchestrationRuntimeStatus.Suspended,
]);

/** Starts the orchestration, or raises `wakeWith` where it is running already. */
export async function startOrWake(client: DurableClient, start: Start, wakeWith: string): Promise<void> {
  const { name, instanceId, input } = start;
  if (await isAlive(client, instanceId)) await client.raiseEvent(instanceId, wakeWith, {});
  else await client.startNew(name, { instanceId, input });
}

/** Starts the orchestration where it is not running: for the first time, or once more after it has ended. */
export async function startUnlessAlive(client: DurableClient, start: Start): Promise<void> {
  if (!(await isAlive(client, start.instanceId))) await startUnlessStarted(client, start);
}

/** Whether an orchestration is under way. */
export async function isAlive(client: DurableClient, instanceId: string): Promise<boolean> {
  // The SDK throws for an instance that does not exist (HTTP 404).
  const status = await client.getStatus(instanceId).catch(() => undefined);
  return status !== undefined && alive.has(status.runtimeStatus);
}
