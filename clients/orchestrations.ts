/** Starting orchestrations where the same may be asked for twice, and knowing whether they run. */
import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import type { Start } from '../contracts/durable.ts';

type IsEnough = (status: OrchestrationRuntimeStatus) => boolean;

const underWay: ReadonlySet<OrchestrationRuntimeStatus> = new Set([
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.ContinuedAsNew,
  OrchestrationRuntimeStatus.Suspended,
]);
const isAlive: IsEnough = (status) => underWay.has(status);

/** Whether the instance runs, or is about to. */
export function isUnderWay(client: DurableClient, instanceId: string): Promise<boolean> {
  return stands(client, instanceId, isAlive);
}

/** Starts it, and is content when it was started before, however that ended. Rejects where it cannot be had. */
export function startUnlessStarted(client: DurableClient, start: Start): Promise<void> {
  return startOrFind(client, start, () => true);
}

/** Starts it unless it runs: for the first time, or once more after it has ended. Rejects where it cannot be had. */
export function startUnlessUnderWay(client: DurableClient, start: Start): Promise<void> {
  return startUnless(client, start, isAlive);
}

/** Starts it unless it runs or has ended well. Rejects where it cannot be had. */
export function startUnlessDone(client: DurableClient, start: Start): Promise<void> {
  return startUnless(
    client,
    start,
    (status) => isAlive(status) || status === OrchestrationRuntimeStatus.Completed,
  );
}

async function startUnless(client: DurableClient, start: Start, isEnough: IsEnough): Promise<void> {
  if (!(await stands(client, start.instanceId, isEnough))) await startOrFind(client, start, isEnough);
}

/** Somebody else may start it at the same moment, or have started it before: then it is refused, and all is well. */
async function startOrFind(
  client: DurableClient,
  { name, instanceId, input }: Start,
  isEnough: IsEnough,
): Promise<void> {
  try {
    await client.startNew(name, { instanceId, input });
  } catch (error) {
    if (!(await stands(client, instanceId, isEnough))) throw error;
  }
}

async function stands(client: DurableClient, instanceId: string, isEnough: IsEnough): Promise<boolean> {
  // The SDK throws for an instance that does not exist (HTTP 404).
  const status = await client.getStatus(instanceId).catch(() => undefined);
  return status !== undefined && isEnough(status.runtimeStatus);
}
