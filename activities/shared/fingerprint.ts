/** Tells whether a subscription that stands is the one that is wanted now. */
import { createHash } from 'node:crypto';

/** Stands for all these parts: another address, secret, certificate or set of people gives another fingerprint. */
export function fingerprintOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
