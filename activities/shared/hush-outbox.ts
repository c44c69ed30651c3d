/** Has nothing written while a vendor wants no request of the limit that writes share with subscriptions and the list of extensions. */
import { EntityId, type DurableClient } from 'durable-functions';
import { entityNames, outboxKey } from '../../contracts/identities.ts';
import { later } from '../../domain/later.ts';
import { VendorError } from '../../domain/vendor-error.ts';

/** RingCentral's penalty (developer guide, "Rate limits"), where it does not say for how long. */
const penaltySeconds = 60;

/** Runs the call of RingCentral's group Medium; where it is throttled, its outbox is told, and it fails as it would have. */
export async function tellingOutbox<Result>(
  { durable, clock }: { durable: DurableClient; clock: () => Date },
  tenantId: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof VendorError && error.failure === 'throttled') {
      const at = clock().toISOString();
      const until = later(at, (error.retryAfterSeconds ?? penaltySeconds) * 1000);
      const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, 'ringCentral'));
      await durable.signalEntity(outbox, 'hush', { until, at });
    }
    throw error;
  }
}
