/** Reads one page of people from Teams and tells each `userPresence` what it shows. Called by `resync`. */
import type { GraphClient } from '../clients/graph/graph-client.ts';
import { graphReadLimit, type observeTeamsPresence } from '../contracts/resync-presence.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
import { asReadOutcome } from './shared/read-outcome.ts';

interface Dependencies {
  store: Store;
  graph: GraphClient;
  clock: () => Date;
}

export function makeObserveTeamsPresence({
  store,
  graph,
  clock,
}: Dependencies): Effect<typeof observeTeamsPresence> {
  return async ({ tenantId, page, userIds }, { durable }) => {
    const tenant = await store.tenants.find(tenantId);
    if (tenant === undefined) return { kind: 'gaveUp', code: 'unknownTenant' };
    const people =
      userIds === undefined
        ? await store.mappings.page(tenantId, page, graphReadLimit)
        : await store.mappings.ofUsers(tenantId, userIds);
    return asReadOutcome(async () => {
      const at = clock().toISOString();
      const presences = await graph.readPresences(
        tenant,
        people.map((person) => person.userId),
      );
      await Promise.all(
        presences.map(({ userId, ...report }) =>
          tellUserPresence(
            durable,
            { tenantId, userId: userId.toLowerCase() },
            { operation: 'observeTeams', input: { report, origin: { kind: 'read' }, at } },
          ),
        ),
      );
      const more = userIds === undefined && people.length === graphReadLimit;
      return { kind: 'read', ...(more && { next: page + 1 }) };
    });
  };
}
