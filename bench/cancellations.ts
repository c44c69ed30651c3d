/**
 * A thousand tenants cancelled within one minute: whether each deadline is kept, what waiting for them costs, and how much
 * work the erasures are. Deadlines are of the virtual clock, which stands still while there is work; how long that takes is
 * told in real seconds.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { makeReceiptProof } from '../clients/receipts.ts';
import { brokenLink, receiptSchema, type Receipt } from '../domain/erasure-receipt.ts';
import { StackProcess } from '../local/stack/stack-process.ts';
import { openStore, type Store } from '../store/store.ts';
import { median } from './host/figures.ts';

/** Taken on as customers are, with keepers, entities and consents; of the others there are the rows. */
const onboarded = 50;
const atOnce = 16;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const waitingDays = 5;

/** When data of a category is to be gone, in days after the cancellation, and a table whose rows tell that it is. */
const deadlines = [
  { category: 'service', days: 1, table: 'users' },
  { category: 'licence', days: 30, table: 'licences' },
  { category: 'billing', days: 90, table: 'billing_events' },
] as const;
type Deadline = (typeof deadlines)[number];

/** What has been done so far. */
interface Spent {
  messages: Record<string, number>;
  totalMessages: number;
  vendorCalls: number;
}

const purchaseSchema = z.object({ subscriptionId: z.string(), purchaseToken: z.string() });
const pageSchema = z.object({
  publicKey: z.string(),
  receipts: z.array(receiptSchema),
  next: z.int().optional(),
});

/** Prints, for so many tenants, each deadline with its receipts, and what the tenants cost while they wait. */
export async function benchCancellations(tenants = 1000): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'presence-hub-bench-'));
  const args = ['--log-level=error', '--start=2026-03-02T08:00:00Z'];
  const stack = await StackProcess.start({ clock: 'virtual', data, args });
  try {
    await new Cancellations(stack, data, tenants).run();
  } finally {
    await stack.stop();
    await rm(data, { recursive: true, force: true });
  }
}

class Cancellations {
  readonly #stack: StackProcess;
  readonly #databaseFile: string;
  readonly #taskHubFile: string;
  readonly #tenants: number;
  #cancelledFrom = 0;

  constructor(stack: StackProcess, data: string, tenants: number) {
    this.#stack = stack;
    this.#databaseFile = join(data, 'app/presence-hub.sqlite');
    this.#taskHubFile = join(data, 'app/task-hub/task-hub.db');
    this.#tenants = tenants;
  }

