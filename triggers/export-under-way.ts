/** Whether a copy is being made for a customer just now. Used by the doors to exports. */
import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import { exportId } from '../contracts/identities.ts';

const underWay = new Set([OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running]);

export async function isExportUnderWay(client: DurableClient, tenantId: string): Promise<boolean> {
  // The SDK throws for an instance that does not exist (HTTP 404).
  const status = await client.getStatus(exportId(tenantId)).catch(() => undefined);
  return status !== undefined && underWay.has(status.runtimeStatus);
}
