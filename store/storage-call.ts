/** One call to blob storage within its time. */
import type { StorageCall } from './export-blobs.ts';
import { storageFailure } from './storage-failure.ts';

/** Calls may take `timeoutMs`, repeats included; their failures come out as `VendorError`s. */
export function makeStorageCall(timeoutMs: number): StorageCall {
  return async (send) => {
    try {
      return await send(AbortSignal.timeout(timeoutMs));
    } catch (error) {
      throw storageFailure(error);
    }
  };
}
