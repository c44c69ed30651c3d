/**
 * Makes sure that one shard's presence subscription stands at Graph as it is wanted now: creates, renews, reauthorizes,
 * adopts or replaces it, and removes it once the tenant is served no more. Called by `keepGraphSubscribed`; safe to run twice.
 */

import type { DurableClient } from 'durable-functions';
import type { GraphClient } from '../clients/graph/graph-client.ts';
import { watchesExactly, watchedUserIds } from '../clients/graph/presence-filter.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import type { ensureGraphSubscription, Upkeep } from '../contracts/vendor-subscriptions.ts';
import { toldOfCreation, toldOfGap, toldOfRenewal, type Told } from '../domain/customer-log-occasions.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { isFailure, type VendorError } from '../domain/vendor-error.ts';
import { graphExpiry, graphMayReact, graphRenewalIsDue } from '../domain/vendor-subscription.ts';
import type { Store } from '../store/store.ts';
import type { TenantRow } from '../store/tenants.ts';
import type { Attention, SubscriptionKey, SubscriptionRow } from '../store/vendor-subscriptions.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer, tidingsOfFailure } from './shared/customer-log.ts';
import { startResync } from './shared/durable-effects.ts';
import { endSubscription } from './shared/ended-subscription.ts';
import { fingerprintOf } from './shared/fingerprint.ts';
import { servedTenant } from './shared/served-tenant.ts';
import { asUpkeep } from './shared/upkeep-outcome.ts';

interface Dependencies {
  store: Store;
  graph: GraphClient;
  addresses: WebhookAddresses;
  /** With it, notifications carry the presence. */
  certificate?: { id: string; derBase64: string } | undefined;
  clock: () => Date;
}

/** One shard's subscription as it is wanted now, and all that is needed to act on it. */
interface Shard extends Dependencies {
  tenant: TenantRow;
  shard: number;
  key: SubscriptionKey;
  wanted: NewPresenceSubscription;
  fingerprint: string;
  durable: DurableClient;
  telemetry: Telemetry;
}

type NewPresenceSubscription = Parameters<GraphClient['createPresenceSubscription']>[2];
type SubscriptionTerm = Awaited<ReturnType<GraphClient['renewSubscription']>>;

const hourSeconds = 3600;
const side = 'teams';

export function makeEnsureGraphSubscription(
  dependencies: Dependencies,
): Effect<typeof ensureGraphSubscription> {
  const { store, clock } = dependencies;
  return async ({ tenantId, shard }, tools) => {
    const tenant = await servedTenant(store, tenantId);
    if (tenant === undefined) return end(dependencies, { tenantId, vendor: 'graph', shard });
    const people = await store.seated.ofShard(tenantId, shard);
    const userIds = people.map((person) => person.userId);
    const target: Shard = { ...dependencies, ...wish(dependencies, tenant, { shard, userIds }), ...tools };
    const failed = (error: VendorError) =>
      tellCustomer(
        dependencies,
        tools,
        tenantId,
        tidingsOfFailure(error, {
          side,
          at: clock(),
          refused: (code) => ({ kind: 'subscriptionTrouble', side, code, shard }),
        }),
      );
    return asUpkeep(failed, async () => {
      const held = await store.vendorSubscriptions.find(target.key);
      if (userIds.length === 0) return unsubscribe(target, held);
      if (held === undefined || held.expiresAt <= clock()) return create(target);
      if (held.attention === 'silent') return replace(target, held);
      return held.fingerprint === target.fingerprint ? tend(target, held) : replace(target, held);
    });
  };
}

/** The tenant is served no more. */
function end({ store, graph, clock }: Dependencies, key: SubscriptionKey): Promise<Upkeep> {
  return endSubscription({ store, clock }, key, async () => {
    const tenant = await store.tenants.find(key.tenantId);
    const held = await store.vendorSubscriptions.find(key);
    if (tenant === undefined || held === undefined || held.expiresAt <= clock()) return;
    await graph.deleteSubscription(tenant, key.shard, held.subscriptionId);
  });
}

function wish(
  { addresses, certificate, clock }: Dependencies,
  tenant: TenantRow,
  { shard, userIds }: { shard: number; userIds: string[] },
): Omit<Shard, keyof Dependencies | 'durable' | 'telemetry'> {
  const { tenantId, microsoftTenantId } = tenant;
  const lasting = {
    userIds,
    notificationUrl: addresses.graphNotificationUrl,
    lifecycleNotificationUrl: addresses.graphLifecycleUrl,
    clientState: addresses.graphClientState({ tenantId, shard }, microsoftTenantId),
    ...(certificate && { certificate }),
  };
  return {
    tenant,
    shard,
    key: { tenantId, vendor: 'graph', shard },
    wanted: { ...lasting, expiresAt: graphExpiry(clock()) },
    fingerprint: fingerprintOf(lasting),
  };
}

