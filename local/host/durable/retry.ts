/** When a failed attempt is tried again (DurableTask.Core, RetryInterceptor). */
import type { SdkRetryOptions } from './executor-probe.ts';

const longestDelayMs = 6 * 24 * 60 * 60 * 1000;

/** When the timer after the failure number `failures` (the first is 1) fires; both times in ms since 1970. */
export function retryTimerDueAt(options: SdkRetryOptions, failures: number, now: number): number {
  // The SDK waits for a timer after the last attempt, too, before it lets the failure out.
  if (failures >= options.maxNumberOfAttempts) return now;
  const first = options.firstRetryIntervalInMilliseconds;
  const delay = first * (options.backoffCoefficient ?? 1) ** (failures - 1);
  return now + Math.min(delay, options.maxRetryIntervalInMilliseconds ?? longestDelayMs);
}

/** Whether the time allowed for all attempts together has passed; times in ms since 1970. */
export function retryTimeIsUp(options: SdkRetryOptions, firstAttemptAt: number, now: number): boolean {
  const timeout = options.retryTimeoutInMilliseconds;
  return timeout !== undefined && now >= firstAttemptAt + timeout;
}
