/** The floor of durability: node:sqlite alone writing the rows that the host wrote, in the same transactions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { openTaskHub } from '../../local/host/durable/store/database.ts';

type Values = Parameters<StatementSync['run']>;
type Write = { readonly sql: string; readonly values: Values } | { readonly command: string };

/** Runs `work` and keeps every write that any database of this process sees meanwhile. */
export async function recordWrites(work: () => Promise<void>): Promise<Write[]> {
  const writes: Write[] = [];
  const { run } = StatementSync.prototype;
  const { exec } = DatabaseSync.prototype;
  StatementSync.prototype.run = function (this: StatementSync, ...values: Values) {
    writes.push({ sql: this.sourceSQL, values });
    return run.apply(this, values);
  } as typeof run;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, command: string) {
    writes.push({ command });
    exec.call(this, command);
  };
  try {
    await work();
  } finally {
    StatementSync.prototype.run = run;
    DatabaseSync.prototype.exec = exec;
  }
  return writes;
}

/** Does the same writes in a new file with the host's own settings; the time it took, in ms. */
export function replayWrites(writes: readonly Write[]): number {
  const dataDir = mkdtempSync(join(tmpdir(), 'host-bench-floor-'));
  const { db, close } = openTaskHub(dataDir);
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
  close();
  rmSync(dataDir, { recursive: true });
  return took;
}
