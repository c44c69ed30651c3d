/**
 * Looks now and then whether a subscription that stands still tells us of changes, for as long as the tenant is served: often
 * while people change, rarely while nothing happens. What is found is seen to by the activity.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import {
  probePresenceName,
  probePresenceSchema,
  probeRingCentralPresence,
  probeTeamsPresence,
  type Probed,
} from '../contracts/probe-presence.ts';
import { attentionEvent } from '../contracts/vendor-subscriptions.ts';
import { notifiedWithinSeconds, probePauseMinutes, quietAfter } from '../domain/probe.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { probeTime } from '../domain/vendor-subscription.ts';
import { secondsFromNow, tryCall, waitUntilOr, type Dependencies, type Step } from './steps.ts';

export function registerProbePresence({ telemetry }: Dependencies): void {
  app.orchestration(probePresenceName, (context) => probePresence(context, telemetry));
}

type Probe = z.infer<typeof probePresenceSchema>;

function* probePresence(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const input = probePresenceSchema.parse(context.df.getInput());
  const { quiet, turn, page } = input;
  const begun = context.df.currentUtcDateTime;
  yield* waitUntilOr(
    context,
    probeTime(begun, probePauseMinutes(quiet), context.df.instanceId),
    attentionEvent,
  );
  const since = context.df.currentUtcDateTime.toISOString();
  const probe = { ...input, since: input.since ?? begun.toISOString() };
  let probed = yield* look(context, probe, { telemetry });
  if (probed.kind === 'suspect') {
    const { suspects } = probed;
    // Also this wait ends with the service; the vendor is not asked again then.
    const until = secondsFromNow(context, notifiedWithinSeconds[input.side]).toISOString();
    yield* waitUntilOr(context, until, attentionEvent);
    probed = yield* look(context, probe, { telemetry, suspects });
  }
  if (probed.kind === 'ended') return;
  const result = probed.kind === 'suspect' ? 'quiet' : probed.kind;
  context.df.continueAsNew({
    ...input,
    turn: turn + 1,
    page: probed.kind === 'quiet' ? probed.next : page,
    quiet: quietAfter(quiet, result),
    since,
  });
}

function* look(
  context: OrchestrationContext,
  { tenantId, side, shard, turn, page, since }: Probe & { since: string },
  {
    telemetry,
    suspects,
  }: { telemetry: Telemetry; suspects?: Extract<Probed, { kind: 'suspect' }>['suspects'] },
): Step<Probed> {
  const contract = side === 'teams' ? probeTeamsPresence : probeRingCentralPresence;
  const input = { tenantId, shard, turn, page, since, ...(suspects && { suspects }) };
  return (yield* tryCall(context, contract, { input, telemetry })) ?? { kind: 'unread' };
}
