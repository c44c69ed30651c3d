/** A stack on the virtual clock with a data directory of its own, into which a test reaches to break or to look up things. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { readSqlite } from '../../local/residue/sqlite-copy.ts';
import { withoutBatches } from '../../local/stack/presence-calls.ts';
import { StackProcess, type Customer, type JournalEntry } from '../../local/stack/stack-process.ts';

const vendors = ['graph', 'ringCentral', 'entra', 'keyVault', 'logs', 'marketplace'] as const;
type Vendor = (typeof vendors)[number];

const instanceSchema = z.object({ instanceId: z.string(), name: z.string(), runtimeStatus: z.string() });

const secretSchema = z.object({ name: z.string(), value: z.string() });

export class StackWithData {
  readonly data: string;
  stack: StackProcess;

  private constructor(data: string, stack: StackProcess) {
    this.data = data;
    this.stack = stack;
  }

  /** `args` are further arguments of the command. */
  static async start(args: readonly string[] = []): Promise<StackWithData> {
    const data = await mkdtemp(join(tmpdir(), 'presence-hub-test-'));
    return new StackWithData(data, await StackProcess.start({ clock: 'virtual', data, args }));
  }

  /** A power cut: the stack ends at once, and starts again on the same port and data; by then its clock may stand elsewhere. */
  async powerCut(clock?: number): Promise<void> {
    const port = Number(new URL(this.stack.app).port);
    await this.stack.kill();
    if (clock !== undefined) await writeFile(join(this.data, 'clock'), new Date(clock).toISOString());
    this.stack = await StackProcess.start({ clock: 'virtual', data: this.data, port });
  }

  /** Stops the stack, lets `meanwhile` happen, and starts it again on the same data, on any port unless one is given. */
  async restart(meanwhile: () => Promise<void> = async () => undefined, port = 0): Promise<void> {
    await this.stack.stop();
    await meanwhile();
    this.stack = await StackProcess.start({ clock: 'virtual', data: this.data, port });
  }

  async end(): Promise<void> {
    await this.stack.stop();
    await rm(this.data, { recursive: true, force: true });
  }

  /** A change in the app's own database, as another program would make it. */
  sql(statement: string): void {
    const database = new DatabaseSync(join(this.data, 'app/presence-hub.sqlite'), { timeout: 5000 });
    database.exec(statement);
    database.close();
  }

  /** What stands in the app's own database. */
  rows(query: string): Record<string, unknown>[] {
    const database = new DatabaseSync(join(this.data, 'app/presence-hub.sqlite'), { timeout: 5000 });
    try {
      return database.prepare(query).all();
    } finally {
      database.close();
    }
  }

  /** The secrets that the vault holds, deleted ones that are not purged included. */
  vaultSecrets(): { name: string; value: string }[] {
    return readSqlite(join(this.data, 'app/key-vault.sqlite'), (vault) => vault.rows('versions')).map((row) =>
      secretSchema.parse(JSON.parse(String(row['value']))),
    );
  }

  /** The app's store fails wherever it needs this table, while `meanwhile` goes on. */
  async withoutTable(table: string, meanwhile: () => Promise<void>): Promise<void> {
    this.sql(`ALTER TABLE ${table} RENAME TO ${table}_away`);
    await meanwhile();
    this.sql(`ALTER TABLE ${table}_away RENAME TO ${table}`);
  }

  /** What the app has asked a vendor, in batches too: "METHOD path status", where that matches. */
  async requests(vendor: Vendor, pattern: RegExp): Promise<JournalEntry[]> {
    const journal = withoutBatches(await this.stack.journal(vendor));
    return journal.filter(({ method, path, status }) => pattern.test(`${method} ${path} ${status}`));
  }

  /** Onboarding once more, as an operator starts it. */
  async onboardAgain(tenantId: string): Promise<void> {
    await this.operator(`orchestrators/onboardTenant/onboarding:${tenantId}`, { tenantId });
    await this.stack.idle();
  }

  /** The app forgets a person, as if it had never met them; their mapping is taken out, too. */
  async forget(tenantId: string, userId: string): Promise<void> {
    this.sql(`DELETE FROM mappings WHERE user_id = '${userId}'`);
    await this.operator(`instances/@userpresence@${tenantId}:${userId}`, undefined, 'DELETE');
  }

  /** The instances whose ids begin so. */
  async instances(prefix: string): Promise<z.infer<typeof instanceSchema>[]> {
    return z.array(instanceSchema).parse(await this.operator(`instances?instanceIdPrefix=${prefix}`));
  }

  /** How the host's own durable API answers an operator. */
  async operator(
    path: string,
    body?: object,
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<unknown> {
    const { durableTask } = z
      .object({ durableTask: z.string() })
      .parse(JSON.parse(await readFile(join(this.data, 'app/task-hub/keys.json'), 'utf8')));
    const url = new URL(`${this.stack.app}/runtime/webhooks/durabletask/${path}`);
    url.searchParams.set('code', durableTask);
    const response = await fetch(url, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }
}

/** The customer's `n`th person, counted from 0. */
export function person({ users }: Customer, n = 0): Customer['users'][number] {
  const found = users[n];
  if (found === undefined) throw new Error(`The customer has no person ${n}.`);
  return found;
}
