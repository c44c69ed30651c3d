/** What `npm run reapply-erasures` does. */
import { hoursKeptAfter } from '../domain/data-map/retention.ts';
import {
  brokenLink,
  type Receipt,
  type ReceiptBody,
  type ReceiptFault,
  type ReceiptProof,
} from '../domain/erasure-receipt.ts';
import type { ReceiptBlobs } from './receipt-blobs.ts';
import { parseReceipt, toRow } from './receipt-ledger.ts';
import type { Store } from './store.ts';

interface Parts {
  readonly store: Pick<Store, 'dueDeletions' | 'erasureReceipts' | 'subscriptions' | 'tenantRows'>;
  readonly blobs: Pick<ReceiptBlobs, 'all'>;
  readonly proof: ReceiptProof;
  readonly codes: { claimHash(tenantId: string): string };
  readonly now: Date;
}

type Outcome =
  { receipts: number; missing: number; due: number } | { broken: { link: number; fault: ReceiptFault } };

/**
 * Sets erasures due again that the database knows nothing of; answers counts. Those that it does know were carried out on
 * what it holds: a customer who has come back since is left alone. Nothing is done where a receipt is not as it was issued.
 * The receipts are taken in last, so that an interruption loses nothing.
 */
export async function reapplyErasures({ store, blobs, proof, codes, now }: Parts): Promise<Outcome> {
  const texts = await blobs.all();
  const chain = texts.map((text) => parseReceipt(text));
  const broken = brokenLink(chain, proof);
  if (broken !== undefined) return { broken };
  const newest = await store.erasureReceipts.newest();
  const missing = chain.filter(
    (receipt): receipt is Receipt => receipt !== undefined && receipt.body.sequence > (newest?.sequence ?? 0),
  );
  const byClaim = Map.groupBy(missing, ({ body }) => body.claimHash);
  let due = 0;
  for (const tenantId of await store.tenantRows.tenantIds()) {
    const ofTenant = byClaim.get(codes.claimHash(tenantId)) ?? [];
    for (const { body } of ofTenant) await endAgain(store, tenantId, body);
    const byCategory = new Map(ofTenant.map(({ body }) => [body.category, body]));
    for (const { category, reason } of byCategory.values()) {
      await store.dueDeletions.set(tenantId, { category, reason, dueAt: now });
      due += 1;
    }
  }
  for (const receipt of missing) await store.erasureReceipts.append(toRow(receipt));
  return { receipts: chain.length, missing: missing.length, due };
}

/**
 * A restored subscription may still be running. It ends again at the instant that the receipt tells of, so that whatever
 * else is due comes at its old time, and not so long after the restore.
 */
async function endAgain(
  { subscriptions }: Pick<Store, 'subscriptions'>,
  tenantId: string,
  { category, reason, dueAt, erasureId }: ReceiptBody,
): Promise<void> {
  const hours = hoursKeptAfter(reason, category);
  if (reason !== 'cancelled' || hours === undefined) return;
  const at = new Date(Date.parse(dueAt) - hours * 3_600_000);
  const noted = { eventId: erasureId, termUnit: null, purchaser: { mail: null, objectId: null } };
  await subscriptions.change(tenantId, { event: 'ended', plan: undefined, at }, noted);
}
