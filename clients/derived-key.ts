/** Keys for purposes of their own out of the one key that is kept. */
import { hkdfSync } from 'node:crypto';

/** 32 bytes for `purpose`, from which neither the key nor those for other purposes are known (HKDF, RFC 5869). */
export function derivedKey(signingKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', signingKey.trim(), '', purpose, 32));
}
