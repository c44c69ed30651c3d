/**
 * Makes sure that a tenant's presence subscription stands at RingCentral and still delivers: creates, renews, adopts it,
 * and replaces one that was blacklisted or removed. Called by `keepRingCentralSubscribed`; safe to run twice.
 */
import type {
  RingCentralClient,
  RingCentralSubscription,
} from '../clients/ring-central/ring-central-client.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import type { ensureRingCentralSubscription, Upkeep } from '../contracts/vendor-subscriptions.ts';
import { ringCentralLifeSeconds, ringCentralRenewalIsDue } from '../domain/vendor-subscription.ts';
import type { Store } from '../store/store.ts';
import type { SubscriptionKey } from '../store/vendor-subscriptions.ts';
import type { Effect } from './shared/activity.ts';
import { asUpkeep } from './shared/upkeep-outcome.ts';

interface Dependencies {
  store: Store;
  ringCentral: RingCentralClient;
  addresses: WebhookAddresses;
  clock: () => Date;
}

/** One filter covers every extension of the account (RingCentral, account presence event). */
const accountPresence = '/restapi/v1.0/account/~/presence';

export function makeEnsureRingCentralSubscription(
  dependencies: Dependencies,
): Effect<typeof ensureRingCentralSubscription> {
  const { store, ringCentral, clock } = dependencies;
  return async ({ tenantId }) => {
    const key: SubscriptionKey = { tenantId, vendor: 'ringCentral', shard: 0 };
    return asUpkeep(async () => {
      const held = await store.vendorSubscriptions.find(key);
      const standing =
        held === undefined
          ? await adoptable(dependencies, tenantId)
          : await ringCentral.getSubscription(tenantId, held.subscriptionId);
      if (standing === undefined || !delivers(standing, clock())) {
        if (standing !== undefined) await ringCentral.deleteSubscription(tenantId, standing.id);
        return create(dependencies, key);
      }
      const renewed = ringCentralRenewalIsDue(standing.expiresAt.toISOString(), clock())
        ? await ringCentral.renewSubscription(tenantId, standing.id)
        : standing;
      return keep(dependencies, key, renewed, held === undefined);
    });
  };
}

/**
 * A subscription that an earlier attempt made without living to note it: found by its address. Others at the same
 * address are removed, because RingCentral counts them and delivers to each.
 */
async function adoptable(
  { ringCentral, addresses }: Dependencies,
  tenantId: string,
): Promise<RingCentralSubscription | undefined> {
  const address = addresses.ringCentralUrl(tenantId);
  const ours = (await ringCentral.listSubscriptions(tenantId)).filter(
    (subscription) => subscription.address === address,
  );
  const [first, ...surplus] = ours;
  for (const subscription of surplus) await ringCentral.deleteSubscription(tenantId, subscription.id);
  return first;
}

async function create(dependencies: Dependencies, key: SubscriptionKey): Promise<Upkeep> {
  const { ringCentral, addresses } = dependencies;
  const created = await ringCentral.createSubscription(key.tenantId, {
    address: addresses.ringCentralUrl(key.tenantId),
    verificationToken: addresses.ringCentralVerificationToken(key.tenantId),
    expiresInSeconds: ringCentralLifeSeconds,
    eventFilters: [accountPresence],
  });
  const refused = created.disabledFilters[0];
  if (refused !== undefined) {
    await ringCentral.deleteSubscription(key.tenantId, created.id);
    return { kind: 'trouble', code: refused.reason ?? 'filterDisabled', retryAfterSeconds: 3600 };
  }
  return keep(dependencies, key, created, true);
}

async function keep(
  { store, clock }: Dependencies,
  key: SubscriptionKey,
  standing: RingCentralSubscription,
  gap: boolean,
): Promise<Upkeep> {
  const row = { subscriptionId: standing.id, expiresAt: standing.expiresAt, renewedAt: clock() };
  await store.vendorSubscriptions.save(key, row, undefined);
  return { kind: 'alive', expiresAt: standing.expiresAt.toISOString(), gap };
}

/** A blacklisted subscription stays silent for good; it has to be replaced (RingCentral, webhook troubleshooting). */
function delivers(subscription: RingCentralSubscription, now: Date): boolean {
  return subscription.status === 'Active' && subscription.expiresAt > now;
}
