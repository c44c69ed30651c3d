/** What the drivers' errors mean, and that no value of a row comes through with them. */
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import sql from 'mssql';
import { StoreError } from '../../domain/store-error.ts';
import { storeTrouble } from '../../store/trouble.ts';

const secret = 'ada@example.com';

/** As mssql makes it of an ERROR token of the server (mssql, lib/tedious/request.js). */
function serverError(number: number, text = `The duplicate key value is (${secret}).`): Error {
  const info = { number, state: 1, class: 14, serverName: 'sql', procName: '', lineNumber: 1 };
  const told = Object.assign(new Error(text), { info });
  return new sql.RequestError(told, 'EREQUEST');
}

/** As tedious makes them: an error with a code and, of a server's word, a number. */
function tediousError(code: string | undefined, number?: number): Error {
  return Object.assign(new Error(`Of ${secret}.`), code && { code }, number && { number });
}

const requireOfMssql = createRequire(import.meta.resolve('mssql'));
const { TimeoutError } = requireOfMssql('tarn') as { TimeoutError: new (message: string) => Error };

const unavailable: [string, Error, string][] = [
  ['the victim of a deadlock', serverError(1205), 'SQL1205'],
  ['a database that is moved', serverError(40613), 'SQL40613'],
  ['a lock that was not given in time', serverError(1222), 'SQL1222'],
  ['a request that takes too long', new sql.RequestError(tediousError('ETIMEOUT'), 'EREQUEST'), 'ETIMEOUT'],
  [
    'a connection lost in a request',
    new sql.RequestError(tediousError('ECONNCLOSED'), 'EREQUEST'),
    'ECONNCLOSED',
  ],
  ['a server that is not there', new sql.ConnectionError(tediousError('ESOCKET')), 'ESOCKET'],
  ['a server that does not answer', new sql.ConnectionError(tediousError('ETIMEOUT')), 'ETIMEOUT'],
  ['a login while the database wakes', new sql.ConnectionError(tediousError('ELOGIN', 40613)), 'SQL40613'],
  ['a login to a server over its limits', new sql.ConnectionError(tediousError('ELOGIN', 10928)), 'SQL10928'],
  [
    'a token that is not given',
    new sql.ConnectionError(new AggregateError([tediousError('EFEDAUTH'), tediousError(undefined)])),
    'POOL',
  ],
  ['a connection that ends early', new sql.ConnectionError(`Of ${secret}.`), 'POOL'],
  ['a pool that is busy', new TimeoutError(`Of ${secret}.`), 'POOL'],
  ['a transaction the server gave up', new sql.TransactionError(`Of ${secret}.`, 'EABORT'), 'EABORT'],
  ['a commit that is not answered', new sql.TransactionError(tediousError('ETIMEOUT')), 'ETIMEOUT'],
  ['a deadlock at the commit', new sql.TransactionError(tediousError('EREQUEST', 1205)), 'SQL1205'],
];

const others: [StoreError['failure'], string, Error, string][] = [
  ['conflict', 'a key that is there', serverError(2627), 'SQL2627'],
  ['conflict', 'an index entry that is there', serverError(2601), 'SQL2601'],
  ['rejected', 'a text that is too long', serverError(2628), 'SQL2628'],
  ['rejected', 'a number that is too large', serverError(8115), 'SQL8115'],
  ['rejected', 'a parameter of a wrong type', new sql.RequestError(tediousError('EPARAM')), 'EPARAM'],
  ['outdated', 'a table that is not there', serverError(208), 'SQL208'],
  [
    'outdated',
    'a table that is not there, on a server that has no number for it',
    serverError(33557097, `relation "${secret}" does not exist`),
    'SQL33557097',
  ],
  ['outdated', 'a column that is not there', serverError(207), 'SQL207'],
  ['forbidden', 'a right that we lack', serverError(229), 'SQL229'],
  ['forbidden', 'a wrong password', new sql.ConnectionError(tediousError('ELOGIN', 18456)), 'SQL18456'],
  [
    'forbidden',
    'a database we may not open',
    new sql.ConnectionError(tediousError('ELOGIN', 4060)),
    'SQL4060',
  ],
  [
    'forbidden',
    'a login refused without a number',
    new sql.ConnectionError(tediousError('ELOGIN')),
    'ELOGIN',
  ],
];

describe('an error of SQL Server', () => {
  test.each(unavailable)('that tells of %s is worth repeating', (_what, error, code) => {
    expect(storeTrouble(error)).toMatchObject({ failure: 'unavailable', code });
  });

  test.each(others)('is %s where it tells of %s', (failure, _what, error, code) => {
    expect(storeTrouble(error)).toMatchObject({ failure, code });
  });

  test('is told without a word of what it holds', () => {
    const errors = [...unavailable.map(([, error]) => error), ...others.map(([, , error]) => error)];
    for (const error of errors) {
      const trouble = storeTrouble(error);
      expect(JSON.stringify(error.message)).toMatch(/ada@example\.com|^""$/);
      const told = [trouble.message, trouble.stack, trouble.cause, Object.entries(trouble)];
      expect(JSON.stringify(told)).not.toContain(secret);
    }
  });
});

describe('an error', () => {
  test('of our own stays what it is', () => {
    const own = new StoreError('rejected', 'users.mail');
    expect(storeTrouble(own)).toBe(own);
  });

  test('that comes of no database is not taken for one', () => {
    const mistake = new TypeError('Cannot read properties of undefined');
    expect(() => storeTrouble(mistake)).toThrow(mistake);
  });
});
