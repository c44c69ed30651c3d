/** Export files on a real Azurite over https, with the account's key and with tokens, and on servers that misbehave. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import * as tls from 'node:tls';
import { inspect } from 'node:util';
import { AuthenticationError } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { VendorError } from '../../domain/vendor-error.ts';
import { exportsContainer, type ExportStorageAccess } from '../../store/export-storage.ts';
import { makeExportFiles, type ExportFiles } from '../../store/export-files.ts';
import { openOddServer, type OddServer } from '../clients/odd-server.ts';
import { startAzuriteBlobs, storageToken, type AzuriteBlobs } from '../support/azurite.ts';

const hourMs = 3_600_000;
const trusted = tls.getCACertificates('default');

let azurite: AzuriteBlobs;
let container: ContainerClient;
let tenantId: string;
let requestId: string;
/** Our own clock; storage has its own. */
let now: Date;
let files: ExportFiles;

beforeAll(async () => {
  azurite = await startAzuriteBlobs();
  tls.setDefaultCACertificates([...trusted, azurite.certificate]);
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
    exportsContainer,
  );
});

afterAll(async () => {
  await azurite.stop();
  tls.setDefaultCACertificates(trusted);
});

beforeEach(() => {
  tenantId = randomUUID();
  requestId = randomUUID();
  now = new Date();
  files = exportFiles({ connectionString: azurite.connectionString });
});

afterEach(async () => {
  await container.deleteIfExists();
});

function exportFiles(storage: ExportStorageAccess, timeoutMs?: number): ExportFiles {
  return makeExportFiles({ storage, clock: () => now, ...(timeoutMs && { timeoutMs }) });
}

function withToken(): ExportFiles {
  const credential = {
    getToken: async () => ({ token: storageToken(), expiresOnTimestamp: Date.now() + hourMs }),
  };
  return exportFiles({ url: azurite.url, credential });
}

const blob = (name = `${tenantId}/${requestId}.json`) => container.getBlockBlobClient(name);

async function* said(...parts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

/** Some megabytes, then trouble at the source. */
async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(9_000_000, 'x');
  throw new RangeError('the source is gone');
}