  async run(): Promise<void> {
    console.log(`\n${this.#tenants} tenants cancelled within a minute (${onboarded} of them onboarded)`);
    const subscriptions = await this.#timed('bought and activated', () => this.#buyAll());
    await this.#timed('all cancelled, webhooks seen through, left cleanly', () =>
      this.#cancelAll(subscriptions),
    );
    const [service, licence, billing] = deadlines;
    await this.#meet(service);
    const waiting = await this.#costOfDays(2);
    await this.#meet(licence);
    await this.#advanceTo(this.#cancelledFrom + (billing.days - 1) * dayMs);
    this.#printHistories();
    await this.#meet(billing);
    const afterwards = await this.#costOfDays(95);
    this.#printWaiting(waiting, afterwards);
    await this.#printReceipts();
  }

  async #timed<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = await this.#spent();
    const started = performance.now();
    const result = await act();
    const seconds = (performance.now() - started) / 1000;
    const { totalMessages, vendorCalls } = difference(await this.#spent(), before);
    const [messages, calls] = [totalMessages, vendorCalls].map((count) => (count / this.#tenants).toFixed(1));
    console.log(
      `  ${name}: ${seconds.toFixed(1)} s, per tenant ${messages} messages, ${calls} calls of vendors and vault`,
    );
    return result;
  }

  async #buyAll(): Promise<string[]> {
    const bought: string[] = [];
    await inTurns(Array.from({ length: Math.min(onboarded, this.#tenants) }), async () => {
      bought.push((await this.#stack.customer({ users: 2 })).subscriptionId);
    });
    const others: string[] = [];
    await inTurns(Array.from({ length: this.#tenants - bought.length }), async () => {
      const request = { quantity: 3 };
      const purchase = purchaseSchema.parse(await this.#stack.post('/marketplace/purchases', request));
      await activate(this.#stack.app, purchase.purchaseToken);
      others.push(purchase.subscriptionId);
    });
    await this.#stack.advance('PT1M');
    const store = await openStore({ file: this.#databaseFile });
    try {
      for (const tenantId of others) await seed(store, tenantId, new Date(await this.#stack.now()));
    } finally {
      await store.close();
    }
    return [...bought, ...others];
  }

  async #cancelAll(subscriptions: readonly string[]): Promise<void> {
    this.#cancelledFrom = Date.parse(await this.#stack.now());
    const perStep = Math.ceil(subscriptions.length / 12);
    for (let start = 0; start < subscriptions.length; start += perStep) {
      await inTurns(subscriptions.slice(start, start + perStep), (subscriptionId) =>
        this.#stack.post(`/marketplace/${subscriptionId}/unsubscribe`, {}),
      );
      await this.#stack.advance('PT5S');
    }
    await this.#stack.advance('PT3H');
    const awaited = this.#rows('select distinct tenant_id from due_deletions').length;
    console.log(`  tenants whose deletions are set: ${awaited}`);
  }

  /** Lets a deadline pass, and looks every few seconds who still has rows. */
  async #meet({ category, days, table }: Deadline): Promise<void> {
    const due = new Map(
      this.#rows(`select tenant_id, due_at from due_deletions where category = '${category}'`).map((row) => [
        String(row['tenant_id']),
        Date.parse(String(row['due_at'])),
      ]),
    );
    await this.#advanceTo(this.#cancelledFrom + days * dayMs - minuteMs);
    const early = due.size - this.#holders(table, due).size;
    const goneAfter: number[] = [];
    await this.#timed(`${category} data erased`, async () => {
      const waited = new Map(due);
      for (let look = 0; look < 60 && waited.size > 0; look += 1) {
        await this.#stack.advance('PT5S');
        const now = Date.parse(await this.#stack.now());
        const holders = this.#holders(table, due);
        for (const [tenantId, dueAt] of waited) {
          if (holders.has(tenantId)) continue;
          goneAfter.push(now - dueAt);
          waited.delete(tenantId);
        }
      }
      await this.#stack.advance('PT30M');
    });
    console.log(
      `    gone at most ${seconds(Math.max(...goneAfter))} after it was due, p50 ${seconds(median(goneAfter))};` +
        ` early ${early}, never ${due.size - goneAfter.length}`,
    );
  }

  #holders(table: string, among: ReadonlyMap<string, number>): Set<string> {
    const holders = this.#rows(`select distinct tenant_id from ${table}`).map((row) =>
      String(row['tenant_id']),
    );
    return new Set(holders.filter((tenantId) => among.has(tenantId)));
  }

  /** From so many days after the cancellation on. */
  async #costOfDays(day: number): Promise<Spent> {
    await this.#advanceTo(this.#cancelledFrom + day * dayMs);
    const before = await this.#spent();
    await this.#advanceTo(this.#cancelledFrom + (day + waitingDays) * dayMs);
    return difference(await this.#spent(), before);
  }

  #printWaiting(waiting: Spent, afterwards: Spent): void {
    const more = difference(waiting, afterwards);
    const each = (count: number) => (count / this.#tenants / waitingDays).toFixed(4);
    const { timerFired = 0 } = more.messages;
    console.log(`  per waiting tenant and day, beyond an app whose customers have all gone:`);
    console.log(`    timers ${each(timerFired)}, other messages ${each(more.totalMessages - timerFired)}`);
    console.log(`    calls of vendors and vault ${each(more.vendorCalls)}`);
    console.log(
      `    (the app itself, a day: ${(afterwards.totalMessages / waitingDays).toFixed(0)} messages, ` +
        `${(afterwards.vendorCalls / waitingDays).toFixed(0)} calls, for the comparison with the marketplace)`,
    );
  }

  #printHistories(): void {
    const lengths = this.#rows(
      `select sum(json_array_length(events)) as events from history join instances on number = instance
       where name = 'cancelTenant' group by instance`,
      this.#taskHubFile,
    ).map((row) => Number(row['events']));
    console.log(
      `  on the day before the last deadline ${lengths.length} cancellations wait,` +
        ` with histories of ${median(lengths)} events, at most ${Math.max(...lengths)}`,
    );
  }

  async #printReceipts(): Promise<void> {
    const chain = await readChain(this.#stack.app);
    for (const { category } of deadlines) {
      const bodies = chain.map(({ body }) => body).filter((body) => body.category === category);
      const after = (from: 'startedAt' | 'finishedAt') =>
        bodies.map((body) => Date.parse(body[from]) - Date.parse(body.dueAt));
      const [begun, proven] = [after('startedAt'), after('finishedAt')];
      console.log(
        `  ${category}: ${bodies.length} receipts; begun after at most ${seconds(Math.max(...begun))},` +
          ` p50 ${seconds(median(begun))}; found gone twice after at most ${seconds(Math.max(...proven))},` +
          ` p50 ${seconds(median(proven))}`,
      );
    }
    const telemetry = await this.#stack.telemetry();
    const late = telemetry.filter(({ data: { baseData } }) =>
      /^erasure(Late|Overdue|NotStarted)$/.test(String(baseData['message'])),
    );
    console.log(`  ${chain.length} receipts in one valid chain; said to be late: ${late.length}`);
  }

  async #advanceTo(instant: number): Promise<void> {
    const ms = instant - Date.parse(await this.#stack.now());
    if (ms > 0) await this.#stack.advance(`PT${ms / 1000}S`);
  }

  async #spent(): Promise<Spent> {
    const { messages, totalMessages } = await this.#stack.stats();
    const journal = await this.#stack.journal();
    return { messages, totalMessages, vendorCalls: journal.length };
  }

  #rows(query: string, file = this.#databaseFile): Record<string, unknown>[] {
    const database = new DatabaseSync(file, { timeout: 5000, readOnly: true });
    try {
      return database.prepare(query).all();
    } finally {
      database.close();
    }
  }
}

