/** Has every tenant tended each night and whenever the app starts; see `tendTenant`. */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { tendingId } from '../contracts/identities.ts';
import { tendTenantName } from '../contracts/tend-tenant.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { Store } from '../store/store.ts';

interface Dependencies {
  store: Store;
  telemetry: Telemetry;
  clock: () => Date;
}

/** Second, minute, hour: at 02:40 UTC, when few people call. */
const nightly = '0 40 2 * * *';

export function registerTendAllTenants({ store, telemetry, clock }: Dependencies): void {
  functions.timer('tendAllTenants', {
    schedule: nightly,
    runOnStartup: true,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const client = getClient(context);
      const at = clock().toISOString();
      for (const tenantId of await store.tenants.ids()) {
        try {
          const input = { tenantId, directory: true };
          await client.startNew(tendTenantName, { instanceId: tendingId(tenantId, at), input });
        } catch (error) {
          // The others are tended all the same.
          telemetry.record('tenantNotTended', { kind: errorKind(error) }, { tenantId });
        }
      }
    },
  });
}
