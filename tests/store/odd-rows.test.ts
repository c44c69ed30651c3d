/** Rows that this version of the product has not written: refused by name, and without a value. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../store/database.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { now, tenantId } from './samples.ts';

let testDatabase: TestDatabase;
let database: Database;
let store: Store;

beforeEach(async () => {
  testDatabase = await aDatabase('adHoc');
  database = testDatabase.open();
  store = makeStore(database);
});

afterEach(() => testDatabase.remove());

const at = now.toISOString();
const secret = 'ada@example.com';
const user = {
  user_id: 'ada',
  display_name: secret,
  mail: secret,
  user_principal_name: null,
  given_name: null,
  surname: null,
  department: null,
  job_title: null,
  business_phones: '[]',
  seen_in: 0,
  updated_at: at,
};
const entry = {
  sequence: 1,
  entry_id: 'e-1',
  kind: 'peopleEnrolled',
  severity: 'info' as const,
  side: null,
  user_id: null,
  details: '{"people":1}',
  happened_at: at,
};
const receipt = {
  sequence: 1,
  body: '{}',
  previous_hash: '',
  hash: 'h-1',
  signature: 's-1',
  claim_hash: 'c-1',
  issued_at: at,
};

const add = {
  user: (row: Partial<typeof user>) =>
    database
      .inTenant(tenantId)
      .db.insertInto('users')
      .values({ ...user, ...row }),
  entry: (row: Partial<typeof entry>) =>
    database
      .inTenant(tenantId)
      .db.insertInto('log_entries')
      .values({ ...entry, ...row }),
  rules: (rules: string) =>
    database
      .inTenant(tenantId)
      .db.insertInto('sync_rules')
      .values({ version: 1, rules, saved_at: at, restored: null, counted: 1, applied: 0 }),
  exception: (exception: string) =>
    database
      .inTenant(tenantId)
      .db.insertInto('rule_exceptions')
      .values({ user_id: 'ada', exception, version: 1, saved_at: at }),
  receipt: (row: Partial<typeof receipt>) =>
    database.common.insertInto('erasure_receipts').values({ ...receipt, ...row }),
};

const odd: [string, () => { execute(): Promise<unknown> }, (from: Store) => Promise<unknown>][] = [
  [
    'users.business_phones',
    () => add.user({ business_phones: secret }),
    (from) => from.users.page(tenantId, 0, 9),
  ],
  [
    'users.business_phones',
    () => add.user({ business_phones: `{"phone":"${secret}"}` }),
    (from) => from.users.find(tenantId, ['ada']),
  ],
  [
    'users.updated_at',
    () => add.user({ updated_at: 'yesterday' }),
    (from) => from.users.page(tenantId, 0, 9),
  ],
  [
    'log_entries.details',
    () => add.entry({ details: secret }),
    (from) => from.customerLog.page(tenantId, { size: 9 }),
  ],
  ['sync_rules.rules', () => add.rules(secret), (from) => from.syncRules.newest(tenantId)],
  [
    'sync_rules.rules',
    () => add.rules(`{"direction":"${secret}"}`),
    (from) => from.syncRules.versions(tenantId),
  ],
  ['rule_exceptions.exception', () => add.exception(secret), (from) => from.ruleExceptions.all(tenantId)],
  [
    'erasure_receipts.issued_at',
    () => add.receipt({ issued_at: secret }),
    (from) => from.erasureReceipts.newest(),
  ],
];

describe('a row that is none of this version’s', () => {
  test.each(odd)('is told as outdated by its column: %s', async (code, put, read) => {
    await put().execute();
    const error = await read(store).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({ name: 'StoreError', failure: 'outdated', code });
    expect(JSON.stringify([error?.message, error?.stack, error?.cause])).not.toContain(secret);
  });

  test('in the log does not keep the others from being read', async () => {
    await add.entry({ kind: 'somethingNew', details: `{"mail":"${secret}"}` }).execute();
    const page = await store.customerLog.page(tenantId, { size: 9 });
    expect(page.map(({ sequence, happening }) => [sequence, happening])).toEqual([[1, undefined]]);
  });
});
