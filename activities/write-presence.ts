/**
 * Writes to one side what its outbox has handed out for these people. Called by `deliverPresence`. Run twice, it reads
 * what the side shows before it repeats a write whose outcome is unknown.
 */
import { EntityId, type DurableClient } from 'durable-functions';
import type { writePresence } from '../contracts/deliver-presence.ts';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { outboxSchema, type BatchReport, type WaitingWish, type WriteResult } from '../domain/outbox.ts';
import type { Side } from '../domain/presence.ts';
import { VendorError } from '../domain/vendor-error.ts';
import type { Store } from '../store/store.ts';
import type { TenantRow } from '../store/tenants.ts';
import type { Effect } from './shared/activity.ts';
import type { SideWriter } from './shared/side-writers.ts';

interface Dependencies {
  store: Store;
  writers: Record<Side, SideWriter>;
}

export function makeWritePresence({ store, writers }: Dependencies): Effect<typeof writePresence> {
  return async ({ tenantId, side, userIds }, { durable }) => {
    const wishes = await handedOut(durable, { tenantId, side, userIds });
    const tenant = await store.tenants.find(tenantId);
    if (wishes.length === 0 || tenant === undefined) return { results: [] };
    const writer = writers[side];
    const attempted = await store.deliveryAttempts.begin(tenantId, side, wishes);
    const repeated = wishes.filter((wish) => attempted.has(wish.userId));
    const report = new Report();
    // Turned away or not, what was attempted before may have been carried out.
    const shown = await report.guard(repeated, () => writer.alreadyShown(tenant, repeated), 'retry');
    if (shown !== undefined) await writeAll(tenant, writer, report, skip(wishes, shown, report));
    await store.deliveryAttempts.forget(tenantId, side, report.unsent(wishes));
    return report.value;
  };
}

function skip(wishes: WaitingWish[], shown: Set<string>, report: Report): WaitingWish[] {
  for (const wish of wishes) if (shown.has(wish.userId)) report.done(wish);
  return wishes.filter((wish) => !shown.has(wish.userId));
}

async function writeAll(
  tenant: TenantRow,
  writer: SideWriter,
  report: Report,
  wishes: WaitingWish[],
): Promise<void> {
  for (let start = 0; start < wishes.length && report.mayGoOn; start += writer.parallel) {
    const together = wishes.slice(start, start + writer.parallel);
    await Promise.all(
      together.map((wish) =>
        report.guard([wish], async () => {
          report.budget((await writer.write(tenant, wish)).budget);
          report.done(wish);
        }),
      ),
    );
  }
}

/** The wishes as the outbox keeps them in flight: they pass by the history, which must hold no presence. */
async function handedOut(
  durable: DurableClient,
  { tenantId, side, userIds }: { tenantId: string; side: Side; userIds: string[] },
): Promise<WaitingWish[]> {
  const id = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
  const { entityExists, entityState } = await durable.readEntityState<unknown>(id);
  if (!entityExists) return [];
  const { inFlight } = outboxSchema.parse(entityState);
  return userIds.map((userId) => inFlight[userId]).filter((wish) => wish !== undefined);
}

/** Gathers how a batch ends, and when it has to stop. */
class Report {
  readonly #results = new Map<string, WriteResult>();
  #rest: Omit<BatchReport, 'results'> = {};

  get value(): BatchReport {
    return { results: [...this.#results.values()], ...this.#rest };
  }

  /** False once the vendor wants no more requests for now. */
  get mayGoOn(): boolean {
    return this.#rest.retryAfterSeconds === undefined && this.#rest.consentRevoked === undefined;
  }

  done(wish: WaitingWish): void {
    this.#results.set(wish.userId, { userId: wish.userId, result: 'done' });
  }

  budget(budget: BatchReport['budget']): void {
    if (budget !== undefined) this.#rest.budget = budget;
  }

  /** Those of whom the vendor certainly knows nothing: turned away, or not reached before the batch stopped. */
  unsent(wishes: readonly WaitingWish[]): string[] {
    return wishes
      .map((wish) => wish.userId)
      .filter((userId) => (this.#results.get(userId)?.result ?? 'unsent') === 'unsent');
  }

  /**
   * Runs a vendor call made for these wishes; answers undefined, and takes note, where the vendor fails. `ifTurnedAway`
   * is what they have come to when the vendor did not even look at the call.
   */
  async guard<T>(
    wishes: readonly WaitingWish[],
    call: () => Promise<T>,
    ifTurnedAway: 'unsent' | 'retry' = 'unsent',
  ): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      for (const { userId } of wishes) this.#failed(userId, error, ifTurnedAway);
      return undefined;
    }
  }

  #failed(
    userId: string,
    { failure, code, retryAfterSeconds }: VendorError,
    ifTurnedAway: 'unsent' | 'retry',
  ): void {
    switch (failure) {
      case 'throttled':
        this.#results.set(userId, { userId, result: ifTurnedAway });
        this.#waitAtLeast(retryAfterSeconds ?? 60);
        break;
      case 'unavailable':
        this.#results.set(userId, { userId, result: 'retry' });
        if (retryAfterSeconds !== undefined) this.#waitAtLeast(retryAfterSeconds);
        break;
      case 'consentRevoked':
        this.#results.set(userId, { userId, result: ifTurnedAway });
        this.#rest.consentRevoked = code;
        break;
      case 'notFound':
      case 'conflict':
      case 'rejected':
        this.#results.set(userId, { userId, result: 'rejected', code });
        break;
    }
  }

  #waitAtLeast(seconds: number): void {
    this.#rest.retryAfterSeconds = Math.max(this.#rest.retryAfterSeconds ?? 0, seconds);
  }
}
