/** The work whose speed is measured: what the host does, and what the bare SDK does in its place. */
import type { BenchHost } from './bench-host.ts';
import { signalOverHttp } from './http-signals.ts';
import type { SdkFloor } from './sdk-floor.ts';

type RunningHost = BenchHost<unknown>;

export interface Scenario {
  readonly title: string;
  /** Of what there are `count` in a run. */
  readonly unit: string;
  readonly count: number;
  /** Units per second, or a part of the bare SDK's speed. */
  readonly goal: { readonly perSecond: number } | { readonly ofSdk: number } | undefined;
  host(bench: RunningHost): Promise<void>;
  sdk(floor: SdkFloor): Promise<void>;
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  'chain-100': chain(100, { perSecond: 500 }),
  'chain-1000': chain(1000, { ofSdk: 0.8 }),
  'fan-out': {
    title: 'fan-out of 1,000 activities',
    unit: 'activities',
    count: 1000,
    goal: { perSecond: 4000 },
    host: (bench) => orchestrate(bench, 'fanOut', 1000),
    sdk: (floor) => floor.orchestration('fanOut', 1000),
  },
  'three-steps': {
    title: '1,000 orchestrations of three steps',
    unit: 'orchestrations',
    count: 1000,
    goal: { perSecond: 1000 },
    host: async (bench) => {
      await all(1000, () => bench.start('chain', 3));
      await bench.idle();
    },
    sdk: async (floor) => {
      for (let run = 0; run < 1000; run++) await floor.orchestration('chain', 3);
    },
  },
  'one-entity': entities({ title: '10,000 operations on one entity', keys: 1, each: 10_000, goal: 10_000 }),
  'many-entities': entities({
    title: '10 operations on each of 1,000 entities',
    keys: 1000,
    each: 10,
    goal: 5000,
  }),
  events: {
    title: 'burst of 1,000 external events to one instance',
    unit: 'events',
    count: 1000,
    goal: { perSecond: 4000 },
    host: async (bench) => {
      const id = await bench.start('collect', 1000);
      await all(1000, () => bench.client.raiseEvent(id, 'item', '1'));
      await bench.idle();
    },
    sdk: (floor) => floor.orchestration('collect', 1000, 1000),
  },
  'http-signals': {
    title: '2,000 signals over HTTP, 16 at once',
    unit: 'signals',
    count: 2000,
    goal: undefined,
    host: async (bench) => {
      await signalOverHttp(bench.host, 2000, 16);
      await bench.idle();
    },
    sdk: async (floor) => {
      for (let operation = 0; operation < 2000; operation++) await floor.entity('counter', 0, [1]);
    },
  },
};

function chain(steps: number, goal: Scenario['goal']): Scenario {
  return {
    title: `chain of ${steps.toLocaleString('en')} activities`,
    unit: 'steps',
    count: steps,
    goal,
    host: (bench) => orchestrate(bench, 'chain', steps),
    sdk: (floor) => floor.orchestration('chain', steps),
  };
}

function entities(of: { title: string; keys: number; each: number; goal: number }): Scenario {
  const { title, keys, each, goal } = of;
  return {
    title,
    unit: 'operations',
    count: keys * each,
    goal: { perSecond: goal },
    host: async (bench) => {
      await all(keys * each, (operation) => {
        const key = `k${operation % keys}`;
        return bench.client.signalEntity({ name: 'counter', key }, 'add', '1');
      });
      await bench.idle();
    },
    sdk: async (floor) => {
      const inputs = Array.from({ length: each }, () => 1);
      for (let key = 0; key < keys; key++) await floor.entity('counter', 0, inputs);
    },
  };
}

async function orchestrate(bench: RunningHost, name: string, input: unknown): Promise<void> {
  await bench.start(name, input);
  await bench.idle();
}

async function all(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_nothing, index) => act(index)));
}
