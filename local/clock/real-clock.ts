import type { Clock, Scheduled } from './clock.ts';

/** setTimeout holds its delay in 32 bits; longer waits are taken in steps. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The machine's own time. */
export class RealClock implements Clock {
  readonly kind = 'real';

  now(): number {
    return Date.now();
  }

  schedule(at: number, run: () => void): Scheduled {
    let timeout: NodeJS.Timeout;
    const wait = (): void => {
      const remaining = Math.max(0, at - Date.now());
      timeout = setTimeout(
        () => (remaining > longestTimeoutMs ? wait() : run()),
        Math.min(remaining, longestTimeoutMs),
      );
    };
    wait();
    return { cancel: () => clearTimeout(timeout) };
  }
}
