/** Has a copy of all that is kept about a customer made now; see `exportCopy`. One that is being made is enough. */
import type { InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { exportId } from '../contracts/identities.ts';
import { exportCopyName } from '../contracts/offer-export.ts';
import { canBeCopied } from '../domain/customer-status.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, underWay, type CustomerDoor } from './customer-door.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

export function registerAskForExport(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'askForExport',
    { method: 'POST', route: 'subscription/export' },
    (tenantId, context) => ask(dependencies, tenantId, context),
  );
}

async function ask(
  { store, clock }: Dependencies,
  tenantId: string,
  context: InvocationContext,
): Promise<Answer> {
  const subscription = await store.subscriptions.find(tenantId);
  const deletions = await store.dueDeletions.of(tenantId);
  if (!canBeCopied(subscription?.state ?? 'forgotten', deletions, clock())) {
    return problem(409, 'There is nothing to copy any more: it is erased, or is being erased.');
  }
  await startUnlessUnderWay(getClient(context), {
    name: exportCopyName,
    instanceId: exportId(tenantId),
    input: { tenantId },
  });
  return underWay('export');
}
