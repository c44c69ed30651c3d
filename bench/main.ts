/** `npm run bench`: what a presence change costs, and how fast notifications are taken in. Ratios within one run. */
import { benchTriggerThroughput } from './trigger-throughput.ts';
import { benchVendorCalls } from './vendor-calls.ts';

await benchVendorCalls('rich');
await benchVendorCalls('basic');
await benchTriggerThroughput();
