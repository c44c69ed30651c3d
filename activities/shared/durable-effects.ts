/** What activities do to the durable side: tell entities and start or wake orchestrations. */
import { EntityId, OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import { entityNames, userPresenceKey } from '../../contracts/identities.ts';
import type { UserPresenceOperation } from '../../contracts/user-presence.ts';

/** Tells one person's entity something; resolves once the message is safely queued. */
export function tellUserPresence(
  client: DurableClient,
  person: { tenantId: string; userId: string },
  { operation, input }: UserPresenceOperation,
): Promise<void> {
  const key = userPresenceKey(person.tenantId, person.userId);
  return client.signalEntity(new EntityId(entityNames.userPresence, key), operation, input);
}

const alive = new Set([
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.ContinuedAsNew,
  OrchestrationRuntimeStatus.Suspended,
]);

/** Starts the orchestration, or raises `wakeWith` where it is running already. */
export async function startOrWake(
  client: DurableClient,
  orchestration: { name: string; instanceId: string; input: unknown },
  wakeWith: string,
): Promise<void> {
  const { name, instanceId, input } = orchestration;
  // The SDK throws for an instance that does not exist (HTTP 404).
  const status = await client.getStatus(instanceId).catch(() => undefined);
  if (status !== undefined && alive.has(status.runtimeStatus)) {
    await client.raiseEvent(instanceId, wakeWith, {});
    return;
  }
  await client.startNew(name, { instanceId, input });
}
