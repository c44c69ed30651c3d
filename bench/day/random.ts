/** Random numbers that follow from a seed, so that a day or a storm is the same for all that are compared. */

export interface Random {
  /** From 0 up to 1. */
  next(): number;
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  /** One of these, each as likely as its weight. */
  pick<T>(weighted: readonly (readonly [T, number])[]): T;
}

/** The generator "mulberry32" (Tommy Ettinger, public domain): small, and good enough for traffic. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    chance: (probability) => next() < probability,
    pick: (weighted) => {
      const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
      let left = next() * total;
      for (const [item, weight] of weighted) {
        left -= weight;
        if (left < 0) return item;
      }
      const last = weighted.at(-1);
      if (last === undefined) throw new Error('There is nothing to pick from.');
      return last[0];
    },
  };
}
