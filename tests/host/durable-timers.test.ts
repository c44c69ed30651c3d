import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';
import { Work } from '../../local/clock/work.ts';
import type { StoredMessage } from '../../local/host/durable/messages.ts';
import { DurableTimers } from '../../local/host/durable/timers.ts';
import { retryTimeIsUp, retryTimerDueAt } from '../../local/host/durable/retry.ts';

const aTimer = (seq: number): StoredMessage => ({
  seq,
  to: 'i',
  body: { kind: 'timerFired', executionId: 'e', timerId: seq, fireAt: 0 },
});

function timersAt(start: number): { clock: VirtualClock; timers: DurableTimers; fired: number[][] } {
  const clock = new VirtualClock(new Work(), new Date(start));
  const fired: number[][] = [];
  const timers = new DurableTimers(clock, (due) => fired.push(due.map(({ seq }) => seq)));
  return { clock, timers, fired };
}

describe('durable timers', () => {
  test('fire in the order of their times, together what is due together', async () => {
    const { clock, timers, fired } = timersAt(0);
    for (const [seq, at] of [
      [1, 300],
      [2, 100],
      [3, 200],
      [4, 100],
    ] as const)
      timers.add(aTimer(seq), at);
    await clock.advance(250);
    expect(fired).toEqual([[2, 4], [3]]);
    await clock.advance(50);
    expect(fired.at(-1)).toEqual([1]);
  });

  test('that are cancelled never fire', async () => {
    const { clock, timers, fired } = timersAt(0);
    for (let seq = 1; seq <= 5; seq += 1) timers.add(aTimer(seq), seq * 10);
    expect(timers.cancel(1)?.seq).toBe(1);
    timers.cancel(3);
    expect(timers.cancel(3)).toBeUndefined();
    await clock.advance(100);
    expect(fired.flat()).toEqual([2, 4, 5]);
  });

  test('a thousand of them, in any order, fire sorted', async () => {
    const { clock, timers, fired } = timersAt(0);
    const times = Array.from({ length: 1000 }, (_, index) => ((index * 7919) % 1000) + 1);
    times.forEach((at, index) => timers.add(aTimer(index), at));
    await clock.advance(1000);
    expect(fired.flat().map((seq) => times[seq])).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe('retries', () => {
  const options = { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: 4 };

  test('wait as long as the options say, and not at all after the last attempt', () => {
    const growing = { ...options, backoffCoefficient: 3, maxRetryIntervalInMilliseconds: 5000 };
    expect([1, 2, 3, 4].map((failures) => retryTimerDueAt(growing, failures, 0))).toEqual([
      1000, 3000, 5000, 0,
    ]);
    expect(retryTimerDueAt(options, 2, 50)).toBe(1050);
  });

  test('end when the time for all of them is up', () => {
    expect(retryTimeIsUp(options, 0, 1e12)).toBe(false);
    const limited = { ...options, retryTimeoutInMilliseconds: 500 };
    expect([499, 500].map((now) => retryTimeIsUp(limited, 0, now))).toEqual([false, true]);
  });
});
