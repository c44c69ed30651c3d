/**
 * Lets go of people who have left a tenant: waits until the vendors have taken back what was held for them, an hour at most,
 * and has them forgotten; what names them goes after the last write for them. Started by `applyDirectory`, one for each tenant.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import { letGo, letPeopleGoName, letPeopleGoSchema } from '../contracts/sync-directory.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, secondsFromNow, type Dependencies, type Step } from './steps.ts';

const patienceSeconds = 3600;
const firstPauseSeconds = 2;
const longestPauseSeconds = 300;
const looksPerGeneration = 20;

export function registerLetPeopleGo({ telemetry }: Dependencies): void {
  app.orchestration(letPeopleGoName, (context) => letPeopleGo(context, telemetry));
}

function* letPeopleGo(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId, progress } = letPeopleGoSchema.parse(context.df.getInput());
  const until = progress?.until ?? secondsFromNow(context, patienceSeconds).toISOString();
  let pauseSeconds = progress?.pauseSeconds ?? firstPauseSeconds;
  for (let look = 0; look < looksPerGeneration; look++) {
    const atOnce = context.df.currentUtcDateTime.toISOString() >= until;
    const { left } = yield* insist(context, letGo, { tenantId, atOnce }, telemetry);
    if (left === 0) return;
    yield context.df.createTimer(secondsFromNow(context, pauseSeconds));
    pauseSeconds = Math.min(2 * pauseSeconds, longestPauseSeconds);
  }
  context.df.continueAsNew({ tenantId, progress: { until, pauseSeconds } });
}
