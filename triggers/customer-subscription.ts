/** Tells a customer where their subscription stands, what they can do next, and what of them is erased when. */
import { copyEnds, nextStep } from '../domain/customer-status.ts';
import { companyCopyFile, type ExportFiles } from '../store/export-files.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answers.ts';
import { customerPaths, registerCustomerDoor, type CustomerDoor } from './customer-door.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  exportFiles: Pick<ExportFiles, 'keptUntil'>;
}

export function registerCustomerSubscription(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'customerSubscription',
    { method: 'GET', route: 'subscription' },
    (tenantId) => tell(dependencies, tenantId),
  );
}

async function tell({ store, exportFiles }: Dependencies, tenantId: string): Promise<Answer> {
  const receipts = customerPaths.receipts;
  const subscription = await store.subscriptions.find(tenantId);
  if (subscription === undefined) {
    const state = 'forgotten';
    return {
      jsonBody: { state, nextStep: nextStep({ state, isConnected: false, deletions: [] }), receipts },
    };
  }
  const { state, planId, quantity, changedAt } = subscription;
  const deletions = await store.dueDeletions.of(tenantId);
  const licence = await store.licences.find(tenantId);
  const isConnected = (await store.tenants.find(tenantId)) !== undefined;
  const keptUntil = await exportFiles.keptUntil(tenantId, companyCopyFile(tenantId));
  return {
    jsonBody: {
      state,
      planId: planId === '' ? null : planId,
      quantity,
      seatsAssigned: licence?.assigned ?? 0,
      since: changedAt.toISOString(),
      nextStep: nextStep({ state, isConnected, deletions }),
      deletions: deletions.map(({ dueAt, ...deletion }) => ({ ...deletion, dueAt: dueAt.toISOString() })),
      export: {
        available: keptUntil !== undefined,
        expiresAt: keptUntil === undefined ? null : copyEnds(keptUntil, deletions).toISOString(),
      },
      receipts,
    },
  };
}
