/** Issues the receipt of an erasure. Called by `eraseTenantData` once nothing is left. */
import type { CustomerCodes } from '../clients/customer-codes.ts';
import type { ReceiptSeal } from '../clients/receipts.ts';
import type { issueReceipt } from '../contracts/erase-tenant-data.ts';
import type { ReceiptLedger } from '../store/receipt-ledger.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  ledger: Pick<ReceiptLedger, 'issue'>;
  seal: Pick<ReceiptSeal, 'erasureIdOf'>;
  codes: Pick<CustomerCodes, 'claimHash'>;
}

export function makeIssueReceipt({ ledger, seal, codes }: Dependencies): Effect<typeof issueReceipt> {
  return async ({ tenantId, ...said }) => {
    const { body } = await ledger.issue({
      version: 1,
      erasureId: seal.erasureIdOf(tenantId, { category: said.category, dueAt: new Date(said.dueAt) }),
      ...said,
      leftOver: 0,
      claimHash: codes.claimHash(tenantId),
    });
    return { sequence: body.sequence };
  };
}
