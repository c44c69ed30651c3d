/**
 * Makes sure that a tenant's presence subscription stands at RingCentral as it is wanted now, and still delivers: creates,
 * renews and adopts it, replaces one that was blacklisted or removed, and removes it once the tenant is served no more. Called by `keepRingCentralSubscribed`; safe to
 * run twice.
 */

import type { DurableClient } from 'durable-functions';
import type {
  RingCentralClient,
  RingCentralSubscription,
} from '../clients/ring-central/ring-central-client.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import type { ensureRingCentralSubscription, Upkeep } from '../contracts/vendor-subscriptions.ts';
import { plainCode } from '../domain/customer-log.ts';
import { toldDaily, toldOfCreation, toldOfRenewal, type Told } from '../domain/customer-log-occasions.ts';
import { ringCentralLifeSeconds, ringCentralRenewalIsDue } from '../domain/vendor-subscription.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { VendorError } from '../domain/vendor-error.ts';
import type { Store } from '../store/store.ts';
import type { SubscriptionKey, SubscriptionRow } from '../store/vendor-subscriptions.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer, tidingsOfFailure } from './shared/customer-log.ts';
import { startResync } from './shared/durable-effects.ts';
import { endSubscription } from './shared/ended-subscription.ts';
import { fingerprintOf } from './shared/fingerprint.ts';
import { tellingOutbox } from './shared/hush-outbox.ts';
import { servedTenant } from './shared/served-tenant.ts';
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
  telemetry: Telemetry;
}

/** One filter covers every extension of the account (RingCentral, account presence event). */
const accountPresence = '/restapi/v1.0/account/~/presence';
const afterRefusedFilterSeconds = 3600;
const side = 'ringCentral';
const refused = (code: string) => ({ kind: 'subscriptionTrouble', side, code }) as const;

export function makeEnsureRingCentralSubscription(
  dependencies: Dependencies,
): Effect<typeof ensureRingCentralSubscription> {
  return async ({ tenantId }, tools) => {
    const target: Target = { ...dependencies, ...wish(dependencies, tenantId), ...tools };
    if ((await servedTenant(target.store, tenantId)) === undefined) return end(target);
    const failed = (error: VendorError) =>
      tellCustomer(target, tools, tenantId, tidingsOfFailure(error, { side, at: target.clock(), refused }));
    return asUpkeep(failed, async () => {
      const held = await target.store.vendorSubscriptions.find(target.key);
      return held === undefined ? adoptOrCreate(target) : tend(target, held);
    });
  };
}

/** The tenant is served no more; an attempt to subscribe that was interrupted may have left one that we do not know. */
function end(target: Target): Promise<Upkeep> {
  const { ringCentral, store, tenantId, wanted } = target;
  return endSubscription(target, target.key, async () => {
    if ((await store.tenants.find(tenantId)) === undefined) return;
    for (const { id, address } of await ringCentral.listSubscriptions(tenantId)) {
      if (address === wanted.address) await ringCentral.deleteSubscription(tenantId, id);
    }
  });
}

function wish(
  { addresses }: Dependencies,
  tenantId: string,
): Omit<Target, keyof Dependencies | 'durable' | 'telemetry'> {
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
  const isWanted = held.fingerprint === target.fingerprint && held.attention !== 'silent';
  if (!isWanted || !delivers(standing, clock())) return replace(target, standing);
  if (!ringCentralRenewalIsDue(standing.expiresAt.toISOString(), clock())) {
    await tellAlive(target);
    return alive(standing);
  }
  const told = toldOfRenewal({ side, subscriptionId: standing.id }, clock());
  return keep(target, await ringCentral.renewSubscription(tenantId, standing.id), told);
}

/** Neither address nor token of a subscription can be changed (RingCentral, subscription PUT): it is made anew. */
async function replace(target: Target, standing: RingCentralSubscription): Promise<Upkeep> {
  await remove(target, standing.id);
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
  for (const { id } of ours) {
    if (id !== adoptable?.id) await remove(target, id);
  }
  if (adoptable !== undefined) return keepAfterGap(target, adoptable);

  const created = await tellingOutbox(target, tenantId, () =>
    ringCentral.createSubscription(tenantId, wanted),
  );
  const [disabled] = created.disabledFilters;
  if (disabled === undefined) return keepAfterGap(target, created);
  await remove(target, created.id);
  const code = disabled.reason ?? 'filterDisabled';
  const told = [toldDaily(refused(plainCode(code)), clock())];
  await tellCustomer(target, target, tenantId, { told });
  return { kind: 'trouble', code, retryAfterSeconds: afterRefusedFilterSeconds };
}

/** Like making one, this is of the limit that writes share; looking and renewing are not. */
function remove(target: Target, id: string): Promise<void> {
  const { ringCentral, tenantId } = target;
  return tellingOutbox(target, tenantId, () => ringCentral.deleteSubscription(tenantId, id));
}

/** Whatever happened before the subscription stood was not notified; the read is started before that is forgotten. */
async function keepAfterGap(target: Target, standing: RingCentralSubscription): Promise<Upkeep> {
  const { tenantId, clock } = target;
  await startResync(target, { tenantId, side }, clock());
  return keep(target, standing, toldOfCreation({ side, subscriptionId: standing.id }));
}

/** Told before it is kept: once it is kept, a run after an interruption finds nothing left to do or to tell. */
async function keep(target: Target, standing: RingCentralSubscription, told: Told): Promise<Upkeep> {
  const { store, key, fingerprint, clock } = target;
  await tellAlive(target, told);
  const { id: subscriptionId, expiresAt } = standing;
  const row = { subscriptionId, fingerprint, expiresAt, renewedAt: clock() };
  await store.vendorSubscriptions.save(key, row, undefined);
  return alive(standing);
}

function tellAlive(target: Target, ...told: Told[]): Promise<void> {
  const connection = { side, health: 'connected' } as const;
  return tellCustomer(target, target, target.tenantId, { told, connection });
}

function alive(standing: RingCentralSubscription): Upkeep {
  return { kind: 'alive', expiresAt: standing.expiresAt.toISOString() };
}

/** A blacklisted subscription stays silent for good; it has to be replaced (RingCentral, webhook troubleshooting). */
function delivers(subscription: RingCentralSubscription, now: Date): boolean {
  return subscription.status === 'Active' && subscription.expiresAt > now;
}
