/** Quiet hours by the wall clock of a time zone, also where the clocks are changed. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isQuiet, nextBoundary } from '../../domain/quiet-hours.ts';
import { quietHoursSchema, type QuietHours } from '../../domain/sync-rules.ts';

const berlin = (rest: Partial<QuietHours>): QuietHours =>
  quietHoursSchema.parse({ timeZone: 'Europe/Berlin', ...rest });
const nights = berlin({ days: ['saturday', 'sunday'], from: '18:00', to: '08:00' });

describe('quiet hours', () => {
  test.each([
    ['on a working day', '2026-03-02T12:00:00Z', false],
    ['on its last minute', '2026-03-02T16:59:59Z', false],
    ['in the evening', '2026-03-02T17:00:00Z', true],
    ['before morning', '2026-03-03T06:59:00Z', true],
    ['in the morning', '2026-03-03T07:00:00Z', false],
    ['on a Saturday', '2026-03-07T12:00:00Z', true],
    ['before the morning after a Sunday', '2026-03-09T06:00:00Z', true],
    ['in summer, an hour earlier by UTC', '2026-07-01T16:00:00Z', true],
  ])('%s', (_name, instant, quiet) => {
    expect(isQuiet(nights, instant)).toBe(quiet);
  });

  test('end and begin when they should', () => {
    expect(nextBoundary(nights, '2026-03-02T12:00:00Z')).toBe('2026-03-02T17:00:00.000Z');
    expect(nextBoundary(nights, '2026-03-02T17:00:00Z')).toBe('2026-03-03T07:00:00.000Z');
    expect(nextBoundary(nights, '2026-03-06T20:00:00Z')).toBe('2026-03-09T07:00:00.000Z');
    expect(nextBoundary(nights, '2026-03-27T20:00:00Z')).toBe('2026-03-30T06:00:00.000Z');
  });

  test('that begin at a time which the clocks skip begin when they are changed', () => {
    const skipped = berlin({ from: '02:30', to: '05:00' });
    expect(nextBoundary(skipped, '2026-03-28T23:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
  });

  test('never turn where there are none, or nothing else', () => {
    expect(isQuiet(null, '2026-03-02T12:00:00Z')).toBe(false);
    expect(nextBoundary(null, '2026-03-02T12:00:00Z')).toBeUndefined();
    expect(nextBoundary(berlin({ from: '08:00', to: '08:00' }), '2026-03-02T12:00:00Z')).toBeUndefined();
    const always = berlin({ days: [...quietHoursSchema.shape.days.unwrap().element.options] });
    expect(isQuiet(always, '2026-03-02T12:00:00Z')).toBe(true);
    expect(nextBoundary(always, '2026-03-02T12:00:00Z')).toBeUndefined();
  });
});

const time = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 1, 15, 30, 59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const anyQuietHours: fc.Arbitrary<QuietHours> = fc.record({
  // Lord Howe changes its clocks by half an hour, Beirut and Asuncion at midnight, Casablanca for a month.
  timeZone: fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Beirut',
    'America/Asuncion',
    'Africa/Casablanca',
    'Asia/Kathmandu',
    'Pacific/Apia',
  ),
  days: fc.uniqueArray(fc.constantFrom('monday' as const, 'saturday' as const, 'sunday' as const)),
  from: time,
  to: time,
});
/** Any minute of a year, and more often one near the changes of the clocks. */
const minute = fc.oneof(
  fc.nat(525_600).map((n) => Date.parse('2026-01-01T00:00:00Z') + n * 60_000),
  fc
    .tuple(
      fc.constantFrom('2026-03-28', '2026-10-24', '2026-04-04', '2026-10-03', '2026-11-01'),
      fc.nat(2880),
    )
    .map(([day, n]) => Date.parse(`${day}T00:00:00Z`) + n * 60_000),
);

test('until the next boundary it stays as it is, and there it turns', () => {
  fc.assert(
    fc.property(anyQuietHours, minute, (quietHours, start) => {
      const at = (ms: number): boolean => isQuiet(quietHours, new Date(ms).toISOString());
      const told = nextBoundary(quietHours, new Date(start).toISOString());
      const boundary = told === undefined ? start + 9 * 86_400_000 : Date.parse(told);
      expect(boundary).toBeGreaterThan(start);
      expect(at(boundary)).toBe(told === undefined ? at(start) : !at(start));
      // Every minute of the last hours before, and then ever more rarely.
      for (let back = 1; boundary - back * 60_000 > start; back += back < 90 ? 1 : 31) {
        expect(at(boundary - back * 60_000)).toBe(at(start));
      }
    }),
    { numRuns: 60 },
  );
});
