/**
 * Blob storage for the app: Azurite in this process, so that links run out by the stack's clock. It is loaded with the first
 * request. What it has answered survives a power cut, and what it has deleted is gone from the disk.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coalesced } from '../../../domain/coalesced.ts';
import type { Work } from '../../clock/work.ts';
import { account, accountKey, openAzuriteBlobs, type AzuriteBlobs } from './azurite.ts';

export interface BlobService {
  readonly connectionString: string;
  close(): Promise<void>;
}

/** Serves the blobs in `directory` on a free port of 127.0.0.1. */
export async function startBlobService(directory: string, work: Work): Promise<BlobService> {
  let opening: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => {
    opening ??= openAzuriteBlobs(directory)
      .then(opened)
      .catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
    return opening;
  };
  const server = createServer((request, response) => {
    response.once('close', work.begin());
    open().then(
      ({ answer }) => answer(request, response),
      (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const parts = {
    DefaultEndpointsProtocol: 'http',
    AccountName: account,
    AccountKey: accountKey,
    BlobEndpoint: `http://127.0.0.1:${port}/${account}`,
  };
  return {
    connectionString: Object.entries(parts)
      .map(([name, value]) => `${name}=${value}`)
      .join(';'),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await (await opening)?.blobs.close();
    },
  };
}

interface Opened {
  readonly blobs: AzuriteBlobs;
  readonly answer: ReturnType<typeof makeAnswer>;
}

function opened(blobs: AzuriteBlobs): Opened {
  return { blobs, answer: makeAnswer(blobs) };
}

/** Azurite saves every five seconds and answers at once; here an answer to a change waits for the disk. */
function makeAnswer(blobs: AzuriteBlobs): (request: IncomingMessage, response: ServerResponse) => void {
  // It writes all that it knows, so that many changes at once share a save.
  const save = coalesced(() => blobs.save());
  let changing = 0;
  let hasFreedContent = false;
  const sweep = async (): Promise<void> => {
    if (changing > 0 || !hasFreedContent) return;
    hasFreedContent = false;
    await blobs.sweep();
  };
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      changing += 1;
      const end = response.end.bind(response) as (...parts: unknown[]) => ServerResponse;
      response.end = (...parts: unknown[]) => {
        response.end = end;
        changing -= 1;
        if (!isNewBlob(request, response)) hasFreedContent = true;
        save()
          .then(sweep)
          .then(
            () => end(...parts),
            (error: unknown) => response.destroy(error as Error),
          );
        return response;
      };
    }
    blobs.answer(request, response);
  };
}

/** What has come into being where nothing was has taken the place of no content. */
function isNewBlob({ headers }: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return headers['if-none-match'] === '*' && statusCode === 201;
}
