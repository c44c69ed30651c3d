/** Looks whether Graph still tells of the people of one shard. Called by `probePresence`. */
import type { GraphClient } from '../clients/graph/graph-client.ts';
import type { probeTeamsPresence } from '../contracts/probe-presence.ts';
import { sampleOf } from '../domain/probe.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { probe, type ProbedSide } from './shared/probe.ts';

interface Dependencies {
  store: Store;
  graph: GraphClient;
  clock: () => Date;
}

export function makeProbeTeamsPresence({
  store,
  graph,
  clock,
}: Dependencies): Effect<typeof probeTeamsPresence> {
  const watched: ProbedSide['watched'] = ({ tenantId, shard }) => store.seated.ofShard(tenantId, shard);
  const teams: ProbedSide = {
    side: 'teams',
    store,
    clock,
    watched,
    read: async (tenant, look, only) => {
      const userIds = only ?? sampleOf(await watched(look), look.turn).map(({ userId }) => userId);
      const presences = await graph.readPresences(tenant, userIds);
      const people = presences.map(({ userId, ...report }) => ({
        userId: userId.toLowerCase(),
        shown: { side: 'teams' as const, report },
      }));
      return { people, next: 0 };
    },
  };
  return (look, tools) => probe(teams, look, tools);
}
