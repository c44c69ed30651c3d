/** Whether a step costs more when many instances have finished before. */
import { median, timed } from './figures.ts';
import { openBenchHost } from './bench-host.ts';
import type { BenchHost } from './bench-host.ts';

const few = 100;
const many = 10_000;
const steps = 100;
const runs = 9;

/** ms per step of a chain, with few and with many finished instances in the hub. */
export async function measureGrowth(): Promise<{ few: number; many: number }> {
  const bench = await openBenchHost();
  for (let warmUp = 0; warmUp < 10; warmUp++) await chain(bench);
  await finish(bench, few);
  const withFew = await perStep(bench);
  await finish(bench, many - few);
  const withMany = await perStep(bench);
  await bench.close();
  return { few: withFew, many: withMany };
}

async function perStep(bench: BenchHost<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await timed(() => chain(bench)));
  return median(times) / steps;
}

async function chain(bench: BenchHost<unknown>): Promise<void> {
  await bench.start('chain', steps);
  await bench.idle();
}

async function finish(bench: BenchHost<unknown>, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => bench.start('chain', 1)));
  await bench.idle();
}
