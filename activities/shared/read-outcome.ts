/** Turns a vendor's failure to be read into what an orchestration can act on. */
import { VendorError } from '../../domain/vendor-error.ts';

const pauseSeconds = 30;

/** How a read has failed: the vendor asks to wait, or there is no way. */
type Unread =
  | { kind: 'wait'; seconds: number }
  | { kind: 'gaveUp'; code: string }
  | { kind: 'reconnectRequired'; code: string };

/**
 * Runs the read; a vendor's failure, which `failed` is told, becomes an answer, anything else is thrown and tried again.
 */
export async function asReadOutcome<Read>(
  failed: (error: VendorError) => Promise<void>,
  read: () => Promise<Read>,
): Promise<Read | Unread> {
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
