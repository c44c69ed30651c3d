/** Has all subscriptions compared with the marketplace's list once a day; see `reconcileSubscriptions`. */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { startUnlessDone } from '../clients/orchestrations.ts';
import { reconciliationId } from '../contracts/identities.ts';
import { reconcileSubscriptionsName } from '../contracts/marketplace.ts';

interface Dependencies {
  clock: () => Date;
}

/** Second, minute, hour: at 03:20 UTC. */
const daily = '0 20 3 * * *';

export function registerReconcileDaily({ clock }: Dependencies): void {
  functions.timer('reconcileDaily', {
    schedule: daily,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const day = clock().toISOString().slice(0, '2026-03-02'.length);
      await startUnlessDone(getClient(context), {
        name: reconcileSubscriptionsName,
        instanceId: reconciliationId(day),
        input: {},
      });
    },
  });
}
