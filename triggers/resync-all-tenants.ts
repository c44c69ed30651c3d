/**
 * Reads everybody's presence anew each night and whenever the app starts: RingCentral does not repeat an event that came
 * while nobody listened. Also opens outboxes whose delivery was lost.
 */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import {
  EntityId,
  OrchestrationRuntimeStatus,
  getClient,
  input,
  type DurableClient,
} from 'durable-functions';
import { entityNames, outboxKey, resyncId } from '../contracts/identities.ts';
import { resyncPresenceName } from '../contracts/resync-presence.ts';
import { sideSchema, type Side } from '../domain/presence.ts';
import { tenantSchema } from '../domain/tenant.ts';
import type { Store } from '../store/store.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

/** Second, minute, hour: at 02:40 UTC, when few people call. */
const nightly = '0 40 2 * * *';

export function registerResyncAllTenants({ store, clock }: Dependencies): void {
  functions.timer('resyncAllTenants', {
    schedule: nightly,
    runOnStartup: true,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const client = getClient(context);
      const at = clock().toISOString();
      for (const tenantId of await store.tenants.ids()) {
        for (const side of await sidesConnected(client, tenantId)) {
          const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
          await client.signalEntity(outbox, 'resume', { at });
          await startResync(client, tenantId, side);
        }
      }
    },
  });
}

/** A side whose grant is gone is left alone until the customer reconnects, which leads to a resync of its own. */
async function sidesConnected(client: DurableClient, tenantId: string): Promise<Side[]> {
  const { entityState } = await client.readEntityState<unknown>(new EntityId(entityNames.tenant, tenantId));
  const tenant = tenantSchema.safeParse(entityState);
  if (!tenant.success) return [];
  return sideSchema.options.filter((side) => tenant.data.connections[side].health !== 'reconnectRequired');
}

const underWay = new Set([OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending]);

/** One resync per side at a time: where one is under way, it does. */
async function startResync(client: DurableClient, tenantId: string, side: Side): Promise<void> {
  const instanceId = resyncId(tenantId, side);
  const status = await client.getStatus(instanceId).catch(() => undefined);
  if (status !== undefined && underWay.has(status.runtimeStatus)) return;
  await client.startNew(resyncPresenceName, { instanceId, input: { tenantId, side } });
}
