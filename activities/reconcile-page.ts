/**
 * Compares a page of the marketplace's list of subscriptions with ours, and mends what a lost webhook has left behind.
 * Called by `reconcileSubscriptions`; safe to run twice.
 */
import type { MarketplaceClient } from '../clients/marketplace/marketplace-client.ts';
import type { reconcilePage } from '../contracts/marketplace.ts';
import { eventOfStatus } from '../domain/lifecycle.ts';
import { changeOf } from '../domain/subscription.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { followSubscription, planOf } from './shared/follow-subscription.ts';

interface Dependencies {
  store: Store;
  marketplace: MarketplaceClient;
  clock: () => Date;
}

type Listed = Awaited<ReturnType<MarketplaceClient['listSubscriptions']>>['subscriptions'][number];

export function makeReconcilePage(dependencies: Dependencies): Effect<typeof reconcilePage> {
  const { marketplace } = dependencies;
  return async ({ continuationToken }, tools) => {
    const { subscriptions, continuationToken: next } = await marketplace.listSubscriptions(continuationToken);
    let repaired = 0;
    for (const listed of subscriptions) {
      try {
        if (await repair(dependencies, tools, listed)) repaired += 1;
      } catch (error) {
        // The others are compared all the same, and this one again tomorrow.
        tools.telemetry.record(
          'subscriptionNotCompared',
          { kind: errorKind(error) },
          { tenantId: listed.id },
        );
      }
    }
    return { compared: subscriptions.length, repaired, ...(next !== undefined && { next }) };
  };
}

async function repair(
  dependencies: Dependencies,
  tools: Parameters<Effect<typeof reconcilePage>>[1],
  listed: Listed,
): Promise<boolean> {
  const { store, marketplace, clock } = dependencies;
  const { id: tenantId } = listed;
  if (!differs(await store.subscriptions.find(tenantId), listed, clock())) return false;
  // What is under way is none that was lost: its own orchestration sees to it.
  if (listed.status !== 'Unsubscribed' && (await marketplace.listOpenOperations(tenantId)).length > 0)
    return false;
  const occasion = { eventId: `reconciled-${clock().toISOString()}` };
  // The list is older than what has been done since it was asked for.
  const read = () => marketplace.getSubscription(tenantId);
  const followed = await followSubscription({ ...dependencies, ...tools }, tenantId, read, occasion);
  const kind = followed?.change?.kind;
  if (kind !== undefined) tools.telemetry.record('subscriptionRepaired', { change: kind }, { tenantId });
  return kind !== undefined;
}

function differs(held: Parameters<typeof changeOf>[0], listed: Listed, at: Date): boolean {
  return changeOf(held, { event: eventOfStatus(listed.status), plan: planOf(listed), at }) !== undefined;
}
