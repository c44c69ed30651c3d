/** Reads everybody's presence on one side anew, page by page, after changes may have been missed. */
import type { OrchestrationContext } from 'durable-functions';
import {
  observeRingCentralPresence,
  observeTeamsPresence,
  type ReadOutcome,
} from '../contracts/resync-presence.ts';
import type { Side } from '../domain/presence.ts';
import { call, type Step } from './steps.ts';

/** Waits where the vendor asks to; gives up quietly where it refuses, because the keepers report that. */
export function* resync(
  context: OrchestrationContext,
  what: { tenantId: string; side: Side; userIds?: string[] | undefined },
): Step<void> {
  const { tenantId, side, userIds } = what;
  let page: number | undefined = 0;
  while (page !== undefined) {
    const outcome: ReadOutcome =
      side === 'teams'
        ? yield* call(context, observeTeamsPresence, { tenantId, page, ...(userIds && { userIds }) })
        : yield* call(context, observeRingCentralPresence, { tenantId, page });
    if (outcome.kind === 'gaveUp') return;
    if (outcome.kind === 'read') page = outcome.next;
    else yield context.df.createTimer(secondsFromNow(context, outcome.seconds));
  }
}

function secondsFromNow(context: OrchestrationContext, seconds: number): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
}
