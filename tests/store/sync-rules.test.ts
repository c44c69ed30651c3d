/** A company's rules, each version kept, the exceptions to them, and what is only tried. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { tally } from '../../domain/rules-preview.ts';
import { defaultRules, type SyncRules } from '../../domain/sync-rules.ts';
import type { Database } from '../../store/database.ts';
import { makeRuleExceptions } from '../../store/rule-exceptions.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { makeSyncRules } from '../../store/sync-rules.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { many, minutesLater, now, otherId, tenantId } from './samples.ts';

let testDatabase: TestDatabase;
let database: Database;
let store: Store;

beforeEach(async () => {
  testDatabase = await aDatabase();
  database = testDatabase.open();
  store = makeStore(database);
});

afterEach(() => testDatabase.remove());

const rules = (wrapUpSeconds: number): SyncRules => ({ ...defaultRules, wrapUpSeconds });
const conflict = { name: 'StoreError', failure: 'conflict', code: 'sync_rules.version' };

const save = async (given: SyncRules, after?: number): Promise<number> =>
  (await store.syncRules.save(tenantId, given, { after, at: now })).version;

describe('rules', () => {
  test('are none at first', async () => {
    expect(await store.syncRules.newest(tenantId)).toBeUndefined();
    expect(await store.syncRules.find(tenantId, 1)).toBeUndefined();
    expect(await store.syncRules.versions(tenantId)).toEqual([]);
  });

  test('are kept version by version, whole', async () => {
    const whole: SyncRules = {
      direction: 'teamsToRingCentral',
      toTeams: { inCall: 'noChange' },
      toRingCentral: { outOfOffice: 'doNotDisturb', busy: 'release' },
      dndPolicy: 'showOnly',
      callsOutrankManual: false,
      ringingCountsAfterSeconds: 5,
      wrapUpSeconds: 30,
      ignoreInactivity: false,
      quietHours: { timeZone: 'Europe/Berlin', days: ['sunday'], from: '18:00', to: '07:30' },
    };
    expect(await save(rules(1), 0)).toBe(1);
    await store.syncRules.save(tenantId, whole, { after: 1, at: minutesLater(1) });
    expect(await store.syncRules.newest(tenantId)).toEqual({
      version: 2,
      rules: whole,
      savedAt: minutesLater(1),
      restored: undefined,
      counted: 2,
      applied: 0,
    });
    expect(await store.syncRules.find(tenantId, 1)).toMatchObject({ version: 1, rules: rules(1) });
    expect(await store.syncRules.newest(otherId)).toBeUndefined();
  });

  test('that are brought back say which they were', async () => {
    await save(rules(1));
    await save(rules(2));
    await store.syncRules.save(tenantId, rules(1), { at: now, restored: 1 });
    const versions = await store.syncRules.versions(tenantId);
    expect(versions.map(({ version, restored }) => [version, restored])).toEqual([
      [3, 1],
      [2, undefined],
      [1, undefined],
    ]);
  });

  test('saved again by a repeated request, or that hold anyway, are the version they were', async () => {
    expect(await save(rules(1), 0)).toBe(1);
    expect(await save(rules(1), 0)).toBe(1);
    expect(await save(rules(1), 1)).toBe(1);
    expect(await save(rules(1))).toBe(1);
    expect(await save(rules(2), 1)).toBe(2);
    expect(await save(rules(2), 1)).toBe(2);
    expect(await store.syncRules.versions(tenantId)).toHaveLength(2);
  });

  test.each([
    ['what somebody else has replaced', 0],
    ['a version that never was', 2],
  ])('are refused on top of %s', async (_case, after) => {
    await save(rules(1), 0);
    await expect(save(rules(2), after)).rejects.toMatchObject(conflict);
    expect(await store.syncRules.newest(tenantId)).toMatchObject({ version: 1, rules: rules(1) });
  });

  test('are refused where an exception was made since, and go on counting after it', async () => {
    await save(rules(1), 0);
    expect(await store.ruleExceptions.save(tenantId, 'ada', { direction: 'none' }, now)).toBe(2);
    await expect(save(rules(2), 1)).rejects.toMatchObject(conflict);
    expect(await save(rules(2), 2)).toBe(3);
    expect((await store.syncRules.versions(tenantId)).map(({ version }) => version)).toEqual([3, 1]);
  });

  test('are kept up to a number of versions, the oldest going first', async () => {
    const few = makeSyncRules(database, 3);
    for (let seconds = 1; seconds <= 4; seconds += 1)
      await few.save(tenantId, rules(seconds), { after: undefined, at: now });
    await store.ruleExceptions.save(tenantId, 'ada', { direction: 'none' }, now);
    await few.save(tenantId, rules(5), { at: now });
    expect((await few.versions(tenantId)).map(({ version }) => version)).toEqual([6, 4, 3]);
    expect(await few.find(tenantId, 2)).toBeUndefined();
  });

  test('are known to have been told to all up to a number, which no earlier one takes back', async () => {
    await save(rules(1));
    await save(rules(2));
    await store.syncRules.noteApplied(tenantId, 2);
    await store.syncRules.noteApplied(tenantId, 1);
    expect(await store.syncRules.newest(tenantId)).toMatchObject({ version: 2, counted: 2, applied: 2 });
    await save(rules(3));
    expect(await store.syncRules.newest(tenantId)).toMatchObject({ version: 3, counted: 3, applied: 2 });
  });
});

describe('exceptions', () => {
  const none = { direction: 'none' } as const;

  test('are made and changed for one person, whoever else has one', async () => {
    expect(await store.ruleExceptions.save(tenantId, 'Ada', none, now)).toBe(1);
    expect(await store.ruleExceptions.save(tenantId, 'bob', { neverBlockCalls: true }, now)).toBe(2);
    expect(await store.ruleExceptions.save(tenantId, 'ada', { wrapUpSeconds: 9 }, minutesLater(1))).toBe(3);
    const ada = { userId: 'ada', exception: { wrapUpSeconds: 9 }, version: 3, savedAt: minutesLater(1) };
    const bob = { userId: 'bob', exception: { neverBlockCalls: true }, version: 2, savedAt: now };
    expect(await store.ruleExceptions.all(tenantId)).toEqual([ada, bob]);
    expect(await store.ruleExceptions.ofUsers(tenantId, ['ADA', 'eve'])).toEqual([ada]);
    expect(await store.ruleExceptions.all(otherId)).toEqual([]);
  });

  test('to rules that nobody has set make those that hold anyway the first version', async () => {
    await store.ruleExceptions.save(tenantId, 'ada', none, now);
    expect(await store.syncRules.newest(tenantId)).toMatchObject({ version: 1, rules: defaultRules });
  });

  test('saved again are no change', async () => {
    expect(await store.ruleExceptions.save(tenantId, 'ada', none, now)).toBe(1);
    expect(await store.ruleExceptions.save(tenantId, 'ada', none, minutesLater(1))).toBe(1);
    expect(await store.syncRules.newest(tenantId)).toMatchObject({ counted: 1 });
  });

  test('are removed once', async () => {
    await store.ruleExceptions.save(tenantId, 'ada', none, now);
    expect(await store.ruleExceptions.remove(tenantId, 'ADA', now)).toBe(2);
    expect(await store.ruleExceptions.remove(tenantId, 'ada', now)).toBeUndefined();
    expect(await store.ruleExceptions.all(tenantId)).toEqual([]);
    expect(await store.syncRules.newest(tenantId)).toMatchObject({ counted: 2 });
  });

  test('are made for so many people and no more, but can be changed then', async () => {
    const few = makeRuleExceptions(database, 2);
    for (const userId of many(2, (text) => text)) await few.save(tenantId, userId, none, now);
    await expect(few.save(tenantId, 'ada', none, now)).rejects.toMatchObject({
      failure: 'conflict',
      code: 'rule_exceptions.user_id',
    });
    expect(await few.save(tenantId, '00001', { direction: 'both' }, now)).toBe(3);
  });
});

describe('a trial', () => {
  const askedAt = now.toISOString();
  const later = minutesLater(1).toISOString();
  const page = { ...tally([]), changed: ['ada'], isLast: false };

  test('has its rules and its pages, in their order, each as it was told last', async () => {
    const { rulePreviews } = store;
    await rulePreviews.begin(tenantId, { askedAt, rules: rules(1) });
    expect(await rulePreviews.find(tenantId)).toEqual({ askedAt, rules: rules(1) });
    expect(await rulePreviews.savePage(tenantId, askedAt, { ...page, page: 1, isLast: true })).toBe(true);
    expect(await rulePreviews.savePage(tenantId, askedAt, { ...page, page: 0, changed: [] })).toBe(true);
    expect(await rulePreviews.savePage(tenantId, askedAt, { ...page, page: 0 })).toBe(true);
    expect(await rulePreviews.pages(tenantId, askedAt)).toEqual([page, { ...page, isLast: true }]);
    expect(await rulePreviews.find(otherId)).toBeUndefined();
  });

  test('ends an earlier one, which adds nothing more', async () => {
    const { rulePreviews } = store;
    await rulePreviews.begin(tenantId, { askedAt, rules: rules(1) });
    await rulePreviews.savePage(tenantId, askedAt, { ...page, page: 0 });
    await rulePreviews.begin(tenantId, { askedAt: later, rules: rules(2) });
    expect(await rulePreviews.savePage(tenantId, askedAt, { ...page, page: 1 })).toBe(false);
    expect(await rulePreviews.pages(tenantId, later)).toEqual([]);
    await rulePreviews.remove(tenantId, askedAt);
    expect(await rulePreviews.find(tenantId)).toMatchObject({ askedAt: later });
    await rulePreviews.remove(tenantId, later);
    expect(await rulePreviews.find(tenantId)).toBeUndefined();
  });
});
