/** What activities do to the durable side: tell entities and start or wake orchestrations. */
import { EntityId, type DurableClient } from 'durable-functions';
import { isUnderWay, startUnlessStarted } from '../../clients/orchestrations.ts';
import type { Start } from '../../contracts/durable.ts';
import { entityNames, resyncId, userPresenceKey } from '../../contracts/identities.ts';
import { resyncPresenceName } from '../../contracts/resync-presence.ts';
import type { UserPresenceOperation } from '../../contracts/user-presence.ts';
import type { Side } from '../../domain/presence.ts';
import type { Store } from '../../store/store.ts';

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
 * Has presence of a side read anew, by a read of its own: one already under way may have passed by what was missed. Those that
 * were asked for before and have not begun give way to it. Resolves once it is safely started; `at` is the present instant.
 */
export async function startResync(
  { store, durable: client }: { store: Store; durable: DurableClient },
  { tenantId, side, shard }: { tenantId: string; side: Side; shard?: number },
  at: Date,
): Promise<void> {
  const unique = `${at.toISOString()}${shard === undefined ? '' : `:${shard}`}`;
  const resync = { tenantId, side, ...(shard !== undefined && { shard }), asked: at.toISOString() };
  await startUnlessStarted(client, {
    name: resyncPresenceName,
    instanceId: resyncId(tenantId, side, unique),
    input: resync,
  });
  await store.resyncs.turn({ tenantId, side, shard: shard ?? 0 }, { asked: at, now: at });
}

/** Starts the orchestration, or raises `wakeWith` where it is running already. */
export async function startOrWake(client: DurableClient, start: Start, wakeWith: string): Promise<void> {
  const { name, instanceId, input } = start;
  if (await isUnderWay(client, instanceId)) await client.raiseEvent(instanceId, wakeWith, {});
  else await client.startNew(name, { instanceId, input });
}
