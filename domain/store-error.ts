/** The few ways the product's own database can fail, and what each asks of the caller. `store/` translates every driver error into one. */
export type StoreFailure =
  /** The database or the way to it is down or busy, or lost a race that may be run again: worth repeating later. */
  | 'unavailable'
  /** Somebody else changed the same thing meanwhile, or it is there already. */
  | 'conflict'
  /** What was to be written or asked for does not fit: repeating it cannot help. */
  | 'rejected'
  /** The database lacks what this version of the product needs: migrations have to be run first. */
  | 'outdated'
  /** The database knows us but does not let us do this, or does not let us in. */
  | 'forbidden';

/**
 * A failed use of the database. `code` is the driver's own code or number, or names a table's column that a value does not
 * fit; neither it nor the message ever holds a value.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly failure: StoreFailure;
  readonly code: string;

  constructor(failure: StoreFailure, code: string) {
    super(`${failure}: ${code}`);
    this.failure = failure;
    this.code = code;
  }
}
