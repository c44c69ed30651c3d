/**
 * Reads presence of one side of one tenant anew, page by page, after changes may have been missed or where a notification
 * only said who changed, or none came where one should have. Waits where the vendor or our own store asks for time.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import {
  observeRingCentralPresence,
  observeTeamsPresence,
  resyncPresenceName,
  resyncPresenceSchema,
  type ReadOutcome,
} from '../contracts/resync-presence.ts';
import { vendorCode } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { noteConnection } from './note-connection.ts';
import { live, secondsFromNow, tryCall, type Dependencies, type Step } from './steps.ts';

const readsPerGeneration = 20;
const troubleSeconds = 60;

export function registerResyncPresence({ telemetry }: Dependencies): void {
  app.orchestration(resyncPresenceName, (context) => resyncPresence(context, telemetry));
}

type Resync = z.infer<typeof resyncPresenceSchema>;

function* resyncPresence(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const input = resyncPresenceSchema.parse(context.df.getInput());
  const { notBefore } = input;
  if (notBefore !== undefined && context.df.currentUtcDateTime < new Date(notBefore))
    yield context.df.createTimer(new Date(notBefore));
  let { page, after } = input;
  for (let read = 0; read < readsPerGeneration; read++) {
    const outcome = yield* readPage(context, { ...input, page, after }, telemetry);
    switch (outcome.kind) {
      case 'read':
        if (outcome.next === undefined) return;
        page = outcome.next;
        after = outcome.after ?? '';
        if (outcome.pauseSeconds !== undefined)
          yield context.df.createTimer(secondsFromNow(context, outcome.pauseSeconds));
        break;
      case 'overtaken':
        return;
      case 'wait':
        yield context.df.createTimer(secondsFromNow(context, outcome.seconds));
        break;
      case 'gaveUp':
        reportGivenUp(context, { ...input, code: outcome.code }, telemetry);
        return;
      case 'reconnectRequired':
        noteConnection(context, input.tenantId, {
          side: input.side,
          health: 'reconnectRequired',
          code: outcome.code,
        });
        return;
    }
  }
  context.df.continueAsNew({ ...input, page, after });
}

function* readPage(
  context: OrchestrationContext,
  { side, ...what }: Resync,
  telemetry: Telemetry,
): Step<ReadOutcome> {
  const { tenantId, page, asked } = what;
  const reading = context.df.instanceId;
  const outcome =
    side === 'teams'
      ? yield* tryCall(context, observeTeamsPresence, { input: { ...what, reading }, telemetry })
      : yield* tryCall(context, observeRingCentralPresence, {
          input: { tenantId, page, reading, ...(asked !== undefined && { asked }) },
          telemetry,
        });
  return outcome ?? { kind: 'wait', seconds: troubleSeconds };
}

function reportGivenUp(
  context: OrchestrationContext,
  { tenantId, side, code }: Resync & { code: string },
  telemetry: Telemetry,
): void {
  live(context, telemetry).record('readGivenUp', { side, code: vendorCode(code) }, { tenantId });
}
