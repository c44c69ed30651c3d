/** The codes that a sign-in hands to an application, good once and for ten minutes (Microsoft identity platform, "authorization code flow"). */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { EntraError } from './entra-error.ts';

export interface IssuedCode {
  readonly grantId: string;
  readonly redirectUri: string;
  /** The OpenID Connect scopes asked for. */
  readonly openId: readonly string[];
  /** S256 of the verifier to be shown. */
  readonly challenge?: string | undefined;
  readonly nonce?: string | undefined;
}

interface StoredCode extends IssuedCode {
  readonly expiresAt: number;
  readonly used: boolean;
}

const lifeMs = 10 * 60_000;

export class AuthorizationCodes {
  readonly #clock: Clock;
  readonly #codes: Collection<StoredCode>;

  constructor(clock: Clock, data: VendorData) {
    this.#clock = clock;
    this.#codes = data.collection<StoredCode>('codes');
  }

  issue(issued: IssuedCode): string {
    const code = `1.${randomBytes(24).toString('base64url')}`;
    this.#codes.put(code, { ...issued, expiresAt: this.#clock.now() + lifeMs, used: false });
    return code;
  }

  /** @throws EntraError unless the code is fresh and shown with its redirect address and verifier. */
  redeem(code: string, redirectUri: string, verifier: string | null): IssuedCode {
    const stored = this.#codes.get(code);
    if (stored === undefined) throw new EntraError(9002313);
    if (stored.used) throw new EntraError(54005);
    if (this.#clock.now() >= stored.expiresAt) throw new EntraError(70008);
    if (stored.redirectUri !== redirectUri) throw new EntraError(500112);
    const shown = createHash('sha256')
      .update(verifier ?? '')
      .digest('base64url');
    if (stored.challenge !== undefined && stored.challenge !== shown) throw new EntraError(501481);
    this.#codes.put(code, { ...stored, used: true });
    return stored;
  }
}
