/** `npm run bench`: what a presence change costs, how fast notifications are taken in, and the store. Ratios within one run. */
import { benchStore } from './store.ts';
import { benchTriggerThroughput } from './trigger-throughput.ts';
import { benchVendorCalls } from './vendor-calls.ts';

await benchVendorCalls('rich');
await benchVendorCalls('basic');
await benchTriggerThroughput();
await benchStore();
