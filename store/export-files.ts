/**
 * Export files: copies of a person's or a company's data, kept for hours in blob storage and handed out by short-lived
 * links. Names and metadata hold our own ids and times only.
 */
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient } from '@azure/storage-blob';
import { z } from 'zod';
import { exportFileHours } from '../domain/data-map/retention.ts';
import { isFailure, VendorError } from '../domain/vendor-error.ts';
import { openExportStorage, type ExportStorageAccess } from './export-storage.ts';
import { makeExportBlobs, type ListedBlob, type StorageCall } from './export-blobs.ts';
import { makeStorageCall } from './storage-call.ts';

/** What a file is made of, in order. A Node stream is one, too. */
type ExportContent = AsyncIterable<string | Uint8Array>;

/**
 * Every id must be a GUID, or the call is refused before anything is sent. Storage's failures are `VendorError`s:
 * `throttled`, `unavailable`, `notFound`, `conflict` (two writers of one file) or `rejected`.
 */
export interface ExportFiles {
  /**
   * Writes a file, in place of an earlier one; memory for one block is all it takes. When it fails, by storage or with
   * the error of `content`, nothing is left that could be read.
   */
  write(tenantId: string, requestId: string, content: ExportContent, contentType?: string): Promise<void>;
  /** An address from which anybody can read this one file, for minutes; `notFound` when it is not (or no longer) there. */
  link(tenantId: string, requestId: string): Promise<string>;
  /** Until when a whole file is kept; undefined where there is none, or none any more. */
  keptUntil(tenantId: string, requestId: string): Promise<Date | undefined>;
  /** Removes one file, or what a broken-off write left of it; how many there were. */
  remove(tenantId: string, requestId: string): Promise<number>;
  removeAll(tenantId: string): Promise<number>;
  /** Removes what its time has passed for by our clock, in all tenants; how many there were. */
  removeExpired(now: Date): Promise<number>;
  /** How many files of a tenant there are, broken-off writes included. */
  count(tenantId: string): Promise<number>;
}

export interface ExportFilesOptions {
  readonly storage: ExportStorageAccess;
  readonly clock: () => Date;
  readonly keptHours?: number;
  readonly linkMinutes?: number;
  /** Longest any single call to storage may take, repeats included. */
  readonly timeoutMs?: number;
}

/** Under which id the copy of a whole company lies. One for each: a newer one takes its place. */
export const companyCopyFile = (tenantId: string): string => tenantId;

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** No write goes on for longer: Functions end sooner (`host.json`). What is found unfinished after that is removed. */
const unfinishedMs = hourMs;

const guid = z.guid().transform((id) => id.toLowerCase());

/** Export files in one storage account. */
export function makeExportFiles({
  storage,
  clock,
  keptHours = exportFileHours,
  linkMinutes = 15,
  timeoutMs = 15_000,
}: ExportFilesOptions): ExportFiles {
  const call = makeStorageCall(timeoutMs);
  let opening: ReturnType<typeof open> | undefined;
  const open = async () => {
    const { container, sign } = await openExportStorage(storage, clock);
    return { blobs: makeExportBlobs(container, call), sign };
  };
  const opened = (): ReturnType<typeof open> => (opening ??= open());
  const later = (ms: number): Date => new Date(clock().getTime() + ms);
  const removeListed = async (prefix: string): Promise<number> => {
    const { blobs } = await opened();
    return countErased(await blobs.list(prefix), async ({ name }) => {
      await blobs.erase(name);
      return true;
    });
  };

  /** @throws VendorError `notFound` */
  const keptUntil = async (name: string): Promise<Date | undefined> => {
    const { blobs } = await opened();
    const expiresAt = await blobs.finishedUntil(name);
    return expiresAt === undefined || expiresAt <= clock() ? undefined : expiresAt;
  };

  return {
    write: async (tenantId, requestId, content, contentType = 'application/json') => {
      const name = fileName(tenantId, requestId);
      const { blobs } = await opened();
      const begun = await blobs.begin(name, later(unfinishedMs));
      try {
        const blockIds = await stage(blobs.client(name), content, call);
        await blobs.finish(begun, blockIds, { expiresAt: later(keptHours * hourMs), contentType });
      } catch (error) {
        await blobs.eraseIfUnchanged(begun).catch(leaveToTheSweep);
        throw error;
      }
    },
    link: async (tenantId, requestId) => {
      const name = fileName(tenantId, requestId);
      const { blobs, sign } = await opened();
      const expiresAt = await keptUntil(name);
      if (expiresAt === undefined) throw new VendorError('notFound', 'NoSuchExport');
      const until = new Date(Math.min(later(linkMinutes * minuteMs).getTime(), expiresAt.getTime()));
      return call((abortSignal) => sign(blobs.client(name), until, abortSignal));
    },
    keptUntil: async (tenantId, requestId) => {
      try {
        return await keptUntil(fileName(tenantId, requestId));
      } catch (error) {
        if (isFailure(error, 'notFound')) return undefined;
        throw error;
      }
    },
    remove: async (tenantId, requestId) => removeListed(fileName(tenantId, requestId)),
    removeAll: async (tenantId) => removeListed(folder(tenantId)),
    removeExpired: async (now) => {
      const { blobs } = await opened();
      const listed = await blobs.list('');
      const due = listed.filter(({ expiresAt }) => expiresAt === undefined || expiresAt <= now);
      return countErased(due, blobs.eraseIfUnchanged);
    },
    count: async (tenantId) => {
      const prefix = folder(tenantId);
      const { blobs } = await opened();
      return (await blobs.list(prefix)).length;
    },
  };
}

function folder(tenantId: string): string {
  return `${guid.parse(tenantId)}/`;
}

function fileName(tenantId: string, requestId: string): string {
  return `${folder(tenantId)}${guid.parse(requestId)}.json`;
}

/** A blob that cannot be erased must not keep the others; its failure is thrown after they are gone. */
async function countErased(
  listed: ListedBlob[],
  erase: (blob: ListedBlob) => Promise<boolean>,
): Promise<number> {
  const failures: unknown[] = [];
  let erased = 0;
  for (const blob of listed) {
    try {
      if (await erase(blob)) erased += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return erased;
}

/** The failure of the write itself is what the caller must learn; what it left carries its time and is removed by it. */
function leaveToTheSweep(): void {}

/** 50,000 blocks make a file (Azure Storage, "Scalability targets for Blob storage"): 195 GB of this size. */
const blockBytes = 4 * 1024 * 1024;

/** Sends the content in blocks that nobody can read yet; their ids, in order. */
async function stage(file: BlockBlobClient, content: ExportContent, call: StorageCall): Promise<string[]> {
  const writer = randomUUID();
  const ids: string[] = [];
  for await (const block of inBlocks(content)) {
    const id = Buffer.from(`${writer}:${String(ids.length).padStart(5, '0')}`).toString('base64');
    await call((abortSignal) => file.stageBlock(id, block, block.length, { abortSignal }));
    ids.push(id);
  }
  return ids;
}

async function* inBlocks(content: ExportContent): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const part of content) {
    const bytes = Buffer.from(part);
    for (let from = 0; from < bytes.length;) {
      const taken = bytes.subarray(from, from + blockBytes - length);
      parts.push(taken);
      length += taken.length;
      from += taken.length;
      if (length < blockBytes) continue;
      yield Buffer.concat(parts, length);
      parts = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(parts, length);
}
