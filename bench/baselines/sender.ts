/** Writes with ordinary retries: each request that is refused waits for what its own answer asked for, and is sent again. */
import type { Side } from '../../domain/presence.ts';
import { Throttled, type Level, type VendorDesk } from './vendor-desk.ts';

const troubleSeconds = 5;

export class Sender {
  readonly #desk: VendorDesk;
  /** Counts the writes of each person on each side: what was overtaken by a newer one is not tried again. */
  readonly #newest = new Map<string, number>();

  constructor(desk: VendorDesk) {
    this.#desk = desk;
  }

  /** Sends at once; whoever calls this need not wait for it. */
  async write(side: Side, person: { userId: string; extensionId: string }, level: Level): Promise<void> {
    const key = `${side} ${person.userId}`;
    const number = (this.#newest.get(key) ?? 0) + 1;
    this.#newest.set(key, number);
    const attempt = async (): Promise<void> => {
      if (this.#newest.get(key) !== number) return;
      try {
        await this.#desk.write(side, person, level);
      } catch (error) {
        this.#desk.later(error instanceof Throttled ? error.seconds : troubleSeconds, attempt);
      }
    };
    await attempt();
  }
}
