/** Removes a vendor subscription of a tenant that is not served any more. */
import type { Upkeep } from '../../contracts/vendor-subscriptions.ts';
import { VendorError } from '../../domain/vendor-error.ts';
import { mayTryRemoval } from '../../domain/vendor-subscription.ts';
import type { Store } from '../../store/store.ts';
import type { SubscriptionKey } from '../../store/vendor-subscriptions.ts';

/**
 * Runs `remove`, and forgets the subscription. A vendor that is away is tried again for a while, and then left: Graph's
 * subscription ends within the hour that it lives at most (Graph, subscription resource type, maximum length),
 * RingCentral's within seven days, and what they still send is discarded. Where consent is gone, nothing can be done.
 */
export async function endSubscription(
  { store, clock }: { store: Store; clock: () => Date },
  key: SubscriptionKey,
  remove: () => Promise<void>,
): Promise<Upkeep> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const mayPass = error.failure === 'unavailable' || error.failure === 'throttled';
    const subscription = mayPass ? await store.subscriptions.find(key.tenantId) : undefined;
    if (subscription !== undefined && mayTryRemoval(subscription.changedAt, clock())) {
      const { code, retryAfterSeconds } = error;
      return { kind: 'trouble', code, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
    }
  }
  await store.vendorSubscriptions.remove(key);
  return { kind: 'ended' };
}
