/**
 * `npm run reapply-erasures`: after the database was restored to an earlier time, and before the app runs on it: whatever
 * was erased since then is due again. What was erased is known from the receipts among the blobs; whose it was, from the
 * codes of the tenants that the restored database holds.
 */
import { ManagedIdentityCredential } from '@azure/identity';
import { makeCustomerCodes } from './clients/customer-codes.ts';
import { makeReceiptSeal } from './clients/receipts.ts';
import { clock } from './clock.ts';
import { readErasureConfig } from './config.ts';
import { makeReceiptBlobs } from './store/receipt-blobs.ts';
import { reapplyErasures } from './store/reapply-erasures.ts';
import { openStore } from './store/store.ts';

const config = readErasureConfig();
const store = await openStore(config.database);
try {
  const storage = { ...config.exportStorage, credential: new ManagedIdentityCredential() };
  const outcome = await reapplyErasures({
    store,
    blobs: makeReceiptBlobs({ storage, clock }),
    proof: makeReceiptSeal(config.receiptSigningKey),
    codes: makeCustomerCodes(config.receiptSigningKey),
    now: clock(),
  });
  if ('broken' in outcome) {
    const { link, fault } = outcome.broken;
    process.stderr.write(
      `Nothing was done: receipt ${link} among the blobs is not as it was issued (${fault}).\n`,
    );
    process.exitCode = 1;
  } else {
    const { receipts, missing, due } = outcome;
    process.stdout.write(
      `${receipts} receipts, of which the database lacked ${missing}; ${due} erasures are due again.\n`,
    );
  }
} finally {
  await store.close();
}
