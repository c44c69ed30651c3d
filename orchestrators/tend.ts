/** What both keepers do once they have looked after their subscription: report, catch up, wait. */
import { EntityId, type OrchestrationContext } from 'durable-functions';
import { entityNames } from '../contracts/identities.ts';
import { attentionEvent, type Upkeep } from '../contracts/vendor-subscriptions.ts';
import type { Side } from '../domain/presence.ts';
import { reconnectLookTime, retryTime } from '../domain/vendor-subscription.ts';
import { resync } from './resync.ts';
import { waitUntilOr, type Step } from './steps.ts';

interface Tended {
  tenantId: string;
  side: Side;
  upkeep: Upkeep;
  /** What was last reported of the connection, undefined if nothing was. */
  reconnectRequired?: boolean | undefined;
}

/**
 * Tells the tenant when its connection breaks or works again, reads presence after a gap, and waits until
 * `lookAgainAt` or until something calls for attention. Answers what is now reported of the connection.
 */
export function* tend(
  context: OrchestrationContext,
  tended: Tended,
  lookAgainAt: (expiresAt: string, now: Date) => string,
): Step<boolean | undefined> {
  const { tenantId, side, upkeep } = tended;
  const reported = reportConnection(context, tended);
  if (upkeep.kind === 'alive' && upkeep.gap) yield* resync(context, { tenantId, side });
  yield* waitUntilOr(context, nextLook(upkeep, context.df.currentUtcDateTime, lookAgainAt), attentionEvent);
  return reported;
}

function nextLook(upkeep: Upkeep, now: Date, lookAgainAt: (expiresAt: string, now: Date) => string): string {
  switch (upkeep.kind) {
    case 'alive':
      return lookAgainAt(upkeep.expiresAt, now);
    case 'trouble':
      return retryTime(now, upkeep.retryAfterSeconds);
    case 'reconnectRequired':
      return reconnectLookTime(now);
  }
}

function reportConnection(context: OrchestrationContext, tended: Tended): boolean | undefined {
  const { tenantId, side, upkeep } = tended;
  if (upkeep.kind === 'trouble') return tended.reconnectRequired;
  const required = upkeep.kind === 'reconnectRequired';
  if (required === tended.reconnectRequired) return required;
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'noteConnection', {
    side,
    health: required ? 'reconnectRequired' : 'connected',
    ...(upkeep.kind === 'reconnectRequired' && { code: upkeep.code }),
    at: context.df.currentUtcDateTime.toISOString(),
  });
  return required;
}
