/** Gives a customer an address from which the newest copy of their data can be fetched for some minutes. */
import type { InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { isUnderWay } from '../clients/orchestrations.ts';
import { exportId } from '../contracts/identities.ts';
import { copyEnds } from '../domain/customer-status.ts';
import { isFailure } from '../domain/vendor-error.ts';
import { companyCopyFile, type ExportFiles } from '../store/export-files.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  exportFiles: Pick<ExportFiles, 'keptUntil' | 'link'>;
}

export function registerCustomerExport(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'customerExport',
    { method: 'GET', route: 'subscription/export' },
    (tenantId, context) => give(dependencies, tenantId, context),
  );
}

/** The link is answered and not redirected to, so that nobody's client sends the code along to the storage. */
async function give(
  { store, exportFiles }: Dependencies,
  tenantId: string,
  context: InvocationContext,
): Promise<Answer> {
  const file = companyCopyFile(tenantId);
  const keptUntil = await exportFiles.keptUntil(tenantId, file);
  if (keptUntil === undefined) return noCopy(await isUnderWay(getClient(context), exportId(tenantId)));
  try {
    const link = await exportFiles.link(tenantId, file);
    const expiresAt = copyEnds(keptUntil, await store.dueDeletions.of(tenantId)).toISOString();
    return { jsonBody: { link, expiresAt } };
  } catch (error) {
    // It has just gone.
    if (isFailure(error, 'notFound')) return noCopy(false);
    throw error;
  }
}

function noCopy(isUnderWay: boolean): Answer {
  if (!isUnderWay) return problem(404, 'There is no copy. Ask for one with POST.');
  const refused = problem(404, 'The copy is being made.');
  return { ...refused, headers: { ...refused.headers, 'retry-after': '5' } };
}
