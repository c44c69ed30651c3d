/**
 * The receipt of an erasure: what it says, and how a chain of receipts is checked. It names nobody: whose it is tells only
 * the hash of a code that the customer alone has, and the place in the chain that its hash has makes it unchangeable.
 */
import { z } from 'zod';
import { endReasons } from './data-map/retention.ts';
import { erasedCategories } from './data-map/words.ts';

const instant = z.iso.datetime({ precision: 3 });
const count = z.int().nonnegative();

/** What stands before the first. */
export const noHash = '0'.repeat(64);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What a receipt says. */
const receiptBodySchema = z.strictObject({
  version: z.literal(1),
  /** Its place in the chain, from 1. */
  sequence: z.int().positive(),
  /** The same however often one erasure is run, and nobody's to guess. */
  erasureId: z.string().regex(/^[\w-]{43}$/),
  category: z.enum(erasedCategories),
  reason: z.enum(endReasons),
  dueAt: instant,
  startedAt: instant,
  finishedAt: instant,
  /** How much was erased, by places of the data map. */
  erased: z.record(z.string().regex(/^[a-z]+:\w+$/), count),
  /** How much was found afterwards, in all these places. */
  leftOver: z.literal(0),
  claimHash: z.string().regex(/^[\w-]{43}$/),
  previousHash: hash,
});
export type ReceiptBody = z.infer<typeof receiptBodySchema>;

/** A link of the chain. */
export const receiptSchema = z.strictObject({
  body: receiptBodySchema,
  /** SHA-256 of the body as {@link canonicalText} has it. */
  hash,
  /** Ed25519, of the hash's bytes. */
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** JSON in the one form that is hashed: keys in order, no blanks. */
export function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, held]) => `${JSON.stringify(key)}:${canonicalText(held)}`);
  return `{${members.join(',')}}`;
}

/** How hashes are made and signatures checked. */
export interface ReceiptProof {
  hashOf(text: string): string;
  isSigned(hash: string, signature: string): boolean;
}

export type ReceiptFault = 'misshapen' | 'outOfOrder' | 'changed' | 'unsigned';

/**
 * The first link that is not as it was issued, counted from 1, and what is wrong with it; undefined where the chain is
 * whole from its beginning, or from the link `after`, to the last that is given. That the last ones are missing can be told only by
 * who knows a later hash.
 */
export function brokenLink(
  chain: readonly unknown[],
  proof: ReceiptProof,
  after?: Receipt,
): { link: number; fault: ReceiptFault } | undefined {
  let previous = after;
  for (const [index, given] of chain.entries()) {
    const link = (after?.body.sequence ?? 0) + index + 1;
    const receipt = receiptSchema.safeParse(given).data;
    if (receipt === undefined) return { link, fault: 'misshapen' };
    const { body } = receipt;
    if (body.sequence !== link || body.previousHash !== (previous?.hash ?? noHash)) {
      return { link, fault: 'outOfOrder' };
    }
    if (proof.hashOf(canonicalText(body)) !== receipt.hash) return { link, fault: 'changed' };
    if (!proof.isSigned(receipt.hash, receipt.signature)) return { link, fault: 'unsigned' };
    previous = receipt;
  }
  return undefined;
}
