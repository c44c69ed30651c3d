/** Asking the marketplace about ids that come from outside. */
import { VendorError } from '../../domain/vendor-error.ts';

/** What is asked for, or undefined where the marketplace says that it is none of ours (403, 404). */
export async function unlessForeign<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof VendorError && (error.failure === 'rejected' || error.failure === 'notFound')) {
      return undefined;
    }
    throw error;
  }
}
