/**
 * Item 10, by property: programs of activities, fan-outs, races, timers, retries, children, events, entity calls and new
 * generations do on the host what they mean, wherever the host is killed meanwhile.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Workflows } from '../workflow-driver.ts';
import type { StatusBody } from '../../support/host-process.ts';

type Leaf =
  | readonly ['echo', number]
  | readonly ['fail', string]
  | readonly ['retry', string, number]
  | readonly ['giveUp', string, number]
  | readonly ['sleep', number]
  | readonly ['sub', readonly Step[]];

type Step =
  | Leaf
  | readonly ['all', readonly Leaf[]]
  | readonly ['any', readonly Leaf[]]
  | readonly ['guid']
  | readonly ['event', string]
  | readonly ['add', number]
  | readonly ['throw', string]
  | readonly ['anew'];

/** What a program comes to: its results, or the text of its failure. */
type Meaning = { readonly results: unknown[] } | { readonly failure: string };

class Expected {
  #sum = 0;

  /** A straightforward reading of the program, without ids, histories or replays. */
  of(program: readonly Step[]): Meaning {
    const results: unknown[] = [];
    for (const step of program) {
      if (step[0] === 'throw') return { failure: `Orchestrator function 'program' failed: ${step[1]}` };
      if (step[0] !== 'anew') results.push(this.#resultOf(step));
    }
    return { results };
  }

  #resultOf(step: Exclude<Step, readonly ['anew'] | readonly ['throw', string]>): unknown {
    switch (step[0]) {
      case 'echo':
      case 'retry':
        return step[1];
      case 'fail':
      case 'giveUp':
        return { caught: `Activity function 'fail' failed:  ${step[1]}` };
      case 'sleep':
        return null;
      case 'guid':
        return true;
      case 'event':
        return `data of ${step[1]}`;
      case 'add':
        return (this.#sum += step[1]);
      case 'sub': {
        const meaning = new Expected().of(step[1]);
        return 'failure' in meaning ? { caught: meaning.failure } : meaning.results;
      }
      case 'all': {
        const results = step[1].map((leaf) => this.#resultOf(leaf));
        return (
          results.find((result) => typeof result === 'object' && result !== null && 'caught' in result) ??
          results
        );
      }
      case 'any':
        return winnerOf(step[1]);
    }
  }
}

/** Races are between timers: the shortest one wins. */
function winnerOf(leaves: readonly Leaf[]): number {
  const times = leaves.map((leaf) => Number(leaf[1]));
  return times.indexOf(Math.min(...times));
}

const word = fc.stringMatching(/^[a-z]{3,8}$/);
const few = fc.integer({ min: 1, max: 3 });
const minutes = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(60 * 24 * 5, 60 * 24 * 6, 60 * 24 * 20),
);

const flatLeaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.tuple(fc.constant('echo' as const), fc.nat(99)),
  fc.tuple(fc.constant('retry' as const), word, few),
  fc.tuple(fc.constant('sleep' as const), minutes),
);
/** Of several failures in one fan-out, any may come first: so there is at most one. */
const failure: fc.Arbitrary<Leaf> = fc.oneof(
  fc.tuple(fc.constant('fail' as const), word),
  fc.tuple(fc.constant('giveUp' as const), word, few),
);
const race = fc
  .uniqueArray(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 4 })
  .map((times) => ['any', times.map((time): Leaf => ['sleep', time])] as const);

function programOf(depth: number): fc.Arbitrary<Step[]> {
  const child: fc.Arbitrary<Leaf>[] =
    depth > 0 ? [fc.tuple(fc.constant('sub' as const), childProgram(depth - 1))] : [];
  const leaf = fc.oneof(flatLeaf, ...child);
  const fanOut = fc
    .tuple(
      fc.array(flatLeaf, { minLength: 1, maxLength: 5 }),
      fc.option(failure),
      fc.array(flatLeaf, { maxLength: 2 }),
    )
    .map(
      ([before, failing, after]) => ['all', [...before, ...(failing ? [failing] : []), ...after]] as const,
    );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: failure },
    { weight: 2, arbitrary: fanOut },
    { weight: 1, arbitrary: race },
    { weight: 1, arbitrary: fc.constant(['guid'] as const) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('add' as const), fc.nat(9)) },
    { weight: 1, arbitrary: fc.constant(['anew'] as const) },
  );
  return fc.array(step, { minLength: 1, maxLength: 6 });
}

