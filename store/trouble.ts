/** Turns what the drivers of SQLite and SQL Server throw into `StoreError`s. */
import sql from 'mssql';
import { z } from 'zod';
import { StoreError, type StoreFailure } from '../domain/store-error.ts';

const sqliteError = z.object({ code: z.literal('ERR_SQLITE_ERROR'), errcode: z.int(), errstr: z.string() });

/** Where the server has given no number, mssql puts a word into its place. */
const number = z.int().optional().catch(undefined);
const serverError = z.object({
  code: z.string().optional().catch(undefined),
  number,
  originalError: z.object({ number }).optional().catch(undefined),
});

/** The failure of a use of the database. The driver's error may hold rows and keys, so only its code is kept. */
export function storeTrouble(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const embedded = sqliteError.safeParse(error).data;
  if (embedded !== undefined) return sqliteTrouble(embedded.errcode, (error as Error).message);
  const { code, originalError, ...known } = serverError.safeParse(error).data ?? {};
  const { number = originalError?.number } = known;
  if (code === 'ELOGIN') return loginTrouble(number);
  if (number !== undefined) return serverTrouble(number, (error as Error).message);
  if (code !== undefined) return new StoreError(meaningOfCode.get(code) ?? 'unavailable', code);
  if (isPoolTrouble(error)) return new StoreError('unavailable', 'POOL');
  throw error;
}

/** A server of another make that has no number for what is missing says so in a text of its own. */
function serverTrouble(number: number, message: string): StoreError {
  const isMissing = /^(relation|column) \S+ does not exist$/.test(message);
  const meaning = meaningOfNumber.get(number) ?? (isMissing ? 'outdated' : 'unavailable');
  return new StoreError(meaning, `SQL${number}`);
}

/** SQLite documentation, "Result and Error Codes": the low byte is the primary code. */
function sqliteTrouble(errcode: number, message: string): StoreError {
  const primary = errcode & 0xff;
  // A missing table or column comes as a general error; its text is SQLite's own and holds no value.
  const isMissing = primary === 1 && /no such (table|column)|has no column/.test(message);
  const meaning = meaningOfExtended.get(errcode) ?? meaningOfPrimary.get(primary);
  const failure = isMissing ? 'outdated' : (meaning ?? 'unavailable');
  return new StoreError(failure, `SQLITE${errcode}`);
}

/** Azure SQL also refuses a login while a database wakes, moves or is over its limits ("Troubleshoot transient errors"). */
function loginTrouble(number: number | undefined): StoreError {
  const isPassing = number !== undefined && passingAtLogin.has(number);
  return new StoreError(
    isPassing ? 'unavailable' : 'forbidden',
    number === undefined ? 'ELOGIN' : `SQL${number}`,
  );
}

/** Without a code come a pool whose connections are all busy, a connection that ends early, and a token that is not given. */
function isPoolTrouble(error: unknown): boolean {
  return (
    error instanceof sql.MSSQLError || (error instanceof Error && error.constructor.name === 'TimeoutError')
  );
}

/** A check, and a null where none may be: unlike a key that is there, these are the row's own fault. */
const meaningOfExtended = new Map<number, StoreFailure>([
  [275, 'rejected'],
  [1299, 'rejected'],
]);

const meaningOfPrimary = new Map<number, StoreFailure>([
  [1, 'rejected'],
  [3, 'forbidden'],
  [8, 'forbidden'],
  [18, 'rejected'],
  [19, 'conflict'],
  [20, 'rejected'],
  [23, 'forbidden'],
  [25, 'rejected'],
]);

/** Database engine events and errors (SQL Server documentation); what is not here is taken for a passing trouble. */
const meaningOfNumber = new Map<number, StoreFailure>([
  ...pairs('conflict', 2601, 2627, 547),
  ...pairs('rejected', 102, 105, 156, 245, 248, 515, 8115, 8152, 2628, 8114, 8134),
  ...pairs('outdated', 207, 208, 4902),
  ...pairs('forbidden', 229, 230, 262, 18456, 4060, 18452, 40615),
]);

const passingAtLogin = new Set([
  4221, 6005, 10928, 10929, 17142, 18401, 40143, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919,
  49920,
]);

const meaningOfCode = new Map<string, StoreFailure>([
  ['EPARAM', 'rejected'],
  ['EARGS', 'rejected'],
  ['ERR_INVALID_ARG_TYPE', 'rejected'],
  ['ERR_INVALID_ARG_VALUE', 'rejected'],
  ['ERR_OUT_OF_RANGE', 'rejected'],
]);

function pairs(failure: StoreFailure, ...numbers: number[]): [number, StoreFailure][] {
  return numbers.map((number) => [number, failure]);
}
