/** Has a customer's directories read now; see `syncDirectory`. Where they are being read, they are read once more after that. */
import type { InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { directorySyncOf } from '../contracts/sync-directory.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, underWay, type CustomerDoor } from './customer-door.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

export function registerAskForDirectorySync(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'askForDirectorySync',
    { method: 'POST', route: 'subscription/directory/sync' },
    (tenantId, context) => ask(dependencies, tenantId, context),
  );
}

async function ask(
  { store, clock }: Dependencies,
  tenantId: string,
  context: InvocationContext,
): Promise<Answer> {
  const subscription = await store.subscriptions.find(tenantId);
  const isConnected = (await store.tenants.find(tenantId)) !== undefined;
  if (subscription?.state !== 'active' || !isConnected) {
    return problem(409, 'The directories are read only while the subscription is active and connected.');
  }
  await store.directorySyncs.request(tenantId, clock());
  await startUnlessUnderWay(getClient(context), directorySyncOf(tenantId, 'asked'));
  return underWay('directory');
}
