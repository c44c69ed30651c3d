/**
 * Begins what a worker has stored and not lived to begin: each hour, and whenever the app starts. Costs nothing but a look
 * where there is nothing of the kind.
 */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { activationOf } from '../contracts/marketplace.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { Store } from '../store/store.ts';

interface Dependencies {
  store: Store;
  telemetry: Telemetry;
}

/** Second, minute. */
const hourly = '0 25 * * * *';
/** More wait for the next hour. */
const atMost = 1000;

export function registerBeginUnbegunWork({ store, telemetry }: Dependencies): void {
  functions.timer('beginUnbegunWork', {
    schedule: hourly,
    runOnStartup: true,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const client = getClient(context);
      for (const tenantId of await store.subscriptions.unbegun(atMost)) {
        try {
          await startUnlessUnderWay(client, activationOf(tenantId));
        } catch (error) {
          // The others' is begun all the same.
          telemetry.record('workNotBegun', { kind: errorKind(error) }, { tenantId });
        }
      }
    },
  });
}
