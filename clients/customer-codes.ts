/**
 * The code a customer's administrators get for their subscription: with it they see where it stands, fetch what is
 * exported, and find the receipts of their erasures, also when nothing of them is kept any more that they could sign in to.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { derivedKey } from './derived-key.ts';

export interface CustomerCodes {
  /** `{tenantId}.{claim}`: only who has the signing key can make it. */
  codeFor(tenantId: string): string;
  /** Whose code it is; undefined where it is nobody's. */
  read(code: string): { tenantId: string } | undefined;
  /** What stands in receipts: known from the code, while neither code nor tenant are known from it. */
  claimHash(tenantId: string): string;
}

const codeShape = z
  .string()
  .regex(/^[^.]+\.[\w-]{43}$/)
  .transform((text) => text.split('.'))
  .pipe(z.tuple([z.guid().toLowerCase(), z.string()]));

/** `signingKey` is the key of the receipts, a PEM text. */
export function makeCustomerCodes(signingKey: string): CustomerCodes {
  const key = derivedKey(signingKey, 'presence-hub customer codes');
  const claimOf = (tenantId: string) => createHmac('sha256', key).update(tenantId.toLowerCase()).digest();
  return {
    codeFor: (tenantId) => `${tenantId.toLowerCase()}.${claimOf(tenantId).toString('base64url')}`,
    read: (code) => {
      const [tenantId, claim] = codeShape.safeParse(code).data ?? [];
      if (tenantId === undefined || claim === undefined) return undefined;
      // As texts: of a last sign that stands for too few bits, several are read as the same.
      const given = Buffer.from(claim);
      const right = Buffer.from(claimOf(tenantId).toString('base64url'));
      return given.length === right.length && timingSafeEqual(given, right) ? { tenantId } : undefined;
    },
    claimHash: (tenantId) => createHash('sha256').update(claimOf(tenantId)).digest('base64url'),
  };
}
