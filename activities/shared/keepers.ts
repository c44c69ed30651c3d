/** The keepers of a tenant's vendor subscriptions: one for each shard at Graph, one at RingCentral. */
import { graphKeeperId, ringCentralKeeperId } from '../../contracts/identities.ts';
import {
  keepGraphSubscribedName,
  keepRingCentralSubscribedName,
} from '../../contracts/vendor-subscriptions.ts';
import type { Side } from '../../domain/presence.ts';

interface Keeper {
  side: Side;
  name: string;
  instanceId: string;
  input: unknown;
}

export function keepersOf(tenantId: string, shards: readonly number[]): Keeper[] {
  return [
    ...shards.map((shard) => ({
      side: 'teams' as const,
      name: keepGraphSubscribedName,
      instanceId: graphKeeperId(tenantId, shard),
      input: { tenantId, shard },
    })),
    {
      side: 'ringCentral',
      name: keepRingCentralSubscribedName,
      instanceId: ringCentralKeeperId(tenantId),
      input: { tenantId },
    },
  ];
}
