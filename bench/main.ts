/**
 * `npm run bench`: all of it, which takes hours; `npm run bench -- NAME [how many …]` one of them (bench/README.md). What a presence
 * change costs, a recorded day beside what people use today, a storm, the store, what tokens cost and bear, and a thousand
 * cancellations at once.
 */
import { benchCancellations } from './cancellations.ts';
import { benchCost } from './cost.ts';
import { benchDay } from './day/day.ts';
import { benchHops } from './hops.ts';
import { benchStore } from './store.ts';
import { benchStorm } from './storm.ts';
import { benchRefreshesUnderFaults, benchVaultCalls } from './token-store.ts';
import { benchTriggerThroughput } from './trigger-throughput.ts';
import { benchVendorCalls } from './vendor-calls.ts';

const [only, ...given] = process.argv.slice(2);
const number = (index: number, otherwise: number): number => Number(given[index] ?? otherwise);

const benches: Record<string, () => Promise<void>> = {
  changes: async () => {
    await benchVendorCalls('rich');
    await benchVendorCalls('basic');
  },
  triggers: benchTriggerThroughput,
  store: benchStore,
  tokens: async () => {
    await benchVaultCalls();
    await benchRefreshesUnderFaults();
  },
  day: () => benchDay(number(0, 200), number(1, 6), number(2, 24)),
  storm: () => benchStorm(number(0, 500), number(1, 6)),
  hops: benchHops,
  cost: () => benchCost(given.length > 0 ? given.map(Number) : [100, 1000, 10_000]),
  cancellations: () => benchCancellations(number(0, 1000)),
};

const chosen = only === undefined ? Object.values(benches) : [benches[only]];
for (const bench of chosen) {
  if (bench === undefined) {
    console.error(`There is no bench ${only}; there are ${Object.keys(benches).join(', ')}.`);
    process.exitCode = 2;
  } else await bench();
}
