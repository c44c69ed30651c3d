/** Trouble of the store itself, as against a write that is wrong: the same write may succeed a moment later. */

export class StoreTrouble extends Error {
  override name = 'StoreTrouble';
}

/** SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN (SQLite, Result and Error Codes). */
const passing = new Set([5, 6, 10, 13, 14]);
const longestPauseMs = 1000;

export function isStoreTrouble(error: unknown): error is Error {
  if (error instanceof StoreTrouble) return true;
  return error instanceof Error && 'errcode' in error && passing.has(Number(error.errcode) & 0xff);
}

/** ms of real time before the next attempt, after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(longestPauseMs, 10 * 2 ** (failures - 1));
}
