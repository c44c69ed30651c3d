/**
 * What can go wrong beneath an app in Azure, on request: work done twice, a crash between an effect and its record,
 * signals late or out of order, messages twice, a slow or failing store. Each fault draws from a generator of its own,
 * so that the same seed strikes the same occasions in the same run.
 */
import { z } from 'zod';

const common = {
  /** How likely an occasion is struck. */
  probability: z.number().min(0).max(1).default(1),
  /** Struck at most as often as this; without it, until the fault is removed. */
  count: z.number().int().positive().optional(),
  seed: z.number().int().default(1),
};
const milliseconds = z.number().int().min(0).max(600_000);

export const hostFaultSchema = z.discriminatedUnion('kind', [
  /** An activity runs once more after its outcome was recorded, and reports again. */
  z.strictObject({ kind: z.literal('duplicateActivity'), name: z.string().optional(), ...common }),
  /** An activity has had its effect, but its outcome is not recorded. */
  z.strictObject({
    kind: z.literal('lostOutcome'),
    name: z.string().optional(),
    /** The call is delivered once more, or the whole process dies on the spot (and again after the next start, if told so again). */
    how: z.enum(['redeliver', 'kill']).default('redeliver'),
    ...common,
  }),
  /** A client's signal to an entity is delivered up to `ms` later, by the host's clock: later ones overtake it. */
  z.strictObject({
    kind: z.literal('delaySignal'),
    name: z.string().optional(),
    ms: milliseconds,
    ...common,
  }),
  /** Clients' signals that wait for the same entity are delivered in another order. */
  z.strictObject({ kind: z.literal('reorderSignals'), name: z.string().optional(), ...common }),
  /** A message is delivered twice. Azure sifts out what entities and orchestrations send to entities; so does this. */
  z.strictObject({
    kind: z.literal('duplicateMessage'),
    message: z
      .enum([
        'activityCompleted',
        'activityFailed',
        'subOrchestrationCompleted',
        'timerFired',
        'externalEvent',
        'signal',
      ])
      .optional(),
    ...common,
  }),
  /** A commit takes `ms` longer, of real time. */
  z.strictObject({ kind: z.literal('slowStore'), ms: milliseconds, ...common }),
  /** A commit fails: nothing of it is kept, and it is tried again after a pause. */
  z.strictObject({ kind: z.literal('failingStore'), ...common }),
]);

export type HostFault = z.infer<typeof hostFaultSchema>;
type Kind = HostFault['kind'];
type Of<K extends Kind> = Extract<HostFault, { kind: K }>;

interface Active {
  readonly id: number;
  readonly fault: HostFault;
  readonly draw: () => number;
  struck: number;
}

/** Strikes nothing until a fault is added. */
export class HostFaults {
  #active: Active[] = [];
  #lastId = 0;

  add(fault: HostFault): number {
    const id = (this.#lastId += 1);
    this.#active.push({ id, fault, draw: generator(fault.seed), struck: 0 });
    return id;
  }

  list(): (HostFault & { readonly id: number; readonly struck: number })[] {
    return this.#active.map(({ id, fault, struck }) => ({ ...fault, id, struck }));
  }

  clear(): void {
    this.#active = [];
  }

  repeatsActivity(name: string): boolean {
    return this.#strike('duplicateActivity', (fault) => isNamed(fault, name)) !== undefined;
  }

  losesOutcome(name: string): 'redeliver' | 'kill' | undefined {
    return this.#strike('lostOutcome', (fault) => isNamed(fault, name))?.fault.how;
  }

  /** ms by which a client's signal to an entity of this name is late. */
  signalDelay(entityName: string): number {
    const struck = this.#strike('delaySignal', (fault) => isNamed(fault, entityName));
    return struck ? Math.ceil(struck.draw() * struck.fault.ms) : 0;
  }

  /** Whether looking at waiting signals is worth it. */
  get mayReorder(): boolean {
    return this.#active.some(({ fault }) => fault.kind === 'reorderSignals');
  }

  /** The same signals, possibly in another order (Fisher-Yates). */
  reorder<T>(entityName: string, signals: readonly T[]): T[] {
    const order = [...signals];
    if (order.length < 2) return order;
    const struck = this.#strike('reorderSignals', (fault) => isNamed(fault, entityName));
    if (!struck) return order;
    const mixed: T[] = [];
    while (order.length > 0) mixed.push(...order.splice(Math.floor(struck.draw() * order.length), 1));
    return mixed;
  }

  /** @param message its kind; `signal` for what a client sends to an entity */
  repeatsMessage(message: string): boolean {
    const fits = (fault: Of<'duplicateMessage'>): boolean =>
      fault.message === undefined || fault.message === message;
    return repeatable.has(message) && this.#strike('duplicateMessage', fits) !== undefined;
  }

  /** ms of real time that the next commit takes longer. */
  commitDelay(): number {
    return this.#strike('slowStore', () => true)?.fault.ms ?? 0;
  }

  failsCommit(): boolean {
    return this.#strike('failingStore', () => true) !== undefined;
  }

  #strike<K extends Kind>(
    kind: K,
    fits: (fault: Of<K>) => boolean,
  ): { fault: Of<K>; draw: () => number } | undefined {
    for (const active of this.#active) {
      const { fault, draw } = active;
      if (!isOf(fault, kind) || active.struck === fault.count || !fits(fault)) continue;
      if (draw() >= fault.probability) continue;
      active.struck += 1;
      return { fault, draw };
    }
    return undefined;
  }
}

const repeatable = new Set([
  'activityCompleted',
  'activityFailed',
  'subOrchestrationCompleted',
  'timerFired',
  'externalEvent',
  'signal',
]);

function isOf<K extends Kind>(fault: HostFault, kind: K): fault is Of<K> {
  return fault.kind === kind;
}

function isNamed(fault: { readonly name?: string | undefined }, name: string): boolean {
  return fault.name === undefined || fault.name.toLowerCase() === name.toLowerCase();
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
