/**
 * The blobs that export files are, one step at a time. A file's time to go stands in its metadata from the beginning:
 * an empty blob takes its place before the first block is sent, so that nothing lies in storage without one.
 */
import type { BlockBlobClient, ContainerClient, Metadata } from '@azure/storage-blob';
import { z } from 'zod';
import { VendorError } from '../domain/vendor-error.ts';

/** Runs one call to storage within its time; its failures come out as `VendorError`s. */
export type StorageCall = <T>(send: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

/** A blob in the state in which it was last seen. */
interface SeenBlob {
  readonly name: string;
  readonly etag: string | undefined;
}

interface BegunBlob extends SeenBlob {
  readonly etag: string;
}

export interface ListedBlob extends SeenBlob {
  /** Undefined for blocks that belong to no file any more, and for whatever we did not write. */
  readonly expiresAt: Date | undefined;
}

/** Keys in small letters, as HTTP may change them. */
const metadataSchema = z.object({
  expiresat: z.iso.datetime().transform((instant) => new Date(instant)),
  finished: z.literal('true').optional(),
});

/** The steps on blobs of one container. */
export function makeExportBlobs(container: ContainerClient, call: StorageCall) {
  const client = (name: string): BlockBlobClient => container.getBlockBlobClient(name);
  let containerMade: Promise<unknown> | undefined;

  /** Private: it gives nobody anything but by our own leave or a link. */
  const ensureContainer = async (): Promise<void> => {
    containerMade ??= call((abortSignal) => container.createIfNotExists({ abortSignal }));
    try {
      await containerMade;
    } catch (error) {
      containerMade = undefined;
      throw error;
    }
  };

  /**
   * Empties a blob, then deletes it with its snapshots. Blocks that were sent and never became part of a file outlive
   * a deletion by a week; a list without them deletes them (Azure Storage, "Put Block List").
   */
  const erase = async (
    name: string,
    condition?: { ifMatch: string } | { ifNoneMatch: '*' },
  ): Promise<void> => {
    const emptied = await call((abortSignal) =>
      client(name).commitBlockList([], { abortSignal, ...(condition && { conditions: condition }) }),
    );
    const conditions = condition === undefined || emptied.etag === undefined ? {} : { ifMatch: emptied.etag };
    await call((abortSignal) =>
      client(name).delete({ abortSignal, conditions, deleteSnapshots: 'include' }),
    ).catch(unlessCode('BlobNotFound'));
  };
  const eraseIf = async (
    name: string,
    condition: { ifMatch: string } | { ifNoneMatch: '*' },
  ): Promise<boolean> => {
    try {
      await erase(name, condition);
      return true;
    } catch (error) {
      unlessCode('ConditionNotMet', 'BlobAlreadyExists')(error);
      return false;
    }
  };

  return {
    client,
    erase: (name: string) => erase(name),

    /** Erases a blob unless somebody has begun to write it anew since; whether it was erased. */
    eraseIfUnchanged: async ({ name, etag }: SeenBlob): Promise<boolean> =>
      (etag !== undefined && (await eraseIf(name, { ifMatch: etag }))) ||
      // Blocks without a file: removed in the midst of a write.
      eraseIf(name, { ifNoneMatch: '*' }),

    /** Puts an empty blob in the file's place; blocks of an earlier writer are gone with it. */
    begin: async (name: string, expiresAt: Date): Promise<BegunBlob> => {
      const metadata: Metadata = { expiresat: expiresAt.toISOString() };
      const put = async (): Promise<BegunBlob> => {
        await ensureContainer();
        const { etag } = await call((abortSignal) =>
          client(name).commitBlockList([], { abortSignal, metadata }),
        );
        if (etag === undefined) throw new VendorError('unavailable', 'UnreadableAnswer');
        return { name, etag };
      };
      try {
        return await put();
      } catch (error) {
        unlessCode('ContainerNotFound')(error);
        // It was deleted under our feet.
        containerMade = undefined;
        return put();
      }
    },

    /** Makes the blocks a file, unless another writer has begun or the file was removed meanwhile: `conflict`. */
    finish: async (
      { name, etag }: BegunBlob,
      blockIds: string[],
      { expiresAt, contentType }: { expiresAt: Date; contentType: string },
    ): Promise<void> => {
      await call((abortSignal) =>
        client(name).commitBlockList(blockIds, {
          abortSignal,
          conditions: { ifMatch: etag },
          metadata: { expiresat: expiresAt.toISOString(), finished: 'true' },
          blobHTTPHeaders: {
            blobContentType: contentType,
            blobContentDisposition: 'attachment; filename="presence-hub-export.json"',
            blobCacheControl: 'no-store',
          },
        }),
      );
    },

    /** Until when a whole file is kept; undefined for one that is being written. @throws VendorError `notFound` */
    finishedUntil: async (name: string): Promise<Date | undefined> => {
      const { metadata } = await call((abortSignal) => client(name).getProperties({ abortSignal }));
      const { data } = metadataSchema.safeParse(metadata);
      return data?.finished === undefined ? undefined : data.expiresat;
    },

    /** All blobs whose name begins so, those that are only blocks included; none where there is no container. */
    list: async (prefix: string): Promise<ListedBlob[]> => {
      const options = { prefix, includeMetadata: true, includeUncommitedBlobs: true };
      try {
        return await call(async (abortSignal) => {
          const listed: ListedBlob[] = [];
          for await (const blob of container.listBlobsFlat({ ...options, abortSignal })) {
            const expiresAt = metadataSchema.safeParse(blob.metadata).data?.expiresat;
            listed.push({ name: blob.name, etag: quoted(blob.properties.etag), expiresAt });
          }
          return listed;
        });
      } catch (error) {
        unlessCode('ContainerNotFound')(error);
        return [];
      }
    },
  };
}

/** Lists show etags without the quotation marks that conditions want. */
function quoted(etag: string | undefined): string | undefined {
  return etag === undefined || etag.startsWith('"') ? etag : `"${etag}"`;
}

/** Lets failures with these codes of storage pass, because then there is nothing to do; throws all others. */
function unlessCode(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof VendorError && codes.includes(error.code))) throw error;
  };
}
