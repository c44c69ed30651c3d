/**
 * `npm run bench:host`: how fast the host is, next to the bare SDK and to bare SQLite. Figures to look at, on a quiet
 * machine; nothing passes or fails. `-- chain-100 events` measures those alone, `-- memory` takes its time.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { median } from './host/figures.ts';
import { scenarios } from './host/scenarios.ts';
import type { Scenario } from './host/scenarios.ts';
import type { Round } from './host/speed.ts';

const rounds = 5;
const chosen = process.argv.slice(2);

function measure(name: string): unknown {
  const script = join(import.meta.dirname, 'host/measure.js');
  const args = ['--expose-gc', '--disable-warning=DEP0040', script, name, String(rounds)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as unknown;
}

function isChosen(name: string): boolean {
  return chosen.length === 0 ? name !== 'memory' : chosen.includes(name);
}

console.log(
  `${cpus()[0]?.model ?? 'Unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`,
);
console.log(`Task hub on disk, synchronous=NORMAL; medians of ${rounds} runs, each beside its floors\n`);
console.log('    goal/s    host/s  of SDK  of SQLite');
for (const [name, scenario] of Object.entries(scenarios)) {
  if (isChosen(name)) printSpeed(scenario, measure(name) as Round[]);
}
if (isChosen('growth')) {
  const { few, many } = measure('growth') as { few: number; many: number };
  const figures = `${few.toFixed(2)} ms with 100 finished instances, ${many.toFixed(2)} ms with 10,000`;
  console.log(`\nA step takes ${figures}: ${(many / few).toFixed(2)} times (goal: at most 1.2)`);
}
if (isChosen('daily-timers')) {
  const seconds = (measure('daily-timers') as number) / 1000;
  console.log(`90 virtual days of daily timers take ${seconds.toFixed(2)} s (goal: under 2)`);
}
if (isChosen('memory')) {
  for (const mark of measure('memory') as { orchestrations: number; heapMb: number }[]) {
    const { orchestrations, heapMb } = mark;
    console.log(`Heap after ${orchestrations} orchestrations: ${heapMb.toFixed(1)} MB (goal: flat)`);
  }
}

function printSpeed({ title, count, goal }: Scenario, measured: readonly Round[]): void {
  const perSecond = (1000 * count) / median(measured.map(({ host }) => host));
  const ofSdk = median(measured.map(({ host, sdk }) => sdk / host));
  const ofSqlite = median(measured.map(({ host, sqlite }) => sqlite / host));
  const goalText = goal === undefined ? '' : 'perSecond' in goal ? `${goal.perSecond}` : `${goal.ofSdk} SDK`;
  const columns = [goalText.padStart(10), perSecond.toFixed(0).padStart(9), ofSdk.toFixed(2).padStart(7)];
  console.log(`${columns.join(' ')} ${ofSqlite.toFixed(2).padStart(10)}  ${title}`);
}
