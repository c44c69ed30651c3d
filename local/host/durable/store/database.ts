/** Opens the SQLite file of a task hub, for one process at a time. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const schemaVersion = 2;

/**
 * Instances are numbered, and their histories kept by number: ids are random, so that those at work at the same time
 * would lie far apart, and each commit would write as many pages as there are of them.
 */
const instanceTables = `
  CREATE TABLE instances (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, execution_id TEXT NOT NULL, name TEXT NOT NULL,
    version TEXT NOT NULL, status TEXT NOT NULL, input TEXT, output TEXT, custom_status TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, parent TEXT, generation INTEGER NOT NULL
  );
  CREATE TABLE history (
    instance INTEGER NOT NULL, position INTEGER NOT NULL, events TEXT NOT NULL,
    PRIMARY KEY (instance, position)
  ) WITHOUT ROWID;
`;

const otherTables = `
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
`;

/** Schema 1 had instances and histories by id, and a row for each event. */
const fromSchema1 = `
  ALTER TABLE instances RENAME TO instances_1;
  ALTER TABLE history RENAME TO history_1;
  ${instanceTables}
  INSERT INTO instances SELECT NULL, * FROM instances_1;
  INSERT INTO history
    SELECT number, position, '[' || event || ']' FROM history_1 JOIN instances ON id = instance_id;
  DROP TABLE history_1;
  DROP TABLE instances_1;
`;

/** By the schema that a file has; 0 is a new file. */
const migrations: ReadonlyMap<number, string> = new Map([
  [0, instanceTables + otherTables],
  [1, fromSchema1],
]);

/** 32 MB of journal between checkpoints, and 64 MB of pages in memory: a busy hub writes the same pages over and over. */
const cacheSettings = 'PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -65536;';

export interface TaskHubDatabase {
  readonly db: DatabaseSync;
  /** The process before was killed: what it had deleted may still be in the file. */
  readonly wasCutOff: boolean;
  close(): void;
}

/**
 * Opens `task-hub.db` under `dataDir` (in memory without one), creating what is missing.
 * @throws when another process has the task hub open, or a newer host wrote it.
 */
export function openTaskHub(dataDir: string | undefined): TaskHubDatabase {
  if (dataDir === undefined) {
    const db = new DatabaseSync(':memory:');
    db.exec(instanceTables + otherTables);
    return { db, wasCutOff: false, close: () => db.close() };
  }
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDirectory(dataDir);
  const file = join(dataDir, 'task-hub.db');
  // A hub that was closed in good order leaves no journal.
  const wasCutOff = existsSync(`${file}-wal`);
  const db = new DatabaseSync(file);
  try {
    // What is deleted must be gone from the file too: task hubs hold their users' data.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
    db.exec(cacheSettings);
    migrate(db);
  } catch (error) {
    db.close();
    lock.close();
    throw error;
  }
  return {
    db,
    wasCutOff,
    close: () => {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
      lock.close();
    },
  };
}

/** The operating system lets go of the lock when the process dies, however it dies. */
function lockDirectory(dataDir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDir, 'host.lock'));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;');
  } catch (cause) {
    lock.close();
    throw new Error(`Another host is running on ${dataDir}: two hosts must not share a task hub.`, { cause });
  }
  return lock;
}

function migrate(db: DatabaseSync): void {
  const row = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (row.user_version === schemaVersion) return;
  const migration = migrations.get(row.user_version);
  if (migration === undefined) {
    throw new Error(
      `The task hub has schema ${row.user_version}, which a newer host wrote; this one knows ${schemaVersion} and leaves it as it is. ` +
        'Run the newer host, or give another folder with --data.',
    );
  }
  db.exec(`BEGIN; ${migration} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
}
