/** Turns a vendor's failure to be read into what a resync can act on. */
import type { ReadOutcome } from '../../contracts/resync-presence.ts';
import { VendorError } from '../../domain/vendor-error.ts';

const pauseSeconds = 30;

/**
 * Runs the read; a vendor's failure, which `failed` is told, becomes an answer, anything else is thrown and tried again.
 */
export async function asReadOutcome(
  failed: (error: VendorError) => Promise<void>,
  read: () => Promise<ReadOutcome>,
): Promise<ReadOutcome> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    await failed(error);
    switch (error.failure) {
      case 'throttled':
      case 'unavailable':
        return { kind: 'wait', seconds: error.retryAfterSeconds ?? pauseSeconds };
      case 'consentRevoked':
        return { kind: 'reconnectRequired', code: error.code };
      case 'notFound':
      case 'conflict':
      case 'rejected':
        return { kind: 'gaveUp', code: error.code };
    }
  }
}
