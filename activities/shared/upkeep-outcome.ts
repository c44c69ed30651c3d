/** Turns a vendor's failure into what its keeper can act on. */
import type { Upkeep } from '../../contracts/vendor-subscriptions.ts';
import { VendorError, type VendorFailure } from '../../domain/vendor-error.ts';

/** What the vendor refuses now it will hardly grant in a minute, and each attempt counts against its limits. */
const refusals: ReadonlySet<VendorFailure> = new Set(['rejected', 'conflict', 'notFound']);
const afterRefusalSeconds = 3600;

/**
 * Runs the upkeep; a vendor's failure, which `failed` is told, becomes an answer, anything else is thrown and tried again.
 */
export async function asUpkeep(
  failed: (error: VendorError) => Promise<void>,
  upkeep: () => Promise<Upkeep>,
): Promise<Upkeep> {
  try {
    return await upkeep();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    await failed(error);
    if (error.failure === 'consentRevoked') return { kind: 'reconnectRequired', code: error.code };
    const { code, retryAfterSeconds = refusals.has(error.failure) ? afterRefusalSeconds : undefined } = error;
    return { kind: 'trouble', code, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
}
