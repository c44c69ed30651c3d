/** Has those read of whom Teams says nothing after we have let go of them. Called by `writePresence`. */
import type { DurableClient } from 'durable-functions';
import { startUnlessStarted } from '../../clients/orchestrations.ts';
import { readId } from '../../contracts/identities.ts';
import { resyncPresenceName } from '../../contracts/resync-presence.ts';
import { later } from '../../domain/later.ts';
import type { WaitingWish, WriteResult } from '../../domain/outbox.ts';

/** Graph tells of a change within 10 s on average (change notifications, "Latency"); twice that leaves few to be read in vain. */
const unheardAfterMs = 20_000;

/**
 * Has Teams looked at in a while where a hold was let go of: what the person does beneath it may look the same, so that Graph
 * sees no change to tell of (docs/decisions/0021-looking-beneath-a-hold.md).
 */
export async function lookBeneath(
  { clock }: { clock: () => Date },
  durable: DurableClient,
  {
    tenantId,
    wishes,
    results,
  }: { tenantId: string; wishes: readonly WaitingWish[]; results: readonly WriteResult[] },
): Promise<void> {
  const done = new Set(results.filter(({ result }) => result === 'done').map(({ targetId }) => targetId));
  const userIds = wishes
    .filter(({ hold, targetId }) => hold === null && done.has(targetId))
    .map(({ userId }) => userId);
  if (userIds.length === 0) return;
  const at = clock().toISOString();
  const input = { tenantId, side: 'teams', userIds, unheard: true, notBefore: later(at, unheardAfterMs) };
  await startUnlessStarted(durable, { name: resyncPresenceName, instanceId: readId(tenantId, at), input });
}
