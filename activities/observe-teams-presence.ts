/** Reads one page of people from Teams and tells each `userPresence` what is news to it. Called by `resync`. */
import type { z } from 'zod';
import type { GraphClient } from '../clients/graph/graph-client.ts';
import { graphReadLimit, type observeTeamsPresence, type ReadOutcome } from '../contracts/resync-presence.ts';
import { toldOfRead } from '../domain/customer-log-occasions.ts';
import { isUnheard } from '../domain/read-news.ts';
import type { VendorError } from '../domain/vendor-error.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer, tidingsOfUnread } from './shared/customer-log.ts';
import { nextAfter } from './shared/next-after.ts';
import { tellOfRead, thoseOfWhom } from './shared/person-states.ts';
import { inTurn } from './shared/read-in-turn.ts';
import { asReadOutcome } from './shared/read-outcome.ts';
import { servedTenant } from './shared/served-tenant.ts';

interface Dependencies {
  store: Store;
  graph: GraphClient;
  clock: () => Date;
}

export function makeObserveTeamsPresence(dependencies: Dependencies): Effect<typeof observeTeamsPresence> {
  const { store, graph, clock } = dependencies;
  return async ({ tenantId, page, after, shard, userIds, unheard, asked, reading }, tools) => {
    const { durable } = tools;
    const failed = (error: VendorError) =>
      tellCustomer(dependencies, tools, tenantId, tidingsOfUnread(error, 'teams', clock()));
    const tenant = await servedTenant(store, tenantId);
    if (tenant === undefined) return { kind: 'read' };
    const scope = shard === undefined ? undefined : { tenantId, side: 'teams' as const, shard };
    const among = await peopleToRead(store, { tenantId, after, shard, userIds });
    // Most are heard of within seconds: they are not read.
    const people = unheard === true ? await thoseOfWhom(durable, tenantId, among, isUnheard) : among;
    const read = async (): Promise<ReadOutcome> => {
      const at = clock().toISOString();
      const presences = await graph.readPresences(
        tenant,
        people.map((person) => person.userId),
      );
      const shown = presences.map(({ userId, ...report }) => ({
        userId: userId.toLowerCase(),
        shown: { side: 'teams' as const, report },
      }));
      await tellOfRead(durable, tenantId, { people: shown, at });
      // The read of those of whom a notification has said that they changed is a part of that change.
      const isOfNotification = userIds !== undefined && unheard !== true;
      const told = isOfNotification ? [] : [toldOfRead('teams', presences.length, { reading, page })];
      await tellCustomer(dependencies, tools, tenantId, { told });
      const isPaged = userIds === undefined && shard === undefined;
      const last = isPaged ? nextAfter(among, graphReadLimit) : undefined;
      return { kind: 'read', ...(last !== undefined && { next: page + 1, after: last }) };
    };
    return inTurn(dependencies, scope, { asked, page }, () => asReadOutcome(failed, read));
  };
}

/** A shard, like a page, is never more than Graph reads at once. */
function peopleToRead(
  store: Store,
  {
    tenantId,
    after,
    shard,
    userIds,
  }: Pick<z.infer<(typeof observeTeamsPresence)['input']>, 'tenantId' | 'after' | 'shard' | 'userIds'>,
): Promise<{ userId: string }[]> {
  if (userIds !== undefined) return store.seated.ofUsers(tenantId, userIds);
  if (shard !== undefined) return store.seated.ofShard(tenantId, shard);
  return store.seated.after(tenantId, after, graphReadLimit);
}
