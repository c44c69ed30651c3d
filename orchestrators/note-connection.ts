/** How orchestrations tell a tenant how one of its connections was found. */
import { EntityId, type OrchestrationContext } from 'durable-functions';
import { entityNames } from '../contracts/identities.ts';
import type { Side } from '../domain/presence.ts';

type Found = { side: Side } & ({ health: 'connected' } | { health: 'reconnectRequired'; code: string });

export function noteConnection(context: OrchestrationContext, tenantId: string, found: Found): void {
  const at = context.df.currentUtcDateTime.toISOString();
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'noteConnection', { ...found, at });
}
