/** `node measure.js SCENARIO ROUNDS`: measures one scenario in a process of its own and prints the rounds as JSON. */
import { openBenchHost } from './bench-host.ts';
import { scenarios } from './scenarios.ts';
import { loadSdkFloor } from './sdk-floor.ts';
import { recordWrites, replayWrites } from './sqlite-floor.ts';

/** ms that one run of the scenario took. */
interface Round {
  readonly host: number;
  readonly sdk: number;
  readonly sqlite: number;
}

const [name = '', rounds = '5'] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) throw new Error(`There is no scenario '${name}': ${Object.keys(scenarios).join(', ')}.`);

const bench = await openBenchHost();
const floor = await loadSdkFloor();
await scenario.host(bench);
await scenario.sdk(floor);
const writes = await recordWrites(() => scenario.host(bench));
const measured: Round[] = [];
for (let round = 0; round < Number(rounds); round++) {
  measured.push({
    host: await timed(() => scenario.host(bench)),
    sdk: await timed(() => scenario.sdk(floor)),
    sqlite: replayWrites(writes),
  });
}
await bench.close();
process.stdout.write(JSON.stringify(measured));

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
