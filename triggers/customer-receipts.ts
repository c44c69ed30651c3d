/** Gives a customer the receipts of their erasures: also when nothing else is known of them any more. */
import type { CustomerCodes } from '../clients/customer-codes.ts';
import type { Receipt } from '../domain/erasure-receipt.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';

interface Dependencies extends CustomerDoor {
  codes: Pick<CustomerCodes, 'read' | 'claimHash'>;
  ledger: { ofClaim(claimHash: string): Promise<Receipt[]> };
}

export function registerCustomerReceipts(dependencies: Dependencies): void {
  const { codes, ledger } = dependencies;
  const route = { method: 'GET', route: 'subscription/receipts' } as const;
  registerCustomerDoor(dependencies, 'customerReceipts', route, async (tenantId) => ({
    jsonBody: { receipts: await ledger.ofClaim(codes.claimHash(tenantId)) },
  }));
}
