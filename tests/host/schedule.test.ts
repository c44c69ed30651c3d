import { describe, expect, test } from '@jest/globals';
import { parseDuration } from '../../local/clock/duration.ts';
import { parseSchedule } from '../../local/host/timer/schedule.ts';

function next(schedule: string, after: string, settings: NodeJS.ProcessEnv = {}): string {
  return new Date(parseSchedule(schedule, settings).next(Date.parse(after))).toISOString();
}

describe('timer schedules', () => {
  test.each([
    ['0 */5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00.000Z'],
    ['30 0 3 * * 1', '2026-01-01T00:00:00Z', '2026-01-05T03:00:30.000Z'],
    ['0 0 0 1 * *', '2026-01-31T12:00:00Z', '2026-02-01T00:00:00.000Z'],
    ['1.06:00:00', '2026-01-01T00:00:00Z', '2026-01-02T06:00:00.000Z'],
    ['00:00:30', '2026-01-01T00:00:00Z', '2026-01-01T00:00:30.000Z'],
  ])('%s after %s comes due at %s', (schedule, after, due) => {
    expect(next(schedule, after)).toBe(due);
  });

  test('take their text from an app setting', () => {
    expect(next('%EVERY%', '2026-01-01T00:00:00Z', { EVERY: '0 0 * * * *' })).toBe(
      '2026-01-01T01:00:00.000Z',
    );
    expect(() => parseSchedule('%EVERY%', {})).toThrow('"EVERY"');
  });

  test.each(['', 'often', '* * *', '00:00:00'])('%j is refused', (text) => {
    expect(() => parseSchedule(text, {})).toThrow();
  });
});

describe('durations', () => {
  test.each([
    ['PT24H', 86_400_000],
    ['P1W2DT3H4M5.5S', 788_645_500],
    ['P7D', 604_800_000],
    ['PT0S', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', '-PT1S', 'pt1h', '1h'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
