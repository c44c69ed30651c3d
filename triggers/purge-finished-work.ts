/** Removes the histories of finished orchestrations, which hold ids of people: hourly, failed ones after a day. */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { OrchestrationRuntimeStatus, getClient, input } from 'durable-functions';
import { finishedHistoryHours } from '../domain/data-map/retention.ts';
import type { Telemetry } from '../domain/telemetry.ts';

interface Dependencies {
  telemetry: Telemetry;
  clock: () => Date;
}

const hourly = '0 10 * * * *';
const hourMs = 3_600_000;
const keptForHours = [
  ['Completed', finishedHistoryHours.completed],
  ['Failed', finishedHistoryHours.failed],
  ['Terminated', finishedHistoryHours.terminated],
] as const;
const beginning = new Date(0);

export function registerPurgeFinishedWork({ clock, telemetry }: Dependencies): void {
  functions.timer('purgeFinishedWork', {
    schedule: hourly,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const client = getClient(context);
      for (const [status, hours] of keptForHours) {
        const { instancesDeleted } = await client.purgeInstanceHistoryBy({
          createdTimeFrom: beginning,
          createdTimeTo: new Date(clock().getTime() - hours * hourMs),
          runtimeStatus: [OrchestrationRuntimeStatus[status]],
        });
        if (instancesDeleted > 0) telemetry.record('instancesPurged', { status, count: instancesDeleted });
      }
    },
  });
}
