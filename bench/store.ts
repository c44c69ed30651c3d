/**
 * What ten thousand users cost in the store: statements and time, beside a plain bulk insert of the same rows through the
 * same driver. On a SQLite file, or on the SQL Server that the environment names.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDatabaseConfig } from '../config.ts';
import { openDatabase, type Database } from '../store/database.ts';
import type { User } from '../store/directory.ts';
import { migrate } from '../store/migrate.ts';
import { sqlServerConfig } from '../store/sql-server/config.ts';
import { SqlServerDialect } from '../store/sql-server/dialect.ts';
import { EmbeddedDialect } from '../store/sqlite/dialect.ts';
import { makeStore, type Store } from '../store/store.ts';
import { batches, rowsPerStatement } from '../store/upsert.ts';
import { median } from './host/figures.ts';

const people = 10_000;
const rounds = 5;
const pageSize = 1000;

type Dialect = Parameters<typeof openDatabase>[0];

interface Cost {
  statements: number;
  milliseconds: number;
}

interface Subject {
  store: Store;
  database: Database;
  tenantId: string;
  /** Owns the rows of the plain insert. */
  floorId: string;
}

/** The first is the floor that the others are measured against. */
const steps: readonly [name: string, act: (subject: Subject) => Promise<unknown>][] = [
  ['plain bulk insert', ({ database, floorId }) => insertPlainly(database, floorId)],
  ['upserted into an empty table', ({ store, tenantId }) => store.users.upsert(tenantId, users(''), now)],
  ['upserted again, unchanged', ({ store, tenantId }) => store.users.upsert(tenantId, users(''), now)],
  ['upserted again, all changed', ({ store, tenantId }) => store.users.upsert(tenantId, users('new '), now)],
  ['matched to extensions by mail', ({ store, tenantId }) => match(store, tenantId)],
  ['read back, page by page', ({ store, tenantId }) => readAll(store, tenantId)],
];

const now = new Date();

/** Prints a line per step; ratios are medians of each round's own. */
export async function benchStore(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-store-'));
  let statements = 0;
  const [engine, dialect] = dialectOfEnvironment(join(directory, 'hub.sqlite'));
  const database = openDatabase(
    counted(dialect, () => {
      statements += 1;
    }),
  );
  const store = makeStore(database);
  const measured: Cost[][] = [];
  try {
    await migrate(database);
    for (let round = 0; round < rounds; round += 1) {
      const subject = { store, database, tenantId: randomUUID(), floorId: randomUUID() };
      const costs: Cost[] = [];
      for (const [, act] of steps) {
        const [before, start] = [statements, performance.now()];
        await act(subject);
        costs.push({ statements: statements - before, milliseconds: performance.now() - start });
      }
      measured.push(costs);
      for (const tenantId of [subject.tenantId, subject.floorId]) await removeAll(database, tenantId);
    }
  } finally {
    await database.close();
    rmSync(directory, { recursive: true });
  }
  print(engine, measured);
}

function print(engine: string, measured: readonly Cost[][]): void {
  console.log(
    `\n${people} users in the store, ${engine} (medians of ${rounds} rounds; ratios to the first line)`,
  );
  console.log('statements   ratio        ms   ratio');
  for (const [step, [name]] of steps.entries()) {
    const of = (figure: keyof Cost, at: number) => measured.map((costs) => costs[at]?.[figure] ?? 0);
    const ratio = (figure: keyof Cost) =>
      median(of(figure, step).map((value, round) => value / (of(figure, 0)[round] ?? 1)));
    const columns = [
      String(median(of('statements', step))).padStart(10),
      ratio('statements').toFixed(2).padStart(7),
      median(of('milliseconds', step)).toFixed(0).padStart(9),
      ratio('milliseconds').toFixed(2).padStart(7),
    ];
    console.log(`${columns.join(' ')}  ${name}`);
  }
}

function dialectOfEnvironment(file: string): [string, Dialect] {
  if (process.env['SQL_SERVER'] === undefined) return ['SQLite', new EmbeddedDialect(file)];
  const settings = readDatabaseConfig();
  if ('file' in settings) return ['SQLite', new EmbeddedDialect(settings.file)];
  return ['SQL Server', new SqlServerDialect(sqlServerConfig(settings))];
}

/** The same dialect, which counts the queries that are made; each is made to be run once. */
function counted(dialect: Dialect, count: () => void): Dialect {
  return {
    createDriver: () => dialect.createDriver(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => {
      const compiler = dialect.createQueryCompiler();
      return {
        compileQuery: (node, queryId) => {
          count();
          return compiler.compileQuery(node, queryId);
        },
      };
    },
  };
}

function idOf(index: number): string {
  return `0f6a8e9e-4d5f-4c8a-9a52-${String(index).padStart(12, '0')}`;
}

function users(title: string): User[] {
  return Array.from({ length: people }, (_, index) => ({
    userId: idOf(index),
    displayName: `Zoë Person ${index}`,
    mail: `person.${index}@example.com`,
    userPrincipalName: `person.${index}@example.com`,
    givenName: 'Zoë',
    surname: `Person ${index}`,
    department: 'Customer care',
    jobTitle: `${title}agent`,
    businessPhones: ['+1 650 555 0100'],
  }));
}

async function insertPlainly(database: Database, tenantId: string): Promise<void> {
  const rows = users('').map((user) => ({
    tenant_id: tenantId,
    user_id: user.userId,
    display_name: user.displayName,
    mail: user.mail,
    given_name: user.givenName,
    surname: user.surname,
    department: user.department,
    job_title: user.jobTitle,
    business_phones: JSON.stringify(user.businessPhones),
    updated_at: now.toISOString(),
  }));
  await database.whole.transaction().execute(async (transaction) => {
    for (const batch of batches(rows, rowsPerStatement(9))) {
      await transaction
        .insertInto('users' as never)
        .values(batch)
        .execute();
    }
  });
}

/** As the sync of a directory does it: what RingCentral tells of its extensions is in memory. */
async function match(store: Store, tenantId: string): Promise<void> {
  const extensionsByMail = new Map(
    Array.from({ length: people }, (_, index) => [
      `person.${index}@example.com`,
      String(62_000_000_000 + index),
    ]),
  );
  for (let page = 0; ; page += 1) {
    const found = await store.users.page(tenantId, page, pageSize);
    const mappings = found.flatMap(({ userId, mail }) => {
      const extensionId = extensionsByMail.get(mail ?? '');
      return extensionId === undefined ? [] : [{ userId, extensionId, shard: 0 }];
    });
    await store.mappings.add(tenantId, mappings, now);
    if (found.length < pageSize) return;
  }
}

async function readAll(store: Store, tenantId: string): Promise<void> {
  let read = 0;
  for (let page = 0; page * pageSize < people; page += 1) {
    const mappings = await store.mappings.page(tenantId, page, pageSize);
    const found = await store.users.page(tenantId, page, pageSize);
    read += mappings.length + found.length;
  }
  if (read !== 2 * people) throw new Error(`Of ${2 * people} rows ${read} were read.`);
}

/** A server is left as it was found. */
async function removeAll(database: Database, tenantId: string): Promise<void> {
  const { db } = database.inTenant(tenantId);
  await db.deleteFrom('users').execute();
  await db.deleteFrom('mappings').execute();
}
