/** What both keepers do once they have looked after their subscription: say how the connection is, and wait. */
import type { OrchestrationContext } from 'durable-functions';
import { attentionEvent, type Upkeep } from '../contracts/vendor-subscriptions.ts';
import type { Side } from '../domain/presence.ts';
import { vendorCode } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { reconnectLookTime, retryTime } from '../domain/vendor-subscription.ts';
import { noteConnection } from './note-connection.ts';
import { live, waitUntilOr, type Step } from './steps.ts';

/** What looking after a subscription came to that is still to be kept. */
type Kept = Exclude<Upkeep, { kind: 'ended' }>;

interface Looked {
  tenantId: string;
  side: Side;
  upkeep: Kept | undefined;
}

/**
 * Tells the tenant how its connection is, and waits until `lookAgainAt` or until something calls for attention.
 * `upkeep` is undefined when nothing could be done because our own store was away.
 */
export function* tend(
  context: OrchestrationContext,
  { telemetry, ...looked }: Looked & { telemetry: Telemetry },
  lookAgainAt: (expiresAt: string, now: Date) => string,
): Step<void> {
  const { tenantId, side, upkeep } = looked;
  if (upkeep?.kind === 'trouble') {
    const trouble = { side, code: vendorCode(upkeep.code) };
    live(context, telemetry).record('subscriptionTrouble', trouble, { tenantId });
  } else if (upkeep !== undefined) reportConnection(context, { tenantId, side, upkeep });
  const until = nextLook(upkeep, context.df.currentUtcDateTime, lookAgainAt);
  yield* waitUntilOr(context, until, attentionEvent);
}

function nextLook(
  upkeep: Kept | undefined,
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
  { tenantId, side, upkeep }: Looked & { upkeep: Exclude<Kept, { kind: 'trouble' }> },
): void {
  const found =
    upkeep.kind === 'alive'
      ? ({ health: 'connected' } as const)
      : ({ health: 'reconnectRequired', code: upkeep.code } as const);
  noteConnection(context, tenantId, { side, ...found });
}
