/** Removes the histories of finished orchestrations, which hold ids of people: hourly, failed ones after a day. */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { OrchestrationRuntimeStatus, getClient, input } from 'durable-functions';
import { finishedHistoryHours } from '../domain/data-map/retention.ts';

interface Dependencies {
  clock: () => Date;
}

const hourly = '0 10 * * * *';
const hourMs = 3_600_000;
const keptForHours: [OrchestrationRuntimeStatus, number][] = [
  [OrchestrationRuntimeStatus.Completed, finishedHistoryHours.completed],
  [OrchestrationRuntimeStatus.Failed, finishedHistoryHours.failed],
  [OrchestrationRuntimeStatus.Terminated, finishedHistoryHours.terminated],
];
const beginning = new Date(0);

export function registerPurgeFinishedWork({ clock }: Dependencies): void {
  functions.timer('purgeFinishedWork', {
    schedule: hourly,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const client = getClient(context);
      for (const [status, hours] of keptForHours) {
        const { instancesDeleted } = await client.purgeInstanceHistoryBy({
          createdTimeFrom: beginning,
          createdTimeTo: new Date(clock().getTime() - hours * hourMs),
          runtimeStatus: [status],
        });
        if (instancesDeleted > 0) context.log(`Purged ${instancesDeleted} ${status} orchestration(s).`);
      }
    },
  });
}
