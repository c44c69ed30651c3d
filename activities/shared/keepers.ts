/** What runs beside a tenant's vendor subscriptions, one for each shard at Graph, one at RingCentral: keepers, and looks whether they tell. */
import type { Start } from '../../contracts/durable.ts';
import { graphKeeperId, probeId, ringCentralKeeperId } from '../../contracts/identities.ts';
import { probePresenceName } from '../../contracts/probe-presence.ts';
import {
  keepGraphSubscribedName,
  keepRingCentralSubscribedName,
} from '../../contracts/vendor-subscriptions.ts';
import type { Side } from '../../domain/presence.ts';

interface Keeper extends Start {
  side: Side;
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

export function probesOf(tenantId: string, shards: readonly number[]): Keeper[] {
  const of = (side: Side, shard: number): Keeper => ({
    side,
    name: probePresenceName,
    instanceId: probeId(tenantId, side, shard),
    input: { tenantId, side, shard },
  });
  return [...shards.map((shard) => of('teams', shard)), of('ringCentral', 0)];
}
