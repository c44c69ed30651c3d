/** A host in this process with the app of these benchmarks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../../local/clock/real-clock.ts';
import { installDate, VirtualClock } from '../../local/clock/virtual-clock.ts';
import { Work } from '../../local/clock/work.ts';
import type { DurableClient } from '../../local/host/durable/client.ts';
import { startHost } from '../../local/host/host.ts';
import type { Host } from '../../local/host/host.ts';
import { projectDir } from '../../local/stack/project.ts';

export const appDir = join(projectDir(), 'bench/host/app');

export interface BenchHost<Time> {
  readonly host: Host;
  readonly client: DurableClient;
  readonly clock: Time;
  /** Starts an orchestration under a new id. */
  start(name: string, input: unknown): Promise<string>;
  /** Resolves once nothing is in flight. */
  idle(): Promise<void>;
  /** Stops the host and removes its files. */
  close(): Promise<void>;
}

export function openBenchHost(): Promise<BenchHost<RealClock>> {
  return open(new Work(), new RealClock());
}

/** With a clock that stands still until it is advanced. */
export function openVirtualBenchHost(): Promise<BenchHost<VirtualClock>> {
  const work = new Work();
  const clock = new VirtualClock(work, new Date('2026-01-01T00:00:00Z'));
  installDate(clock);
  return open(work, clock);
}

async function open<Time extends RealClock | VirtualClock>(
  work: Work,
  clock: Time,
): Promise<BenchHost<Time>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'host-bench-'));
  const host = await startHost({ appDir, port: 0, dataDir, clock, work });
  return {
    host,
    client: host.client,
    clock,
    start: async (name, input) => {
      const answer = await host.client.start({ name, input: JSON.stringify(input) });
      if (!answer.ok) throw new Error(`'${name}' did not start: ${JSON.stringify(answer.refusal)}`);
      return answer.value;
    },
    idle: () => work.whenIdle(),
    close: async () => {
      await host.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
