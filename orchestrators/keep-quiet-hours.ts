/**
 * Sees to it that a tenant's quiet hours begin and end on time: each time everybody is decided about anew. There is one only where
 * there are quiet hours; it ends by itself when there are none any more, or the tenant is served no more.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  keepQuietHoursName,
  keepQuietHoursSchema,
  lookAtQuietHours,
  reconsiderUsers,
  rulesChangedEvent,
} from '../contracts/sync-rules.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, waitUntilOr, type Dependencies, type Step } from './steps.ts';

export function registerKeepQuietHours({ telemetry }: Dependencies): void {
  app.orchestration(keepQuietHoursName, (context) => keepQuietHours(context, telemetry));
}

function* keepQuietHours(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const input = keepQuietHoursSchema.parse(context.df.getInput());
  const { tenantId, after = context.df.currentUtcDateTime.toISOString() } = input;
  const look = yield* insist(context, lookAtQuietHours, { tenantId, after }, telemetry);
  if (look.kind === 'ended') return;
  yield* waitUntilOr(context, look.at, rulesChangedEvent);
  const now = context.df.currentUtcDateTime.toISOString();
  if (Date.parse(now) < Date.parse(look.at)) {
    // The rules have changed.
    context.df.continueAsNew({ tenantId });
    return;
  }
  let from: string | undefined = '';
  while (from !== undefined) {
    const told: { next?: string | undefined } = yield* insist(
      context,
      reconsiderUsers,
      { tenantId, after: from, at: now },
      telemetry,
    );
    from = told.next;
  }
  // What turned while people were told is not passed by.
  context.df.continueAsNew({ tenantId, after: now });
}
