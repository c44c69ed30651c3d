/**
 * `npm run bench`: what a presence change costs, how fast notifications are taken in, the store, what tokens cost and bear, and
 * a thousand cancellations at once. `npm run bench -- cancellations [how many]` is the last alone.
 */
import { benchCancellations } from './cancellations.ts';
import { benchStore } from './store.ts';
import { benchRefreshesUnderFaults, benchVaultCalls } from './token-store.ts';
import { benchTriggerThroughput } from './trigger-throughput.ts';
import { benchVendorCalls } from './vendor-calls.ts';

const [only, tenants = '1000'] = process.argv.slice(2);
if (only !== 'cancellations') {
  await benchVendorCalls('rich');
  await benchVendorCalls('basic');
  await benchTriggerThroughput();
  await benchStore();
  await benchVaultCalls();
  await benchRefreshesUnderFaults();
}
await benchCancellations(Number(tenants));
