/** Reads presence of one side of one tenant anew. Started after a restart, nightly, and by basic notifications. */
import { app, type OrchestrationContext } from 'durable-functions';
import { resyncPresenceName, resyncPresenceSchema } from '../contracts/resync-presence.ts';
import { resync } from './resync.ts';
import type { Step } from './steps.ts';

export function registerResyncPresence(): void {
  app.orchestration(resyncPresenceName, resyncPresence);
}

function* resyncPresence(context: OrchestrationContext): Step<void> {
  yield* resync(context, resyncPresenceSchema.parse(context.df.getInput()));
}