describe.each([
  ['the account key', () => files],
  ['a managed identity', withToken],
])('with %s, a file', (_, filesOf) => {
  test('is written from text and bytes, and read back through its link as a download', async () => {
    const exported = filesOf();
    await exported.write(tenantId, requestId, said('{"n', Buffer.from('ame":"Zoë'), '"}'));
    const link = await exported.link(tenantId, requestId);
    const response = await fetch(link);
    expect(await response.json()).toEqual({ name: 'Zoë' });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="presence-hub-export.json"',
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('has a link that asks for https, for reading, and runs out within minutes', async () => {
    const exported = filesOf();
    await exported.write(tenantId, requestId, said('{}'));
    const { protocol, searchParams } = new URL(await exported.link(tenantId, requestId));
    expect(protocol).toBe('https:');
    expect(Object.fromEntries(searchParams)).toMatchObject({ spr: 'https', sp: 'r', sr: 'b' });
    const lastsMs = Date.parse(searchParams.get('se') ?? '') - now.getTime();
    expect(Math.round(lastsMs / 60_000)).toBe(15);
  });

  test('has a link for nothing but reading this one file', async () => {
    const exported = filesOf();
    await exported.write(tenantId, requestId, said('{}'));
    const other = randomUUID();
    await exported.write(tenantId, other, said('{"other":true}'));
    const link = new URL(await exported.link(tenantId, requestId));

    const elsewhere = new URL(link);
    elsewhere.pathname = link.pathname.replace(requestId, other);
    const longer = new URL(link);
    longer.searchParams.set('se', '2099-01-01T00:00:00Z');
    const mayWrite = new URL(link);
    mayWrite.searchParams.set('sp', 'rw');
    const forged = new URL(link);
    forged.searchParams.set('sig', randomBytes(32).toString('base64'));
    const list = new URL(link);
    list.pathname = link.pathname.replace(/\/[^/]+\/[^/]+$/, '');
    list.searchParams.set('restype', 'container');
    list.searchParams.set('comp', 'list');
    const bare = new URL(link.pathname, link);

    for (const url of [elsewhere, longer, mayWrite, forged, list]) {
      expect({ url: url.search, status: (await fetch(url)).status }).toMatchObject({ status: 403 });
    }
    expect((await fetch(bare)).ok).toBe(false);
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    expect((await fetch(link, { method: 'PUT', headers, body: 'mine' })).status).toBe(403);
    expect((await fetch(link, { method: 'DELETE' })).status).toBe(403);
    expect(await (await fetch(link)).text()).toBe('{}');
  });

  test('has a link that is refused once its time is over', async () => {
    const exported = filesOf();
    now = new Date(Date.now() - 16 * 60_000);
    await exported.write(tenantId, requestId, said('{}'));
    expect((await fetch(await exported.link(tenantId, requestId))).status).toBe(403);
  });
});

describe('a file', () => {
  test('of many megabytes goes to storage in blocks and comes back byte for byte', async () => {
    const bytes = randomBytes(9_500_000);
    const parts = Array.from({ length: 95 }, (_, n) => bytes.subarray(n * 100_000, (n + 1) * 100_000));
    await files.write(tenantId, requestId, Readable.from(parts), 'application/x-ndjson');
    const response = await fetch(await files.link(tenantId, requestId));
    const back = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(back).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect((await blob().getBlockList('committed')).committedBlocks?.length).toBe(3);
  });

  test('may be empty, and is replaced when it is written again', async () => {
    await files.write(tenantId, requestId, said('{"old":true}'));
    await files.write(tenantId, requestId, said());
    expect(await (await fetch(await files.link(tenantId, requestId))).text()).toBe('');
    expect(await files.count(tenantId)).toBe(1);
  });

  test('has nothing in its name and metadata but our ids and its time', async () => {
    await files.write(tenantId.toUpperCase(), requestId, said('{}'));
    for await (const found of container.listBlobsFlat({ includeMetadata: true })) {
      expect(found).toMatchObject({
        name: `${tenantId}/${requestId}.json`,
        metadata: { expiresat: new Date(now.getTime() + 24 * hourMs).toISOString(), finished: 'true' },
      });
      expect(Object.keys(found.metadata ?? {}).sort()).toEqual(['expiresat', 'finished']);
    }
    expect((await container.getProperties()).blobPublicAccess).toBeUndefined();
  });

  test('is removed with its snapshots, once, and others stay', async () => {
    await files.write(tenantId, requestId, said('{}'));
    await blob().createSnapshot();
    await files.write(tenantId, randomUUID(), said('{}'));
    const otherTenant = randomUUID();
    await files.write(otherTenant, requestId, said('{}'));

    expect(await files.remove(tenantId, requestId)).toBe(1);
    expect(await files.remove(tenantId, requestId)).toBe(0);
    await expect(files.link(tenantId, requestId)).rejects.toMatchObject({ failure: 'notFound' });
    expect(await files.removeAll(tenantId)).toBe(1);
    expect(await files.removeAll(tenantId)).toBe(0);
    expect(await files.count(tenantId)).toBe(0);
    expect(await files.count(otherTenant)).toBe(1);
    const left: string[] = [];
    for await (const { name } of container.listBlobsFlat({
      includeSnapshots: true,
      includeUncommitedBlobs: true,
    })) {
      left.push(name);
    }
    expect(left).toEqual([`${otherTenant}/${requestId}.json`]);
  });

  test('goes by our clock, a day after it was written, whatever time it is at the storage', async () => {
    now = new Date('2020-02-28T12:00:00Z');
    await files.write(tenantId, requestId, said('{}'));
    now = new Date('2020-02-28T13:00:00Z');
    await files.write(tenantId, randomUUID(), said('{}'));

    expect(await files.removeExpired(new Date('2020-02-29T11:59:59Z'))).toBe(0);
    expect(await files.removeExpired(new Date('2020-02-29T12:00:00Z'))).toBe(1);
    expect(await files.removeExpired(new Date('2020-02-29T12:00:00Z'))).toBe(0);
    expect(await files.count(tenantId)).toBe(1);
  });

  test('whose time has passed has no link, even before it is removed', async () => {
    await files.write(tenantId, requestId, said('{}'));
    now = new Date(now.getTime() + 24 * hourMs - 60_000);
    const { searchParams } = new URL(await files.link(tenantId, requestId));
    expect(Date.parse(searchParams.get('se') ?? '') - now.getTime()).toBeLessThanOrEqual(60_000);
    now = new Date(now.getTime() + 60_000);
    await expect(files.link(tenantId, requestId)).rejects.toMatchObject({ failure: 'notFound' });
  });

  test('is known with the time until which it is kept, and not when that is over', async () => {
    expect(await files.keptUntil(tenantId, requestId)).toBeUndefined();
    now = new Date('2020-02-28T12:00:00Z');
    await files.write(tenantId, requestId, said('{}'));
    expect(await files.keptUntil(tenantId, requestId)).toEqual(new Date('2020-02-29T12:00:00Z'));
    now = new Date('2020-02-29T12:00:00Z');
    expect(await files.keptUntil(tenantId, requestId)).toBeUndefined();
  });

  test('that was put there by somebody else, without a time, is removed by the sweep', async () => {
    await files.write(tenantId, requestId, said('{}'));
    await blob(`${tenantId}/other.json`).upload('what is this', 12);
    await blob(`${tenantId}/blocks.json`).stageBlock(Buffer.from('1').toString('base64'), 'blocks', 6);
    expect(await files.count(tenantId)).toBe(3);
    expect(await files.removeExpired(now)).toBe(2);
    expect(await files.count(tenantId)).toBe(1);
  });

  test('is nowhere where nothing was ever written', async () => {
    expect(await files.count(tenantId)).toBe(0);
    expect(await files.removeAll(tenantId)).toBe(0);
    expect(await files.removeExpired(now)).toBe(0);
    await expect(files.link(tenantId, requestId)).rejects.toMatchObject({ failure: 'notFound' });
  });
});

describe('a write', () => {
  test('whose source breaks off fails with the source’s error and leaves nothing, not even blocks', async () => {
    await files.write(tenantId, requestId, said('{"old":true}'));
    await expect(files.write(tenantId, requestId, brokenOff())).rejects.toThrow(
      new RangeError('the source is gone'),
    );
    expect(await files.count(tenantId)).toBe(0);
    await expect(blob().getBlockList('all')).rejects.toMatchObject({ statusCode: 404 });
  });

  test('that is under way has no link; one that never ends is removed after an hour', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: sent, resolve: announce } = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(5_000_000, 'x');
      announce();
      await released;
    }
    const writing = files.write(tenantId, requestId, slow());
    await sent;
    await expect(files.link(tenantId, requestId)).rejects.toMatchObject({ failure: 'notFound' });
    expect(await files.removeExpired(new Date(now.getTime() + hourMs - 1))).toBe(0);
    expect(await files.removeExpired(new Date(now.getTime() + hourMs))).toBe(1);
    release();
    await expect(writing).rejects.toMatchObject({ failure: 'conflict' });
    expect(await files.count(tenantId)).toBe(0);
    await expect(blob().getBlockList('all')).rejects.toMatchObject({ statusCode: 404 });
  });

  test('that is overtaken by another one of the same file leaves that one alone', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: begun, resolve: announce } = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<string> {
      announce();
      await released;
      yield '{"first":true}';
    }
    const writing = files.write(tenantId, requestId, slow());
    await begun;
    await files.write(tenantId, requestId, said('{"second":true}'));
    release();
    await expect(writing).rejects.toMatchObject({ failure: 'conflict' });
    expect(await (await fetch(await files.link(tenantId, requestId))).json()).toEqual({ second: true });
  });
});

