/**
 * Azurite's blob service, taken apart: its HTTP face, its checks and its metadata as they come, but each block of content in
 * a file of its own, so that what is deleted can be gone at once. (Azurite appends blocks of all blobs to common files,
 * and collects those ten minutes after nothing in them is used any more.)
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The account that Azurite always has; its key is public (Azurite, "Default storage account"). */
export const account = 'devstoreaccount1';
export const accountKey =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteBlobs {
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** Resolves once the disk holds what has been done. */
  save(): Promise<void>;
  /** Removes the content that nothing is made of any more. To be called while no request is halfway through a change. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** A place in a file of content, as Azurite notes it. */
interface Chunk {
  id: string;
  offset: number;
  count: number;
}

interface MetadataStore {
  init(): Promise<void>;
  close(): Promise<void>;
  /** The ids of all content that blobs and uncommitted blocks are made of, in pages. */
  iteratorExtents(): AsyncIterator<string[], string[]>;
  db: { saveDatabase(done: (error?: Error | null) => void): void };
}

interface ContentStore {
  init(): Promise<void>;
  appendExtent(data: NodeJS.ReadableStream | Buffer): Promise<Chunk>;
}

/** The modules of Azurite that are used; it has no types of its own. */
interface Modules {
  MetadataStore: new (file: string, inMemory: boolean) => MetadataStore;
  ContentStore: new (index: object, places: object[], logger: object) => ContentStore;
  AccountStore: new (logger: object) => object;
  Routes: new (...parts: unknown[]) => { createRequestListener(): AzuriteBlobs['answer'] };
  logger: object;
}

const location = 'blocks';

/** Loads Azurite, which takes half a second, and opens the data in `directory`. */
export async function openAzuriteBlobs(directory: string): Promise<AzuriteBlobs> {
  const azurite = loadAzurite();
  const blocks = join(directory, location);
  await mkdir(blocks, { recursive: true });
  const metadata = new azurite.MetadataStore(join(directory, 'blobs.json'), false);
  const content = makeContentStore(azurite, blocks);
  await metadata.init();
  await content.init();
  const accounts = new azurite.AccountStore(azurite.logger);
  // No access log; no leniency, but for the version of the API: the SDK is ahead of Azurite.
  const routes = new azurite.Routes(metadata, content, accounts, false, undefined, false, true);

  const sweep = async (): Promise<void> => {
    // Listed at once: what comes into being from here on is none of it.
    const listed = readdirSync(blocks);
    const used = await usedContent(metadata);
    for (const id of listed) if (!used.has(id)) await rm(join(blocks, id), { force: true });
  };
  // What a power cut left unfinished.
  await sweep();
  const save = (): Promise<void> => saveMetadata(metadata);
  return { answer: routes.createRequestListener(), save, sweep, close: () => metadata.close() };
}

/**
 * Azurite's telemetry would connect to Microsoft. It is never switched on here, and the package it would use, which is
 * the larger part of Azurite's loading time, is not even loaded.
 */
function loadAzurite(): Modules {
  const require = createRequire(import.meta.url);
  const fromAzurite = createRequire(require.resolve('azurite/package.json'));
  const telemetry = fromAzurite.resolve('applicationinsights');
  const before = fromAzurite.cache[telemetry];
  const nothing = new Module(telemetry);
  nothing.loaded = true;
  fromAzurite.cache[telemetry] = nothing;
  try {
    const part = (path: string): unknown =>
      (fromAzurite(`./dist/src/${path}.js`) as { default: unknown }).default;
    return {
      MetadataStore: part('blob/persistence/LokiBlobMetadataStore'),
      ContentStore: part('common/persistence/FSExtentStore'),
      AccountStore: part('common/AccountDataStore'),
      Routes: part('blob/BlobRequestListenerFactory'),
      logger: part('common/Logger'),
    } as Modules;
  } finally {
    if (before === undefined) delete fromAzurite.cache[telemetry];
    else fromAzurite.cache[telemetry] = before;
  }
}

function makeContentStore({ ContentStore, logger }: Modules, blocks: string): ContentStore {
  /** Azurite asks it in which place a file of content lies; there is one. */
  const index = {
    isInitialized: () => true,
    isClosed: () => true,
    getExtentLocationId: async () => location,
  };
  return new (class extends ContentStore {
    override async appendExtent(data: NodeJS.ReadableStream | Buffer): Promise<Chunk> {
      const id = randomUUID();
      const file = createWriteStream(join(blocks, id), { flags: 'wx', flush: true });
      await pipeline(Buffer.isBuffer(data) ? Readable.from([data]) : data, file);
      return { id, offset: 0, count: file.bytesWritten };
    }
  })(index, [{ locationId: location, locationPath: blocks, maxConcurrency: 1 }], logger);
}

function saveMetadata({ db }: MetadataStore): Promise<void> {
  return new Promise((resolve, reject) => {
    db.saveDatabase((error) => (error ? reject(error) : resolve()));
  });
}

async function usedContent(metadata: MetadataStore): Promise<Set<string>> {
  const used = new Set<string>();
  const pages = metadata.iteratorExtents();
  for (let page = await pages.next(); !page.done; page = await pages.next()) {
    for (const id of page.value) used.add(id);
  }
  return used;
}
