/**
 * Begins what a worker has stored and not lived to begin: each hour, and whenever the app starts. Costs nothing but a look
 * where there is nothing of the kind.
 */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { activationId } from '../contracts/identities.ts';
import { activateSubscriptionName } from '../contracts/marketplace.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { Store } from '../store/store.ts';
import { startAgain } from './starts.ts';

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
        const isStarted = await startAgain(client, {
          name: activateSubscriptionName,
          instanceId: activationId(tenantId),
          input: { tenantId },
        });
        if (!isStarted) telemetry.record('workNotBegun', {}, { tenantId });
      }
    },
  });
}
