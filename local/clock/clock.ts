/** What time it is for everything on the local stack: the host, the simulators and, through `Date`, the app. */
export interface Clock {
  readonly kind: 'real' | 'virtual';
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /**
   * Calls `run` once the clock reaches `at` (milliseconds since 1970; the past means as soon as possible),
   * never from within this call. Whatever `run` leaves going must be counted in the stack's `Work`.
   */
  schedule(at: number, run: () => void): Scheduled;
}

export interface Scheduled {
  cancel(): void;
}