/** What a customer with three people has in the store. */
async function seed(store: Store, tenantId: string, at: Date): Promise<void> {
  const people = Array.from({ length: 3 }, (_, index) => ({
    userId: randomUUID(),
    extensionId: String(index + 1),
    displayName: 'Somebody',
  }));
  await store.tenants.add({ tenantId, microsoftTenantId: randomUUID(), ringCentralAccountId: '1' }, at);
  await store.users.upsert(tenantId, people.map(toUser), at);
  await store.mappings.add(
    tenantId,
    people.map(({ userId, extensionId }) => ({ userId, extensionId, shard: 0 })),
    at,
  );
}

function toUser({ userId, displayName }: { userId: string; displayName: string }) {
  const unknown = {
    userPrincipalName: null,
    givenName: null,
    surname: null,
    department: null,
    jobTitle: null,
    businessPhones: [],
  };
  return { userId, displayName, mail: `${userId}@example.com`, ...unknown };
}

async function activate(app: string, token: string): Promise<void> {
  const answer = await fetch(`${app}/api/marketplace/purchases/activate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (answer.status !== 202) throw new Error(`The purchase was refused: HTTP ${answer.status}`);
}

async function readChain(app: string): Promise<Receipt[]> {
  const chain: Receipt[] = [];
  for (let number: number | undefined = 0; number !== undefined;) {
    const response = await fetch(`${app}/api/erasure-receipts?page=${number}`);
    const page = pageSchema.parse(await response.json());
    chain.push(...page.receipts);
    number = page.next;
    if (number !== undefined) continue;
    const broken = brokenLink(chain, makeReceiptProof(page.publicKey));
    if (broken !== undefined) throw new Error(`Receipt ${broken.link} is ${broken.fault}.`);
  }
  return chain;
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = items.values();
  const turn = async (): Promise<void> => {
    for (const item of waiting) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
}

function difference(after: Spent, before: Spent): Spent {
  const kinds = Object.keys({ ...after.messages, ...before.messages });
  const messages = Object.fromEntries(
    kinds.map((kind) => [kind, (after.messages[kind] ?? 0) - (before.messages[kind] ?? 0)]),
  );
  return {
    messages,
    totalMessages: after.totalMessages - before.totalMessages,
    vendorCalls: after.vendorCalls - before.vendorCalls,
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
