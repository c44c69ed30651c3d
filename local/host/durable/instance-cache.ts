/** Instances with their histories, kept in memory while they are busy, so that an episode need not read them again. */
import type { HistoryEvent } from './history.ts';
import type { Instance } from './instance.ts';
import type { Store } from './store/store.ts';

export interface LoadedInstance {
  readonly instance: Instance;
  readonly history: HistoryEvent[];
  /** Whether it was said that its end waits for open work. */
  isHeldBack?: boolean;
}

const mostEvents = 200_000;

export class InstanceCache {
  readonly #store: Store;
  readonly #loaded = new Map<string, LoadedInstance>();
  #weight = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes the instance out of the cache, or reads it; whoever takes it gives it back with `put` once all is written. */
  take(id: string): LoadedInstance | undefined {
    const cached = this.#loaded.get(id);
    if (cached) {
      this.drop(id);
      return cached;
    }
    const instance = this.#store.instance(id);
    if (!instance) return undefined;
    const history = this.#store.history(id);
    for (const event of history) event.IsPlayed = true;
    return { instance, history };
  }

  put(loaded: LoadedInstance): void {
    this.drop(loaded.instance.id);
    this.#loaded.set(loaded.instance.id, loaded);
    this.#weight += weightOf(loaded);
    for (const id of this.#loaded.keys()) {
      if (this.#weight <= mostEvents) return;
      this.drop(id);
    }
  }

  drop(id: string): void {
    const cached = this.#loaded.get(id);
    if (!cached) return;
    this.#weight -= weightOf(cached);
    this.#loaded.delete(id);
  }
}

/** In events; the instance itself counts as one. */
function weightOf({ history }: LoadedInstance): number {
  return history.length + 1;
}
