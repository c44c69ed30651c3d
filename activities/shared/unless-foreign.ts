/** Asking the marketplace about ids that come from outside. */
import { isFailure } from '../../domain/vendor-error.ts';
import type { Store } from '../../store/store.ts';

/**
 * What is asked for, or undefined where the marketplace says that it is none of ours (403, 404). Of a customer of ours it
 * says so only while something is wrong with our own access, which is waited out.
 */
export async function unlessForeign<T>(
  store: Store,
  tenantId: string,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isFailure(error, 'rejected') && (await store.subscriptions.find(tenantId)) === undefined)
      return undefined;
    throw error;
  }
}
