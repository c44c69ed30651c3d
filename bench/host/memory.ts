/** Whether memory stays flat over many orchestrations. Needs `node --expose-gc`. */
import { openBenchHost } from './bench-host.ts';

const batch = 1000;
const marks: readonly number[] = [10_000, 50_000, 100_000];

/** MB of heap in use after a collection, at each mark. */
export async function measureMemory(): Promise<{ orchestrations: number; heapMb: number }[]> {
  const bench = await openBenchHost();
  const measured: { orchestrations: number; heapMb: number }[] = [];
  for (let done = batch; done <= 100_000; done += batch) {
    await Promise.all(Array.from({ length: batch }, () => bench.start('chain', 3)));
    await bench.idle();
    if (marks.includes(done)) measured.push({ orchestrations: done, heapMb: heapInUse() });
  }
  await bench.close();
  return measured;
}

function heapInUse(): number {
  if (!globalThis.gc) throw new Error('Run this with --expose-gc.');
  globalThis.gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