test('a managed identity’s key signs many links and is asked for anew before it runs out', async () => {
  const exported = withToken();
  await exported.write(tenantId, requestId, said('{}'));
  const keyEnd = async (): Promise<string | null> =>
    new URL(await exported.link(tenantId, requestId)).searchParams.get('ske');
  const first = await keyEnd();
  now = new Date(now.getTime() + 5 * hourMs);
  expect(await keyEnd()).toBe(first);
  now = new Date(now.getTime() + hourMs);
  const second = await keyEnd();
  expect(Date.parse(second ?? '')).toBeGreaterThan(now.getTime() + hourMs);
});

test('an identity that cannot sign in is trouble to be waited out', async () => {
  const credential = {
    getToken: async () => {
      throw new AuthenticationError(400, { error: 'invalid_request', error_description: 'no such identity' });
    },
  };
  const exported = exportFiles({ url: azurite.url, credential });
  await expect(exported.count(tenantId)).rejects.toMatchObject({
    failure: 'unavailable',
    code: 'AuthenticationError',
  });
});

describe('storage that', () => {
  let odd: OddServer;
  let oddAccess: ExportStorageAccess;
  const key = Buffer.from('not the key').toString('base64');

  beforeEach(async () => {
    odd = await openOddServer();
    oddAccess = {
      connectionString: `DefaultEndpointsProtocol=http;AccountName=odd;AccountKey=${key};BlobEndpoint=${odd.url}/odd`,
    };
  });
  afterEach(() => odd.close());

  test.each(['', 'me@example.com', '../../secrets', '*', `${randomUUID()}/x`, `${randomUUID()}%2f..`])(
    'is asked for %j instead of an id of ours is not asked',
    async (wrong) => {
      const there = exportFiles(oddAccess);
      const attempts = [
        there.write(wrong, requestId, said('{}')),
        there.write(tenantId, wrong, said('{}')),
        there.link(wrong, requestId),
        there.link(tenantId, wrong),
        there.keptUntil(wrong, requestId),
        there.remove(wrong, requestId),
        there.remove(tenantId, wrong),
        there.removeAll(wrong),
        there.count(wrong),
      ];
      for (const { status } of await Promise.allSettled(attempts)) expect(status).toBe('rejected');
      expect(odd.received).toEqual([]);
    },
  );

  async function failureOf(there: ExportFiles): Promise<VendorError> {
    const [wrote, linked] = await Promise.allSettled([
      there.write(tenantId, requestId, said('{"body":"of a person"}')),
      there.link(tenantId, requestId),
    ]);
    if (wrote.status !== 'rejected' || linked.status !== 'rejected') throw new Error('It did not fail.');
    expect(linked.reason).toMatchObject({ failure: (wrote.reason as VendorError).failure });
    for (const { reason } of [wrote, linked]) {
      expect(reason).toBeInstanceOf(VendorError);
      const everything = inspect(reason, { depth: 20, showHidden: true });
      for (const secret of ['127.0.0.1', 'sig=', key, tenantId, requestId, 'of a person']) {
        expect(everything.replace(/^ +at .*$/gm, '')).not.toContain(secret);
      }
    }
    return wrote.reason as VendorError;
  }

  test('is away is unavailable, soon', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    listener.close();
    await once(listener, 'close');
    const connectionString = `DefaultEndpointsProtocol=http;AccountName=odd;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/odd`;
    expect(await failureOf(exportFiles({ connectionString }))).toMatchObject({ failure: 'unavailable' });
  });

  test('never answers is unavailable when the time for a call is over', async () => {
    odd.answer = () => ({ fault: 'hang' });
    expect(await failureOf(exportFiles(oddAccess, 200))).toMatchObject({
      failure: 'unavailable',
      code: 'Timeout',
    });
  });

  test.each([
    [403, 'AuthorizationFailure', { failure: 'rejected', code: 'AuthorizationFailure' }],
    [401, 'NoAuthenticationInformation', { failure: 'rejected' }],
    [503, 'ServerBusy', { failure: 'throttled', retryAfterSeconds: 7, code: 'ServerBusy' }],
    [500, 'InternalError', { failure: 'unavailable', code: 'InternalError' }],
    [409, 'ContainerBeingDeleted', { failure: 'unavailable' }],
    [403, `me@example.com`, { failure: 'rejected', code: 'HTTP403' }],
  ])('answers %s %s', async (status, code, expected) => {
    odd.answer = () => ({ status, headers: { 'x-ms-error-code': code, 'retry-after': '7' } });
    expect(await failureOf(exportFiles(oddAccess))).toMatchObject(expected);
  });

  test('refuses one of several due files still has the others removed, and says so', async () => {
    now = new Date('2020-01-01T00:00:00Z');
    await files.write(tenantId, requestId, said('{}'));
    await files.write(tenantId, randomUUID(), said('{}'));
    const lease = blob().getBlobLeaseClient();
    await lease.acquireLease(-1);
    await expect(files.removeExpired(new Date('2020-01-03T00:00:00Z'))).rejects.toMatchObject({
      code: 'LeaseIdMissing',
    });
    expect(await files.count(tenantId)).toBe(1);
    await lease.releaseLease();
    expect(await files.removeExpired(new Date('2020-01-03T00:00:00Z'))).toBe(1);
  });

  test('lost the container under a running app gets it back with the next write', async () => {
    await files.write(tenantId, requestId, said('{}'));
    await container.delete();
    await files.write(tenantId, requestId, said('{}'));
    expect(await files.count(tenantId)).toBe(1);
  });
});
