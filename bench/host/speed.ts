/** Measures one scenario and its two floors in turn, so that other load on the machine meets all three. */
import { openBenchHost } from './bench-host.ts';
import { timed } from './figures.ts';
import type { Scenario } from './scenarios.ts';
import { loadSdkFloor } from './sdk-floor.ts';
import { recordWrites, replayWrites } from './sqlite-floor.ts';

/** ms that one run of the scenario took. */
export interface Round {
  readonly host: number;
  readonly sdk: number;
  readonly sqlite: number;
}

const warmUps = 2;

export async function measureSpeed(scenario: Scenario, rounds: number): Promise<Round[]> {
  const bench = await openBenchHost();
  const floor = await loadSdkFloor();
  for (let warmUp = 0; warmUp < warmUps; warmUp++) {
    await scenario.host(bench);
    await scenario.sdk(floor);
  }
  const writes = await recordWrites(() => scenario.host(bench));
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const host = await timed(() => scenario.host(bench));
    const sdk = await timed(() => scenario.sdk(floor));
    measured.push({ host, sdk, sqlite: replayWrites(writes) });
  }
  await bench.close();
  return measured;
}
