/** What both keepers do once they have looked after their subscription: say how the connection is, and wait. */
import { EntityId, type OrchestrationContext } from 'durable-functions';
import { entityNames } from '../contracts/identities.ts';
import { attentionEvent, type Upkeep } from '../contracts/vendor-subscriptions.ts';
import type { Side } from '../domain/presence.ts';
import { reconnectLookTime, retryTime } from '../domain/vendor-subscription.ts';
import { waitUntilOr, type Step } from './steps.ts';

/**
 * Tells the tenant how its connection is, and waits until `lookAgainAt` or until something calls for attention.
 * `upkeep` is undefined when nothing could be done because our own store was away.
 */
export function* tend(
  context: OrchestrationContext,
  { tenantId, side, upkeep }: { tenantId: string; side: Side; upkeep: Upkeep | undefined },
  lookAgainAt: (expiresAt: string, now: Date) => string,
): Step<void> {
  if (upkeep !== undefined) reportConnection(context, { tenantId, side, upkeep });
  const until = nextLook(upkeep, context.df.currentUtcDateTime, lookAgainAt);
  yield* waitUntilOr(context, until, attentionEvent);
}

function nextLook(
  upkeep: Upkeep | undefined,
  now: Date,
  lookAgainAt: (expiresAt: string, now: Date) => string,
): string {
  switch (upkeep?.kind) {
    case 'alive':
      return lookAgainAt(upkeep.expiresAt, now);
    case 'trouble':
      return retryTime(now, upkeep.retryAfterSeconds);
    case 'reconnectRequired':
      return reconnectLookTime(now);
    case undefined:
      return retryTime(now, undefined);
  }
}

/** At every look, because others may have said otherwise meanwhile; the tenant ignores what it knows. */
function reportConnection(
  context: OrchestrationContext,
  { tenantId, side, upkeep }: { tenantId: string; side: Side; upkeep: Upkeep },
): void {
  if (upkeep.kind === 'trouble') return;
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'noteConnection', {
    side,
    ...(upkeep.kind === 'alive'
      ? { health: 'connected' }
      : { health: 'reconnectRequired', code: upkeep.code }),
    at: context.df.currentUtcDateTime.toISOString(),
  });
}
