/** The floor of durability: node:sqlite alone writing the rows that the host wrote, in the same transactions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { openTaskHub } from '../../local/host/durable/store/database.ts';

type Values = Parameters<StatementSync['run']>;
type Write = { readonly sql: string; readonly values: Values } | { readonly command: string };

interface StatementMethods {
  run: (this: StatementSync, ...values: Values) => ReturnType<StatementSync['run']>;
}

interface DatabaseMethods {
  exec: (this: DatabaseSync, command: string) => void;
}

/** Runs `work` and keeps every write that any database of this process sees meanwhile. */
export async function recordWrites(work: () => Promise<void>): Promise<Write[]> {
  const writes: Write[] = [];
  const statements: StatementMethods = StatementSync.prototype;
  const databases: DatabaseMethods = DatabaseSync.prototype;
  const { run } = statements;
  const { exec } = databases;
  statements.run = function (...values) {
    writes.push({ sql: this.sourceSQL, values });
    return run.apply(this, values);
  };
  databases.exec = function (command) {
    writes.push({ command });
    exec.call(this, command);
  };
  try {
    await work();
  } finally {
    statements.run = run;
    databases.exec = exec;
  }
  return writes;
}

/** Does the same writes in a new file with the host's own settings; the time it took, in ms. */
export function replayWrites(writes: readonly Write[]): number {
  const dataDir = mkdtempSync(join(tmpdir(), 'host-bench-floor-'));
  const hub = openTaskHub(dataDir);
  const { db } = hub;
  const statements = new Map<string, StatementSync>();
  const started = performance.now();
  for (const write of writes) {
    if ('command' in write) {
      db.exec(write.command);
      continue;
    }
    let statement = statements.get(write.sql);
    if (!statement) statements.set(write.sql, (statement = db.prepare(write.sql)));
    statement.run(...write.values);
  }
  const took = performance.now() - started;
  hub.close();
  rmSync(dataDir, { recursive: true });
  return took;
}
