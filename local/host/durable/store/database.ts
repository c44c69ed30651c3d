/** Opens the SQLite file of a task hub, for one process at a time. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const schemaVersion = 1;

const schema = `
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
`;

export interface TaskHubDatabase {
  readonly db: DatabaseSync;
  close(): void;
}

/**
 * Opens `task-hub.db` under `dataDir` (in memory without one), creating what is missing.
 * @throws when another process has the task hub open, or a newer host wrote it.
 */
export function openTaskHub(dataDir: string | undefined): TaskHubDatabase {
  if (dataDir === undefined) {
    const db = new DatabaseSync(':memory:');
    db.exec(schema);
    return { db, close: () => db.close() };
  }
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDirectory(dataDir);
  const db = new DatabaseSync(join(dataDir, 'task-hub.db'));
  try {
    // What is deleted must be gone from the file too: task hubs hold their users' data.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
    migrate(db);
  } catch (error) {
    db.close();
    lock.close();
    throw error;
  }
  return {
    db,
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
  if (row.user_version !== 0) {
    throw new Error(
      `The task hub has schema ${row.user_version}, which a newer host wrote; this one knows ${schemaVersion} and leaves it as it is. ` +
        'Run the newer host, or give another folder with --data.',
    );
  }
  db.exec(`BEGIN; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
}
