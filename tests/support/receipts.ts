/** Receipts of erasures, signed with a key of the tests' own. */
import { generateKeyPairSync } from 'node:crypto';
import { makeReceiptSeal } from '../../clients/receipts.ts';
import type { Receipt, ReceiptBody } from '../../domain/erasure-receipt.ts';

export const signingKey = aSigningKey();
export const seal = makeReceiptSeal(signingKey);

export function aSigningKey(): string {
  return String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

type Content = Omit<ReceiptBody, 'sequence' | 'previousHash'>;

export function aContent(number: number, given: Partial<Content> = {}): Content {
  const at = new Date(Date.UTC(2026, 2, 2, 8) + number * 3_600_000).toISOString();
  return {
    version: 1,
    erasureId: `erasure-${number}`.padEnd(43, '0'),
    category: 'service',
    reason: 'cancelled',
    dueAt: at,
    startedAt: at,
    finishedAt: at,
    erased: { 'sql:users': number, 'entity:userPresence': number },
    leftOver: 0,
    claimHash: `claim-${number}`.padEnd(43, '0'),
    ...given,
  };
}

export function aChain(length: number): Receipt[] {
  const chain: Receipt[] = [];
  for (let number = 1; number <= length; number += 1) chain.push(seal.seal(aContent(number), chain.at(-1)));
  return chain;
}
