/** What has to be deleted and when, by absolute times, and the proof of what was. */
import type { DueDeletion } from '../domain/subscription.ts';
import { StoreError, type StoreFailure } from '../domain/store-error.ts';
import type { ExpressionBuilder } from 'kysely';
import type { z } from 'zod';
import { readRow, type Database, type TenantTransaction } from './database.ts';
import { commonTables, type CommonSchema } from './tables.ts';
import { upsert } from './upsert.ts';

export type TenantsDeletion = DueDeletion & { tenantId: string };

export interface DueDeletions {
  /** Sets when the category's data is to go, in place of what was set before. */
  set(tenantId: string, deletion: DueDeletion): Promise<void>;
  /** What is set for one tenant, the soonest first. */
  of(tenantId: string): Promise<DueDeletion[]>;
  /** What is due at the instant `at`, of any tenant, the longest overdue first; what comes after `after`. */
  due(at: Date, atMost: number, after?: TenantsDeletion): Promise<TenantsDeletion[]>;
  /** Forgets what is done; what was set in its place since then stays. */
  clear(tenantId: string, deletion: Pick<DueDeletion, 'category' | 'dueAt'>): Promise<void>;
}

/** A link of the chain: holds no identifier, and the hash of the link before it. */
export interface ErasureReceipt {
  /** Counts from 1. */
  sequence: number;
  /** JSON. */
  body: string;
  previousHash: string;
  hash: string;
  /** Of the hash, by the key of receipts. */
  signature: string;
  /** Known to whoever has the tenant's code. */
  claimHash: string;
  issuedAt: Date;
}

export interface ErasureReceipts {
  /** Rejects with `StoreError` (`conflict`) where another link has this place; the same link again does nothing. */
  append(receipt: ErasureReceipt): Promise<void>;
  newest(): Promise<ErasureReceipt | undefined>;
  /** The links of whoever's code has this hash, in order. */
  ofClaim(claimHash: string): Promise<ErasureReceipt[]>;
  /** A page of the chain, from its beginning. `page` counts from 0. */
  page(page: number, size: number): Promise<ErasureReceipt[]>;
}

export function makeDueDeletions(database: Database): DueDeletions {
  return {
    set: async (tenantId, deletion) => {
      await database.inTenant(tenantId).together((scope) => setDueDeletion(scope, deletion));
    },
    of: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const rows = await db
        .selectFrom('due_deletions')
        .selectAll()
        .orderBy('due_at')
        .orderBy('category')
        .execute();
      return rows.map(toDeletion);
    },
    due: async (at, atMost, after) => {
      const due = database.common
        .selectFrom('due_deletions')
        .selectAll()
        .where('due_at', '<=', at.toISOString());
      const rows = await (after === undefined ? due : due.where((where) => isAfter(where, after)))
        .orderBy('due_at')
        .orderBy('tenant_id')
        .orderBy('category')
        .limit(atMost)
        .execute();
      return rows.map((row) => ({ tenantId: row.tenant_id, ...toDeletion(row) }));
    },
    clear: async (tenantId, { category, dueAt }) => {
      await database
        .inTenant(tenantId)
        .db.deleteFrom('due_deletions')
        .where('category', '=', category)
        .where('due_at', '=', dueAt.toISOString())
        .execute();
    },
  };
}

function isAfter(
  where: ExpressionBuilder<CommonSchema, 'due_deletions'>,
  { dueAt, tenantId, category }: TenantsDeletion,
) {
  const at = dueAt.toISOString();
  return where.or([
    where('due_at', '>', at),
    where.and([where('due_at', '=', at), where('tenant_id', '>', tenantId)]),
    where.and([
      where('due_at', '=', at),
      where('tenant_id', '=', tenantId),
      where('category', '>', category),
    ]),
  ]);
}

/** Sets it within a transaction. */
export async function setDueDeletion(
  scope: TenantTransaction,
  { category, reason, dueAt }: DueDeletion,
): Promise<void> {
  const row = { category, reason, due_at: dueAt.toISOString() };
  await upsert(scope, 'due_deletions', [row], { by: 'category' });
}

function toDeletion(held: unknown): DueDeletion {
  const { category, reason, due_at: dueAt } = readRow('due_deletions', held);
  return { category, reason, dueAt: new Date(dueAt) };
}

export function makeErasureReceipts({ common }: Database): ErasureReceipts {
  const all = common.selectFrom('erasure_receipts').selectAll();
  return {
    append: (receipt) =>
      common.transaction().execute(async (transaction) => {
        const row = toReceiptRow(receipt);
        const held = await transaction
          .selectFrom('erasure_receipts')
          .select('hash')
          .where('sequence', '=', row.sequence)
          .forUpdate()
          .executeTakeFirst();
        if (held?.hash === row.hash) return;
        if (held !== undefined) throw new StoreError('conflict', 'erasure_receipts.sequence');
        await transaction.insertInto('erasure_receipts').values(row).execute();
      }),
    newest: async () => {
      const row = await all.orderBy('sequence', 'desc').limit(1).executeTakeFirst();
      return row && toReceipt(row);
    },
    ofClaim: async (claimHash) =>
      (await all.where('claim_hash', '=', claimHash).orderBy('sequence').execute()).map(toReceipt),
    page: async (page, size) =>
      (
        await all
          .orderBy('sequence')
          .offset(page * size)
          .limit(size)
          .execute()
      ).map(toReceipt),
  };
}

const receiptRow = commonTables.erasure_receipts;

function toReceiptRow(receipt: ErasureReceipt) {
  const { data, error } = receiptRow.safeParse({
    sequence: receipt.sequence,
    body: receipt.body,
    previous_hash: receipt.previousHash,
    hash: receipt.hash,
    signature: receipt.signature,
    claim_hash: receipt.claimHash,
    issued_at: receipt.issuedAt.toISOString(),
  });
  if (data !== undefined) return data;
  throw misfit('rejected', error);
}

function misfit(failure: StoreFailure, error: z.ZodError | undefined): StoreError {
  return new StoreError(failure, `erasure_receipts.${error?.issues[0]?.path.join('.') ?? ''}`);
}

function toReceipt(held: unknown): ErasureReceipt {
  const { data: row, error } = receiptRow.safeParse(held);
  if (row === undefined) throw misfit('outdated', error);
  return {
    sequence: row.sequence,
    body: row.body,
    previousHash: row.previous_hash,
    hash: row.hash,
    signature: row.signature,
    claimHash: row.claim_hash,
    issuedAt: new Date(row.issued_at),
  };
}
