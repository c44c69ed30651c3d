/** Hashes, signatures and ids of erasures' receipts, by the key that is kept for them. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import type { DueDeletion } from '../domain/subscription.ts';
import {
  canonicalText,
  noHash,
  type Receipt,
  type ReceiptBody,
  type ReceiptProof,
} from '../domain/erasure-receipt.ts';
import { derivedKey } from './derived-key.ts';

export interface ReceiptSeal extends ReceiptProof {
  /** The next link after `previous`, or the first. */
  seal(content: Omit<ReceiptBody, 'sequence' | 'previousHash'>, previous: Receipt | undefined): Receipt;
  /** The same for the same erasure, and of no use to whoever lacks the key. */
  erasureIdOf(tenantId: string, deletion: Pick<DueDeletion, 'category' | 'dueAt'>): string;
  /** A PEM text, for whoever wants to check receipts. */
  readonly publicKey: string;
}

/** `signingKey` is an Ed25519 key, a PEM text. */
export function makeReceiptSeal(signingKey: string): ReceiptSeal {
  const key = createPrivateKey(signingKey);
  const publicKey = createPublicKey(key);
  const idKey = derivedKey(signingKey, 'presence-hub erasure ids');
  return {
    ...proofBy(publicKey),
    seal: (content, previous) => {
      const body = {
        ...content,
        sequence: (previous?.body.sequence ?? 0) + 1,
        previousHash: previous?.hash ?? noHash,
      };
      const hash = sha256(canonicalText(body));
      return { body, hash, signature: sign(null, Buffer.from(hash, 'hex'), key).toString('base64url') };
    },
    erasureIdOf: (tenantId, { category, dueAt }) =>
      createHmac('sha256', idKey)
        .update([tenantId.toLowerCase(), category, dueAt.toISOString()].join(' '))
        .digest('base64url'),
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

/** Checks receipts by the public key, a PEM text. Throws where it is none. */
export function makeReceiptProof(publicKey: string): ReceiptProof {
  return proofBy(createPublicKey(publicKey));
}

function proofBy(publicKey: KeyObject): ReceiptProof {
  return {
    hashOf: sha256,
    isSigned: (hash, signature) =>
      verify(null, Buffer.from(hash, 'hex'), publicKey, Buffer.from(signature, 'base64url')),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
