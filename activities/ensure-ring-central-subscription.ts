/**
 * Makes sure that a tenant's presence subscription stands at RingCentral as it is wanted now, and still delivers: creates,
 * renews and adopts it, and replaces one that was blacklisted or removed. Called by `keepRingCentralSubscribed`; safe to
 * run twice.
 */
import type { DurableClient } from 'durable-functions';
import type {
  RingCentralClient,
  RingCentralSubscription,
} from '../clients/ring-central/ring-central-client.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import type { ensureRingCentralSubscription, Upkeep } from '../contracts/vendor-subscriptions.ts';
import { ringCentralLifeSeconds, ringCentralRenewalIsDue } from '../domain/vendor-subscription.ts';
import type { Store } from '../store/store.ts';
import type { SubscriptionKey, SubscriptionRow } from '../store/vendor-subscriptions.ts';
import type { Effect } from './shared/activity.ts';
import { startResync } from './shared/durable-effects.ts';
import { fingerprintOf } from './shared/fingerprint.ts';
import { asUpkeep } from './shared/upkeep-outcome.ts';

interface Dependencies {
  store: Store;
  ringCentral: RingCentralClient;
  addresses: WebhookAddresses;
  clock: () => Date;
}

/** A tenant's subscription as it is wanted now, and all that is needed to act on it. */
interface Target extends Dependencies {
  tenantId: string;
  key: SubscriptionKey;
  wanted: Parameters<RingCentralClient['createSubscription']>[1];
  fingerprint: string;
  durable: DurableClient;
}

/** One filter covers every extension of the account (RingCentral, account presence event). */
const accountPresence = '/restapi/v1.0/account/~/presence';
const afterRefusedFilterSeconds = 3600;

export function makeEnsureRingCentralSubscription(
  dependencies: Dependencies,
): Effect<typeof ensureRingCentralSubscription> {
  return async ({ tenantId }, { durable }) => {
    const target: Target = { ...dependencies, ...wish(dependencies, tenantId), durable };
    return asUpkeep(async () => {
      const held = await target.store.vendorSubscriptions.find(target.key);
      return held === undefined ? adoptOrCreate(target) : tend(target, held);
    });
  };
}

function wish({ addresses }: Dependencies, tenantId: string): Omit<Target, keyof Dependencies | 'durable'> {
  const wanted = {
    address: addresses.ringCentralUrl(tenantId),
    verificationToken: addresses.ringCentralVerificationToken(tenantId),
    expiresInSeconds: ringCentralLifeSeconds,
    eventFilters: [accountPresence],
  };
  const key: SubscriptionKey = { tenantId, vendor: 'ringCentral', shard: 0 };
  return { tenantId, key, wanted, fingerprint: fingerprintOf(wanted) };
}

async function tend(target: Target, held: SubscriptionRow): Promise<Upkeep> {
  const { ringCentral, tenantId, clock } = target;
  const standing = await ringCentral.getSubscription(tenantId, held.subscriptionId);
  if (standing === undefined) return adoptOrCreate(target);
  if (held.fingerprint !== target.fingerprint || !delivers(standing, clock()))
    return replace(target, standing);
  if (!ringCentralRenewalIsDue(standing.expiresAt.toISOString(), clock())) return alive(standing);
  return keep(target, await ringCentral.renewSubscription(tenantId, standing.id));
}

/** Neither address nor token of a subscription can be changed (RingCentral, subscription PUT): it is made anew. */
async function replace(target: Target, standing: RingCentralSubscription): Promise<Upkeep> {
  await target.ringCentral.deleteSubscription(target.tenantId, standing.id);
  return adoptOrCreate(target);
}

/**
 * An earlier attempt may have made a subscription without living to note it: it is found by its address. Surplus ones
 * are removed, because RingCentral counts them and delivers to each.
 */
async function adoptOrCreate(target: Target): Promise<Upkeep> {
  const { ringCentral, tenantId, wanted, clock } = target;
  const ours = (await ringCentral.listSubscriptions(tenantId)).filter(
    ({ address }) => address === wanted.address,
  );
  const adoptable = ours.find((subscription) => delivers(subscription, clock()));
  for (const { id } of ours) if (id !== adoptable?.id) await ringCentral.deleteSubscription(tenantId, id);
  if (adoptable !== undefined) return keepAfterGap(target, adoptable);

  const created = await ringCentral.createSubscription(tenantId, wanted);
  const [refused] = created.disabledFilters;
  if (refused === undefined) return keepAfterGap(target, created);
  await ringCentral.deleteSubscription(tenantId, created.id);
  const code = refused.reason ?? 'filterDisabled';
  return { kind: 'trouble', code, retryAfterSeconds: afterRefusedFilterSeconds };
}

/** Whatever happened before the subscription stood was not notified; the read is started before that is forgotten. */
async function keepAfterGap(target: Target, standing: RingCentralSubscription): Promise<Upkeep> {
  const { durable, tenantId, clock } = target;
  await startResync(durable, { tenantId, side: 'ringCentral' }, clock());
  return keep(target, standing);
}

async function keep(
  { store, key, fingerprint, clock }: Target,
  standing: RingCentralSubscription,
): Promise<Upkeep> {
  const { id: subscriptionId, expiresAt } = standing;
  const row = { subscriptionId, fingerprint, expiresAt, renewedAt: clock() };
  await store.vendorSubscriptions.save(key, row, undefined);
  return alive(standing);
}

function alive(standing: RingCentralSubscription): Upkeep {
  return { kind: 'alive', expiresAt: standing.expiresAt.toISOString() };
}

/** A blacklisted subscription stays silent for good; it has to be replaced (RingCentral, webhook troubleshooting). */
function delivers(subscription: RingCentralSubscription, now: Date): boolean {
  return subscription.status === 'Active' && subscription.expiresAt > now;
}
