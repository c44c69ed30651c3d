/** `npm run bench`: what a presence change costs, how fast notifications are taken in, the store, and what tokens cost and bear. */
import { benchStore } from './store.ts';
import { benchRefreshesUnderFaults, benchVaultCalls } from './token-store.ts';
import { benchTriggerThroughput } from './trigger-throughput.ts';
import { benchVendorCalls } from './vendor-calls.ts';

await benchVendorCalls('rich');
await benchVendorCalls('basic');
await benchTriggerThroughput();
await benchStore();
await benchVaultCalls();
await benchRefreshesUnderFaults();
