/** Turns what the drivers of SQLite and SQL Server throw into `StoreError`s. */
import { z } from 'zod';
import { StoreError, type StoreFailure } from '../domain/store-error.ts';

const sqliteError = z.object({ code: z.literal('ERR_SQLITE_ERROR'), errcode: z.int(), errstr: z.string() });
const serverError = z.object({ code: z.string().optional(), number: z.int().optional() });

/** The failure of a use of the database. The driver's error may hold rows and keys, so only its code is kept. */
export function storeTrouble(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const embedded = sqliteError.safeParse(error).data;
  if (embedded !== undefined) return sqliteTrouble(embedded.errcode, (error as Error).message);
  const { code, number } = serverError.safeParse(error).data ?? {};
  if (number !== undefined)
    return new StoreError(meaningOfNumber.get(number) ?? 'unavailable', `SQL${number}`);
  if (code !== undefined) return new StoreError(meaningOfCode.get(code) ?? 'unavailable', code);
  throw error;
}

/** SQLite documentation, "Result and Error Codes": the low byte is the primary code. */
function sqliteTrouble(errcode: number, message: string): StoreError {
  const primary = errcode & 0xff;
  // A missing table or column comes as a general error; its text is SQLite's own and holds no value.
  const isMissing = primary === 1 && /no such (table|column)|has no column/.test(message);
  const failure = isMissing ? 'outdated' : (meaningOfPrimary.get(primary) ?? 'unavailable');
  return new StoreError(failure, `SQLITE${errcode}`);
}

const meaningOfPrimary = new Map<number, StoreFailure>([
  [1, 'rejected'],
  [18, 'rejected'],
  [19, 'conflict'],
  [20, 'rejected'],
  [25, 'rejected'],
]);

/** Database engine events and errors (SQL Server documentation); what is not here is taken for a passing trouble. */
const meaningOfNumber = new Map<number, StoreFailure>([
  ...pairs('conflict', 2601, 2627, 547),
  ...pairs('rejected', 102, 105, 156, 245, 248, 515, 8115, 8152, 2628, 8114, 8134),
  ...pairs('outdated', 207, 208, 4902),
  ...pairs('forbidden', 229, 230, 262, 18456, 4060, 18452, 40615),
]);

const meaningOfCode = new Map<string, StoreFailure>([
  ['ELOGIN', 'forbidden'],
  ['EPARAM', 'rejected'],
  ['EARGS', 'rejected'],
]);

function pairs(failure: StoreFailure, ...numbers: number[]): [number, StoreFailure][] {
  return numbers.map((number) => [number, failure]);
}
