/** Starting an orchestration from outside, where the same may be asked for twice. */
import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';

interface Start {
  name: string;
  instanceId: string;
  input: unknown;
}

const { Completed, Failed, Terminated } = OrchestrationRuntimeStatus;
const broken: ReadonlySet<OrchestrationRuntimeStatus> = new Set([Failed, Terminated]);
const ended: ReadonlySet<OrchestrationRuntimeStatus> = new Set([Completed, Failed, Terminated]);

/** Starts it unless it runs or has ended well; false where that cannot be had now. */
export function startOnce(client: DurableClient, start: Start): Promise<boolean> {
  return startUnless(client, start, (status) => !broken.has(status));
}

/** Starts it unless it runs; false where that cannot be had now. */
export function startAgain(client: DurableClient, start: Start): Promise<boolean> {
  return startUnless(client, start, (status) => !ended.has(status));
}

async function startUnless(
  client: DurableClient,
  { name, instanceId, input }: Start,
  isEnough: (status: OrchestrationRuntimeStatus) => boolean,
): Promise<boolean> {
  const stands = async (): Promise<boolean> => {
    // The SDK throws for an instance that does not exist (HTTP 404).
    const status = await client.getStatus(instanceId).catch(() => undefined);
    return status !== undefined && isEnough(status.runtimeStatus);
  };
  if (await stands()) return true;
  try {
    await client.startNew(name, { instanceId, input });
    return true;
  } catch {
    // Somebody else may have started it just now.
    return stands();
  }
}
