/** What the steps of a directory's run have in common. */
import { VendorError } from '../../domain/vendor-error.ts';
import type { Store } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';
import { servedTenant } from './served-tenant.ts';

const pauseSeconds = 30;

/** The tenant as long as it is served and no newer run has begun, which would do all again. */
export async function tenantOfRun(
  store: Store,
  { tenantId, run }: { tenantId: string; run: number },
): Promise<TenantRow | undefined> {
  const sync = await store.directorySyncs.find(tenantId);
  return sync.run === run ? servedTenant(store, tenantId) : undefined;
}

type Failed =
  | { kind: 'wait'; seconds: number }
  | { kind: 'gaveUp'; code: string }
  | { kind: 'reconnectRequired'; code: string };

/**
 * Runs the reading; a vendor's failure, which `failed` is told, becomes an answer, anything else is thrown and tried again.
 */
export async function asDirectoryStep<Read>(
  failed: (error: VendorError) => Promise<void>,
  read: () => Promise<Read>,
): Promise<Read | Failed> {
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

/** Our own word for a directory in which nobody is found although people are mapped: it is not believed. */
export const nobodyFound = 'NobodyFound';
