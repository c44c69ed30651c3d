/**
 * The chain of receipts in its two places. A link is first put among the blobs, where only one writer can take a place, and
 * then into the database; whoever finds its place taken takes into the database what that lacks, and goes on after it. So
 * neither two erasures at once, nor an interruption, nor a restored database can make the chain fork. Within a worker they
 * take turns, so that a thousand erasures at once do not contend for each place; workers still contend with one another.
 */
import {
  brokenLink,
  canonicalText,
  receiptSchema,
  type Receipt,
  type ReceiptBody,
  type ReceiptProof,
} from '../domain/erasure-receipt.ts';
import { jsonText } from '../domain/json-text.ts';
import { StoreError } from '../domain/store-error.ts';
import type { ErasureReceipt, ErasureReceipts } from './erasure.ts';
import type { ReceiptBlobs } from './receipt-blobs.ts';

type Content = Omit<ReceiptBody, 'sequence' | 'previousHash'>;

export interface ReceiptLedger {
  /** Adds a receipt, unless the erasure has one already; answers the one that there is. */
  issue(content: Content): Promise<Receipt>;
  /** A page of the chain, from its beginning. `page` counts from 0. */
  page(page: number, size: number): Promise<Receipt[]>;
  /** The links of whoever's code has this hash, in order. */
  ofClaim(claimHash: string): Promise<Receipt[]>;
}

interface Parts {
  readonly receipts: ErasureReceipts;
  readonly blobs: Pick<ReceiptBlobs, 'put' | 'find'>;
  readonly seal: ReceiptProof & {
    seal(content: Content, previous: Receipt | undefined): Receipt;
  };
}

/** So many receipts of other workers may be issued meanwhile. */
const attempts = 1000;

export function makeReceiptLedger({ receipts, blobs, seal }: Parts): ReceiptLedger {
  const takeIn = async (previous: Receipt | undefined): Promise<void> => {
    const sequence = (previous?.body.sequence ?? 0) + 1;
    const text = await blobs.find(sequence);
    // A place that was taken is never given up again.
    if (text === undefined) throw new StoreError('unavailable', `receipts.${sequence}`);
    const receipt = parseReceipt(text);
    if (receipt === undefined || brokenLink([receipt], seal, previous) !== undefined) {
      throw new StoreError('outdated', `receipts.${sequence}`);
    }
    await receipts.append(toRow(receipt));
  };
  const addLink = async (content: Content): Promise<Receipt> => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      // First the newest: what is not found up to it can only take a place after it.
      const newest = await receipts.newest();
      const held = (await receipts.ofClaim(content.claimHash)).map(fromRow);
      const issued = held.find(({ body }) => body.erasureId === content.erasureId);
      if (issued !== undefined) return issued;
      const previous = newest && fromRow(newest);
      const receipt = seal.seal(content, previous);
      if (await blobs.put(receipt.body.sequence, canonicalText(receipt))) {
        await receipts.append(toRow(receipt));
        return receipt;
      }
      await takeIn(previous);
    }
    throw new StoreError('conflict', 'receipts');
  };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    issue: (content) => {
      const issued = turn.then(() => addLink(content));
      turn = issued.catch(() => undefined);
      return issued;
    },
    page: async (page, size) => (await receipts.page(page, size)).map(fromRow),
    ofClaim: async (claimHash) => (await receipts.ofClaim(claimHash)).map(fromRow),
  };
}

/** A receipt as it lies among the blobs; undefined where it is none. */
export function parseReceipt(text: string): Receipt | undefined {
  return jsonText.pipe(receiptSchema).safeParse(text).data;
}

/** The receipt as the database holds it. */
export function toRow({ body, hash, signature }: Receipt): ErasureReceipt {
  return {
    sequence: body.sequence,
    body: canonicalText(body),
    previousHash: body.previousHash,
    hash,
    signature,
    claimHash: body.claimHash,
    issuedAt: new Date(body.finishedAt),
  };
}

function fromRow({ sequence, body, hash, signature }: ErasureReceipt): Receipt {
  const receipt = parseReceipt(`{"body":${body},"hash":"${hash}","signature":"${signature}"}`);
  if (receipt === undefined) throw new StoreError('outdated', `erasure_receipts.${sequence}`);
  return receipt;
}
