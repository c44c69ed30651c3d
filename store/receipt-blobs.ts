/**
 * The receipts of erasures once more as blobs, a link each, so that they outlive a restore of the database. A link that is
 * there is never replaced.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { isFailure } from '../domain/vendor-error.ts';
import { openExportStorage, type ExportStorageAccess } from './export-storage.ts';
import { makeStorageCall } from './storage-call.ts';

const receiptsContainer = 'receipts';

/** Storage's failures are `VendorError`s. */
export interface ReceiptBlobs {
  /** Puts a link in its place; false where there is one. */
  put(sequence: number, text: string): Promise<boolean>;
  find(sequence: number): Promise<string | undefined>;
  /** All links, from the first on. */
  all(): Promise<string[]>;
}

export interface ReceiptBlobsOptions {
  readonly storage: ExportStorageAccess;
  readonly clock: () => Date;
  /** Longest any single call to storage may take, repeats included. */
  readonly timeoutMs?: number;
}

export function makeReceiptBlobs({ storage, clock, timeoutMs = 15_000 }: ReceiptBlobsOptions): ReceiptBlobs {
  const call = makeStorageCall(timeoutMs);
  let opening: Promise<ContainerClient> | undefined;
  const opened = (): Promise<ContainerClient> =>
    (opening ??= openExportStorage(storage, clock).then(({ containerOf }) => containerOf(receiptsContainer)));
  const read = async (name: string): Promise<string> => {
    const container = await opened();
    const bytes = await call((abortSignal) =>
      container.getBlobClient(name).downloadToBuffer(0, undefined, { abortSignal }),
    );
    return bytes.toString('utf8');
  };

  return {
    put: async (sequence, text) => {
      const container = await opened();
      const blob = container.getBlockBlobClient(nameOf(sequence));
      const upload = () =>
        call((abortSignal) =>
          blob.upload(text, Buffer.byteLength(text), {
            abortSignal,
            conditions: { ifNoneMatch: '*' },
            blobHTTPHeaders: { blobContentType: 'application/json' },
          }),
        );
      try {
        await upload().catch(async (error: unknown) => {
          // There is no container before the first link.
          if (!isFailure(error, 'notFound')) throw error;
          await call((abortSignal) => container.createIfNotExists({ abortSignal }));
          await upload();
        });
        return true;
      } catch (error) {
        if (isFailure(error, 'conflict')) return false;
        throw error;
      }
    },
    find: async (sequence) => {
      try {
        return await read(nameOf(sequence));
      } catch (error) {
        if (isFailure(error, 'notFound')) return undefined;
        throw error;
      }
    },
    all: async () => {
      const container = await opened();
      const names = await call(async (abortSignal) => {
        const listed: string[] = [];
        for await (const { name } of container.listBlobsFlat({ abortSignal })) listed.push(name);
        return listed;
      }).catch((error: unknown) => {
        // Nothing was ever erased.
        if (isFailure(error, 'notFound')) return [];
        throw error;
      });
      const texts: string[] = [];
      for (const name of names.toSorted((one, other) => (one < other ? -1 : 1))) texts.push(await read(name));
      return texts;
    },
  };
}

/** Sorted as texts, they are in order. */
function nameOf(sequence: number): string {
  return `${String(sequence).padStart(10, '0')}.json`;
}
