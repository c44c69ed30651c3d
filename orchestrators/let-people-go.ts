/**
 * Lets go of people who have left a tenant: waits until the vendors have taken back what was held for them, for each an hour at
 * most, and has them forgotten; what names them goes after the last write for them. Started by `applyDirectory`, one for each
 * tenant, and woken when more have left.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import { departuresEvent, letGo, letPeopleGoName, letPeopleGoSchema } from '../contracts/sync-directory.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, secondsFromNow, waitUntilOr, type Dependencies, type Step } from './steps.ts';

const firstPauseSeconds = 2;
const longestPauseSeconds = 300;
const looksPerGeneration = 20;

export function registerLetPeopleGo({ telemetry }: Dependencies): void {
  app.orchestration(letPeopleGoName, (context) => letPeopleGo(context, telemetry));
}

function* letPeopleGo(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId, progress } = letPeopleGoSchema.parse(context.df.getInput());
  let pauseSeconds = progress?.pauseSeconds ?? firstPauseSeconds;
  for (let look = 0; look < looksPerGeneration; look++) {
    const { left } = yield* insist(context, letGo, { tenantId }, telemetry);
    if (left === 0) return;
    const until = secondsFromNow(context, pauseSeconds);
    yield* waitUntilOr(context, until.toISOString(), departuresEvent);
    const isWoken = context.df.currentUtcDateTime < until;
    pauseSeconds = isWoken ? firstPauseSeconds : Math.min(2 * pauseSeconds, longestPauseSeconds);
  }
  context.df.continueAsNew({ tenantId, progress: { pauseSeconds } });
}
