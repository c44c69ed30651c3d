/**
 * Makes sure that one shard's presence subscription stands at Graph: creates, renews, reauthorizes, adopts or recreates
 * it, whatever it takes. Called by `keepGraphSubscribed`; safe to run twice.
 */
import type { ensureGraphSubscription, Upkeep } from '../contracts/vendor-subscriptions.ts';
import type { GraphClient, GraphSubscription, SubscriptionTerm } from '../clients/graph/graph-client.ts';
import { watchesExactly } from '../clients/graph/presence-filter.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import { VendorError } from '../domain/vendor-error.ts';
import { graphExpiry, graphMayReact, graphRenewalIsDue } from '../domain/vendor-subscription.ts';
import type { Store } from '../store/store.ts';
import type { Attention, SubscriptionKey, SubscriptionRow } from '../store/vendor-subscriptions.ts';
import type { TenantRow } from '../store/tenants.ts';
import type { Effect } from './shared/activity.ts';
import { asUpkeep } from './shared/upkeep-outcome.ts';

interface Dependencies {
  store: Store;
  graph: GraphClient;
  addresses: WebhookAddresses;
  /** With it, notifications carry the presence. */
  certificate?: { id: string; derBase64: string } | undefined;
  clock: () => Date;
}

/** One shard's subscription and all that is needed to act on it. */
interface Shard {
  tenant: TenantRow;
  shard: number;
  key: SubscriptionKey;
}

export function makeEnsureGraphSubscription(
  dependencies: Dependencies,
): Effect<typeof ensureGraphSubscription> {
  const { store, clock } = dependencies;
  return async ({ tenantId, shard }) => {
    const tenant = await store.tenants.find(tenantId);
    if (tenant === undefined) return { kind: 'trouble', code: 'unknownTenant', retryAfterSeconds: 3600 };
    const target: Shard = { tenant, shard, key: { tenantId, vendor: 'graph', shard } };
    return asUpkeep(async () => {
      const held = await store.vendorSubscriptions.find(target.key);
      if (held === undefined || held.expiresAt <= clock()) return create(dependencies, target);
      return tend(dependencies, target, held);
    });
  };
}

/** What a subscription that should be alive needs now. */
async function tend(dependencies: Dependencies, target: Shard, held: SubscriptionRow): Promise<Upkeep> {
  const { store, clock } = dependencies;
  const now = clock();
  const due = graphRenewalIsDue(held.expiresAt.toISOString(), now);
  const reauthorize = held.attention === 'reauthorize' && graphMayReact(held.renewedAt.toISOString(), now);
  if (due || reauthorize || held.attention === 'missed' || held.attention === 'removed') {
    return renew(dependencies, target, held);
  }
  if (held.attention !== undefined) {
    await store.vendorSubscriptions.clearAttention(target.key, held.attention);
  }
  return { kind: 'alive', expiresAt: held.expiresAt.toISOString(), gap: false };
}

/** Renewing also reauthorizes (Graph, lifecycle notifications); what has ended meanwhile is made anew. */
async function renew(dependencies: Dependencies, target: Shard, held: SubscriptionRow): Promise<Upkeep> {
  const { graph, clock } = dependencies;
  try {
    const term = await graph.renewSubscription(
      target.tenant,
      target.shard,
      held.subscriptionId,
      graphExpiry(clock()),
    );
    const gap = held.attention === 'missed' || held.attention === 'removed';
    return await keep(dependencies, target, term, { gap, seen: held.attention });
  } catch (error) {
    if (isFailure(error, 'notFound')) return create(dependencies, target);
    throw error;
  }
}

/** Whatever happened before the subscription stood was not notified, so making one always leaves a gap to read. */
async function create(dependencies: Dependencies, target: Shard): Promise<Upkeep> {
  const { store, graph, addresses, certificate, clock } = dependencies;
  const { tenant, shard } = target;
  const people = await store.mappings.ofShard(tenant.tenantId, shard);
  if (people.length === 0) return { kind: 'trouble', code: 'nobodyMapped', retryAfterSeconds: 3600 };
  const userIds = people.map((person) => person.userId);
  const wanted = {
    userIds,
    notificationUrl: addresses.graphNotificationUrl,
    lifecycleNotificationUrl: addresses.graphLifecycleUrl,
    clientState: addresses.graphClientState({ tenantId: tenant.tenantId, shard }, tenant.microsoftTenantId),
    expiresAt: graphExpiry(clock()),
    ...(certificate && { certificate }),
  };
  try {
    return await keep(dependencies, target, await graph.createPresenceSubscription(tenant, shard, wanted));
  } catch (error) {
    if (!isFailure(error, 'conflict')) throw error;
  }
  const standing = await graph.listSubscriptions(tenant, shard);
  const adoptable = standing.find((subscription) => isWanted(subscription, wanted));
  if (adoptable !== undefined) {
    const term = await graph.renewSubscription(tenant, shard, adoptable.id, wanted.expiresAt);
    return keep(dependencies, target, term);
  }
  for (const subscription of standing.filter(watchesPresence)) {
    await graph.deleteSubscription(tenant, shard, subscription.id);
  }
  return keep(dependencies, target, await graph.createPresenceSubscription(tenant, shard, wanted));
}

async function keep(
  { store, clock }: Dependencies,
  target: Shard,
  term: SubscriptionTerm,
  { gap, seen }: { gap: boolean; seen?: Attention | undefined } = { gap: true },
): Promise<Upkeep> {
  await store.vendorSubscriptions.save(
    target.key,
    {
      subscriptionId: term.id,
      expiresAt: term.expiresAt,
      renewedAt: clock(),
    },
    seen,
  );
  return { kind: 'alive', expiresAt: term.expiresAt.toISOString(), gap };
}

function isWanted(
  subscription: GraphSubscription,
  wanted: { userIds: readonly string[]; notificationUrl: string; clientState: string },
): boolean {
  return (
    subscription.notificationUrl === wanted.notificationUrl &&
    subscription.clientState === wanted.clientState &&
    watchesExactly(subscription.resource, wanted.userIds)
  );
}

function watchesPresence(subscription: GraphSubscription): boolean {
  return subscription.resource.includes('communications/presences');
}

function isFailure(error: unknown, failure: VendorError['failure']): boolean {
  return error instanceof VendorError && error.failure === failure;
}