function childProgram(depth: number): fc.Arbitrary<Step[]> {
  const thrown = fc.tuple(fc.constant('throw' as const), word);
  return fc
    .tuple(programOf(depth), fc.option(thrown, { freq: 3 }))
    .map(([program, last]) => (last ? [...program, last] : program));
}

/** Each program awaits one event, which is raised when it does. */
const topProgram = fc
  .tuple(programOf(2), programOf(1), word)
  .map(([before, after, name]): Step[] => [...before, ['event', name], ...after]);

interface Scenario {
  readonly programs: readonly (readonly Step[])[];
  readonly kills: readonly { readonly round: number; readonly midway: boolean }[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  programs: fc.array(topProgram, { minLength: 6, maxLength: 10 }),
  /** Before which rounds the host is killed, and whether in the midst of its work. */
  kills: fc.array(fc.record({ round: fc.nat(4), midway: fc.boolean() }), { maxLength: 2 }),
});

let dataDir: string;
let app: Workflows | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-random-'));
});

afterEach(async () => {
  await app?.host.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

async function startAt(dir: string, time: string): Promise<Workflows> {
  const args = ['--data', dir, '--clock', 'virtual', '--start', time, '--log-level', 'error'];
  app = await Workflows.start(args, { CALLS_FILE: `${dir}.txt` });
  return app;
}

/** Raises what is awaited; whether anything is still going on. */
async function nudge(running: Workflows, ids: readonly string[], raised: Set<string>): Promise<boolean> {
  let isBusy = false;
  for (const id of ids) {
    const { runtimeStatus, customStatus } = await running.status(id);
    isBusy ||= runtimeStatus === 'Running' || runtimeStatus === 'Pending';
    const at = (customStatus as { at?: Step } | null)?.at;
    if (at?.[0] !== 'event' || raised.has(id)) continue;
    raised.add(id);
    await running.client('raise', { id, event: at[1], data: `data of ${at[1]}` });
  }
  return isBusy;
}

async function play({ programs, kills }: Scenario, dir: string): Promise<StatusBody[]> {
  const ids = programs.map((_, index) => `program-${index}`);
  const raised = new Set<string>();
  let now = '2026-01-01T00:00:00Z';
  let running = await startAt(dir, now);
  await Promise.all(
    programs.map((program, index) =>
      running.client('start', { name: 'program', input: { program }, instanceId: ids[index] }),
    ),
  );
  for (let round = 0, isBusy = true; isBusy; round += 1) {
    expect(round).toBeLessThan(40);
    const kill = kills.find((one) => one.round === round);
    if (kill) {
      if (!kill.midway) await running.host.idle();
      await running.host.kill();
      running = await startAt(dir, now);
    }
    await running.host.idle();
    isBusy = await nudge(running, ids, raised);
    await running.host.idle();
    now = await running.host.advance(round < 3 ? 'PT2H' : 'P10D');
  }
  return Promise.all(ids.map((id) => running.status(id)));
}

test('10. Random programs do what they mean, wherever the host is killed', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      run += 1;
      const statuses = await play(given, join(dataDir, String(run)));
      await app?.host.kill();
      for (const [index, { runtimeStatus, output }] of statuses.entries()) {
        const meaning = new Expected().of(given.programs[index] ?? []);
        expect({ runtimeStatus, output }).toEqual({
          runtimeStatus: 'Completed',
          output: 'results' in meaning ? meaning.results : undefined,
        });
      }
    }),
    { numRuns: Number(process.env['RANDOM_RUNS'] ?? 3), endOnFailure: true },
  );
});
