/** `npm run bench`: what a presence change costs, how fast notifications are taken in, what tokens cost and bear. Ratios within one run. */
import { benchRefreshesUnderFaults, benchVaultCalls } from './token-store.ts';
import { benchTriggerThroughput } from './trigger-throughput.ts';
import { benchVendorCalls } from './vendor-calls.ts';

await benchVendorCalls('rich');
await benchVendorCalls('basic');
await benchTriggerThroughput();
await benchVaultCalls();
await benchRefreshesUnderFaults();
