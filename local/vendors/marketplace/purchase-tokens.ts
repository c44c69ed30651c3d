/** The tokens that bring a buyer to the landing page; each is good for 24 hours (SaaS fulfillment APIs v2, "Resolve"). */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { MarketplaceError } from './marketplace-error.ts';

interface Issued {
  readonly subscriptionId: string;
  readonly endsAt: number;
}

const lifeMs = 24 * 3_600_000;

export class PurchaseTokens {
  readonly #clock: Clock;
  readonly #issued: Collection<Issued>;

  constructor(clock: Clock, data: VendorData) {
    this.#clock = clock;
    this.#issued = data.collection<Issued>('purchaseTokens');
  }

  issue(subscriptionId: string): string {
    const token = tokenText();
    this.#issued.put(token, { subscriptionId, endsAt: this.#clock.now() + lifeMs });
    return token;
  }

  /** The subscription's id. @throws MarketplaceError 400 when the token is missing, unknown or past its end */
  read(token: string | undefined): string {
    const issued = this.#issued.get(token ?? '');
    if (issued !== undefined && issued.endsAt > this.#clock.now()) return issued.subscriptionId;
    const message = 'x-ms-marketplace-token is missing, malformed, invalid, or expired.';
    throw new MarketplaceError(400, 'BadArgument', message, 'x-ms-marketplace-token');
  }
}

/** Always with characters that an address must encode: forgetting to decode or encode shows. */
function tokenText(): string {
  let token: string;
  do token = randomBytes(46).toString('base64');
  while (!token.includes('+') || !token.includes('/'));
  return token;
}
