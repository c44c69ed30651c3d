/** What the outbox of a side says, without asking it: a look costs less than a message. */
import { EntityId, type DurableClient } from 'durable-functions';
import { entityNames, outboxKey } from '../../contracts/identities.ts';
import { outboxSchema, type Outbox } from '../../domain/outbox.ts';
import type { Side } from '../../domain/presence.ts';

/** Undefined where nothing was ever wished for. Throws ZodError for a state that this version does not understand. */
export async function outboxOf(
  durable: DurableClient,
  tenantId: string,
  side: Side,
): Promise<Outbox | undefined> {
  const id = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
  const { entityExists, entityState } = await durable.readEntityState<unknown>(id);
  return entityExists ? outboxSchema.parse(entityState) : undefined;
}