/** Nobody of the shard is to be watched: they have lost their seats, or are mapped no more. */
async function unsubscribe(target: Shard, held: SubscriptionRow | undefined): Promise<Upkeep> {
  const { store, graph, tenant, shard, key, clock } = target;
  if (held !== undefined) {
    if (held.expiresAt > clock()) await graph.deleteSubscription(tenant, shard, held.subscriptionId);
    await store.vendorSubscriptions.remove(key);
  }
  return trouble('nobodySeated');
}

/** What a subscription that should be alive needs now. */
async function tend(target: Shard, held: SubscriptionRow): Promise<Upkeep> {
  const now = target.clock();
  const due = graphRenewalIsDue(held.expiresAt.toISOString(), now);
  const reauthorize = held.attention === 'reauthorize' && graphMayReact(held.renewedAt.toISOString(), now);
  if (due || reauthorize || held.attention === 'missed' || held.attention === 'removed') {
    return renew(target, held);
  }
  if (held.attention !== undefined) {
    await target.store.vendorSubscriptions.clearAttention(target.key, held.attention);
  }
  await tellAlive(target);
  return { kind: 'alive', expiresAt: held.expiresAt.toISOString() };
}

/** Renewing also reauthorizes (Graph, lifecycle notifications); what has ended meanwhile is made anew. */
async function renew(target: Shard, held: SubscriptionRow): Promise<Upkeep> {
  const { graph, tenant, shard, wanted } = target;
  try {
    const term = await graph.renewSubscription(tenant, shard, held.subscriptionId, wanted.expiresAt);
    if (held.attention !== 'missed' && held.attention !== 'removed') {
      const told = toldOfRenewal({ side, shard, subscriptionId: held.subscriptionId }, target.clock());
      return await keep(target, term, told, held.attention);
    }
    return await keepAfterGap(target, term, toldOfGap({ side, shard }, target.clock()), held.attention);
  } catch (error) {
    if (isFailure(error, 'notFound')) return create(target);
    throw error;
  }
}

/**
 * Graph cannot change whom a subscription watches, nor its secret: it is deleted and made anew (subscription: update). So is one that
 * has gone silent.
 */
async function replace(target: Shard, held: SubscriptionRow): Promise<Upkeep> {
  await target.graph.deleteSubscription(target.tenant, target.shard, held.subscriptionId);
  return create(target);
}

async function create(target: Shard): Promise<Upkeep> {
  const { graph, tenant, shard, wanted } = target;
  try {
    return await keepNew(target, await graph.createPresenceSubscription(tenant, shard, wanted));
  } catch (error) {
    if (!isFailure(error, 'conflict')) throw error;
  }
  const standing = (await graph.listSubscriptions(tenant, shard)).filter(
    (subscription) => watchedUserIds(subscription.resource) !== undefined,
  );
  const adoptable = standing.find(
    (subscription) =>
      subscription.notificationUrl === wanted.notificationUrl &&
      subscription.clientState === wanted.clientState &&
      watchesExactly(subscription.resource, wanted.userIds),
  );
  if (adoptable !== undefined) {
    const term = await graph.renewSubscription(tenant, shard, adoptable.id, wanted.expiresAt);
    return keepNew(target, term);
  }
  for (const { id } of standing) await graph.deleteSubscription(tenant, shard, id);
  return keepNew(target, await graph.createPresenceSubscription(tenant, shard, wanted));
}

function keepNew(target: Shard, term: SubscriptionTerm): Promise<Upkeep> {
  const told = toldOfCreation({ side, shard: target.shard, subscriptionId: term.id });
  return keepAfterGap(target, term, told, undefined);
}

/** Whatever happened before the subscription stood was not notified; the read is started before that is forgotten. */
async function keepAfterGap(
  target: Shard,
  term: SubscriptionTerm,
  told: Told,
  seen: Attention | undefined,
): Promise<Upkeep> {
  const { tenant, shard, clock } = target;
  await startResync(target, { tenantId: tenant.tenantId, side, shard }, clock());
  return keep(target, term, told, seen);
}

/** Told before it is kept: once it is kept, a run after an interruption finds nothing left to do or to tell. */
async function keep(
  target: Shard,
  term: SubscriptionTerm,
  told: Told,
  seen: Attention | undefined,
): Promise<Upkeep> {
  const { store, key, fingerprint, clock } = target;
  await tellAlive(target, told);
  const row = { subscriptionId: term.id, fingerprint, expiresAt: term.expiresAt, renewedAt: clock() };
  await store.vendorSubscriptions.save(key, row, seen);
  return { kind: 'alive', expiresAt: term.expiresAt.toISOString() };
}

function tellAlive(target: Shard, ...told: Told[]): Promise<void> {
  const connection = { side, health: 'connected' } as const;
  return tellCustomer(target, target, target.key.tenantId, { told, connection });
}

function trouble(code: string): Upkeep {
  return { kind: 'trouble', code, retryAfterSeconds: hourSeconds };
}
