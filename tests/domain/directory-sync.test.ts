import { expect, test } from '@jest/globals';
import { directoryIsDue, directoryPause, isMassDeparture } from '../../domain/directory-sync.ts';

const at = (time: string): Date => new Date(`2026-03-${time}:00Z`);

test('directories are due once between two nights', () => {
  expect(directoryIsDue(undefined, at('02T08:00'))).toBe(true);
  expect(directoryIsDue(at('02T08:00'), at('02T23:00'))).toBe(false);
  expect(directoryIsDue(at('02T08:00'), at('03T02:29'))).toBe(false);
  // The nightly look may come a moment early.
  expect(directoryIsDue(at('02T08:00'), at('03T02:39'))).toBe(true);
  expect(directoryIsDue(at('03T02:40'), at('03T12:00'))).toBe(false);
  expect(directoryIsDue(at('03T02:40'), at('04T02:40'))).toBe(true);
});

test('enough of the limit is left to writing presence', () => {
  expect(directoryPause(undefined)).toBeUndefined();
  expect(directoryPause({ remaining: 16, windowSeconds: 60 })).toBeUndefined();
  expect(directoryPause({ remaining: 15, windowSeconds: 60 })).toBe(60);
});

test('more than half of twenty people or more leaving at once is not believed at first', () => {
  expect(isMassDeparture({ mapped: 19, leaving: 19 })).toBe(false);
  expect(isMassDeparture({ mapped: 20, leaving: 10 })).toBe(false);
  expect(isMassDeparture({ mapped: 20, leaving: 11 })).toBe(true);
  expect(isMassDeparture({ mapped: 700, leaving: 650 })).toBe(true);
});
