import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Committer } from '../../local/host/durable/store/committer.ts';
import { openTaskHub } from '../../local/host/durable/store/database.ts';
import { Store } from '../../local/host/durable/store/store.ts';
import { applySettings, readHostConfig } from '../../local/host/host-config.ts';
import { StatsRecorder } from '../../local/host/stats.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'store-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('the committer', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (x INTEGER PRIMARY KEY)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const count = (): unknown => database.prepare('SELECT count(*) AS n FROM t').get()?.['n'];

  test('writes what comes in one turn in one transaction, and tells in order', async () => {
    const stats = new StatsRecorder();
    const committer = new Committer(database, stats);
    const told: number[] = [];
    await Promise.all(
      [1, 2, 3].map((x) =>
        committer.commit(
          () => insert.run(x),
          () => told.push(x),
        ),
      ),
    );
    expect([told, stats.commits, count()]).toEqual([[1, 2, 3], 1, 3]);
  });

  test('keeps the others when one fails', async () => {
    const committer = new Committer(database, new StatsRecorder());
    const results = await Promise.allSettled([4, 1, 5].map((x) => committer.commit(() => insert.run(x))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(count()).toBe(5);
  });
});

const firstSchema = `
  CREATE TABLE instances (
    id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    status TEXT NOT NULL, input TEXT, output TEXT, custom_status TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, parent TEXT, generation INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE history (
    instance_id TEXT NOT NULL, position INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (instance_id, position)
  ) WITHOUT ROWID;
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, due_at INTEGER, body TEXT NOT NULL
  );
  CREATE INDEX messages_by_instance ON messages (instance_id);
  CREATE TABLE activities (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
  CREATE TABLE entities (
    id TEXT PRIMARY KEY, state TEXT, present INTEGER NOT NULL, locked_by TEXT, lock_id TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE timer_triggers (name TEXT PRIMARY KEY, last INTEGER, next INTEGER NOT NULL, updated INTEGER NOT NULL)
  WITHOUT ROWID;
  PRAGMA user_version = 1;
`;

describe('the task hub’s file', () => {
  test('is for one host at a time', () => {
    const first = openTaskHub(dir);
    expect(() => openTaskHub(dir)).toThrow('Another host is running');
    first.close();
    openTaskHub(dir).close();
  });

  test('of a newer host is left alone', () => {
    openTaskHub(dir).close();
    const file = new DatabaseSync(join(dir, 'task-hub.db'));
    file.exec('PRAGMA user_version = 99');
    file.close();
    expect(() => openTaskHub(dir)).toThrow('schema 99');
  });

  test('of the first schema is brought up to date with all that is in it', () => {
    const file = new DatabaseSync(join(dir, 'task-hub.db'));
    file.exec(firstSchema);
    file.exec(`INSERT INTO instances VALUES ('i', 'e', 'n', '', 'Running', '1', NULL, NULL, 5, 6, NULL, 0)`);
    for (const position of [0, 1]) {
      const event = JSON.stringify({ EventType: 12, EventId: position });
      file.prepare(`INSERT INTO history VALUES ('i', ?, ?)`).run(position, event);
    }
    file.close();
    const hub = openTaskHub(dir);
    const store = new Store(hub.db);
    expect(store.instance('i')).toMatchObject({ executionId: 'e', input: '1', createdAt: 5, updatedAt: 6 });
    expect(store.history('i').map((event) => event.EventId)).toEqual([0, 1]);
    hub.close();
    openTaskHub(dir).close();
  });
});

describe('configuration', () => {
  test('of the app is read from host.json, with the extension’s defaults', () => {
    writeFileSync(
      join(dir, 'host.json'),
      JSON.stringify({
        version: '2.0',
        extensions: { http: { routePrefix: '' }, durableTask: { hubName: 'H' } },
      }),
    );
    const { routePrefix, durable } = readHostConfig(dir);
    expect([routePrefix, durable.hubName, durable.maximumShortTimer]).toEqual(['', 'H', '6.00:00:00']);
  });

  test('that is not valid is refused with the name of the field', () => {
    writeFileSync(join(dir, 'host.json'), '{"extensions":{"durableTask":{"hubName":1}}}');
    expect(() => readHostConfig(dir)).toThrow(/hubName/);
  });

  test('of the environment: settings given win, then the environment, then local.settings.json', () => {
    const Values = { TEST_FILE: 'file', TEST_ENV: 'file', TEST_GIVEN: 'file' };
    writeFileSync(join(dir, 'local.settings.json'), JSON.stringify({ Values }));
    process.env['TEST_ENV'] = 'environment';
    process.env['TEST_GIVEN'] = 'environment';
    applySettings(dir, { TEST_GIVEN: 'given' });
    expect(['TEST_FILE', 'TEST_ENV', 'TEST_GIVEN'].map((name) => process.env[name])).toEqual([
      'file',
      'environment',
      'given',
    ]);
  });
});
