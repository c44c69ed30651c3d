/** The few ways a vendor call can fail, and what each asks of the caller. Clients translate every SDK error into one of these. */
export type VendorFailure =
  /** Over a rate limit: nothing may be sent in this limit's scope before `retryAfterSeconds` have passed. */
  | 'throttled'
  /** The customer's grant is gone (revoked, expired, policy): stop calling and ask the customer to reconnect. */
  | 'consentRevoked'
  /** The thing addressed does not exist (any more). */
  | 'notFound'
  /** It exists already, or was changed meanwhile. */
  | 'conflict'
  /** The vendor understood and refuses; repeating it cannot help. */
  | 'rejected'
  /** The vendor or the way to it is down; worth repeating later. */
  | 'unavailable';

/**
 * A failed vendor call. `code` is the vendor's own error code, for example `OAU-213` or `ExtensionError`;
 * the message never holds a token, a body or anything about a person.
 */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  readonly failure: VendorFailure;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    failure: VendorFailure,
    code: string,
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(`${failure}: ${code}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Whether that is a vendor's failure of this kind. */
export function isFailure(error: unknown, failure: VendorFailure): error is VendorError {
  return error instanceof VendorError && error.failure === failure;
}
