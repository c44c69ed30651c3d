/**
 * Reads presence of one side of one tenant anew, page by page, after changes may have been missed or where a notification
 * only said who changed. Waits where the vendor or our own store asks for time.
 */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import { entityNames } from '../contracts/identities.ts';
import {
  observeRingCentralPresence,
  observeTeamsPresence,
  resyncPresenceName,
  resyncPresenceSchema,
  type ReadOutcome,
} from '../contracts/resync-presence.ts';
import { secondsFromNow, tryCall, type Step } from './steps.ts';

const readsPerGeneration = 20;
const troubleSeconds = 60;

export function registerResyncPresence(): void {
  app.orchestration(resyncPresenceName, resyncPresence);
}

type Resync = z.infer<typeof resyncPresenceSchema>;

function* resyncPresence(context: OrchestrationContext): Step<void> {
  const input = resyncPresenceSchema.parse(context.df.getInput());
  let page = input.page;
  for (let read = 0; read < readsPerGeneration; read++) {
    const outcome = yield* readPage(context, { ...input, page });
    switch (outcome.kind) {
      case 'read':
        if (outcome.next === undefined) return;
        page = outcome.next;
        break;
      case 'wait':
        yield context.df.createTimer(secondsFromNow(context, outcome.seconds));
        break;
      case 'gaveUp':
        return;
      case 'reconnectRequired':
        reportRevokedConsent(context, input, outcome.code);
        return;
    }
  }
  context.df.continueAsNew({ ...input, page });
}

function* readPage(context: OrchestrationContext, { side, ...what }: Resync): Step<ReadOutcome> {
  const { tenantId, page } = what;
  const reading = context.df.instanceId;
  const outcome =
    side === 'teams'
      ? yield* tryCall(context, observeTeamsPresence, { ...what, reading })
      : yield* tryCall(context, observeRingCentralPresence, { tenantId, page, reading });
  return outcome ?? { kind: 'wait', seconds: troubleSeconds };
}

function reportRevokedConsent(context: OrchestrationContext, { tenantId, side }: Resync, code: string): void {
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'noteConnection', {
    side,
    health: 'reconnectRequired',
    code,
    at: context.df.currentUtcDateTime.toISOString(),
  });
}
