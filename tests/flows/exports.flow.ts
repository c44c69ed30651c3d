/** Export files on the whole stack: handed out for minutes by its clock, kept through a power cut, gone from the disk in time. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StackProcess } from '../../local/stack/stack-process.ts';
import { makeExportFiles, type ExportFiles } from '../../store/export-files.ts';
import { exportsContainer } from '../../store/export-storage.ts';
import { StackWithData } from '../support/stack-with-data.ts';

let running: StackWithData;

beforeAll(async () => {
  running = await StackWithData.start();
});
afterAll(() => running.end());

/** The app's own way to its exports, at the stack's time. */
async function exportFiles(): Promise<ExportFiles> {
  const now = new Date(await running.stack.now());
  return makeExportFiles({
    storage: { connectionString: running.stack.exportStorage },
    clock: () => now,
  });
}

async function cutPower(): Promise<void> {
  await running.stack.kill();
  running.stack = await StackProcess.start({ clock: 'virtual', data: running.data });
}

async function* said(text: string): AsyncGenerator<string> {
  yield `{"said":"${text}"}`;
}

/** The files under the app's data that hold this text. */
async function whereabouts(text: string): Promise<string[]> {
  const app = join(running.data, 'app');
  const entries = await readdir(app, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  return paths.filter((_, index) => contents[index]?.includes(text));
}

test('a file is removed by the hourly timer after a day, and none of its content is left on the disk', async () => {
  const [tenantId, old, young] = [randomUUID(), randomUUID(), randomUUID()];
  await (await exportFiles()).write(tenantId, old, said('an old confession'));
  await running.stack.advance('PT2H');
  await (await exportFiles()).write(tenantId, young, said('a young confession'));
  await running.stack.advance('PT21H');
  expect(await (await exportFiles()).count(tenantId)).toBe(2);
  expect(await whereabouts('an old confession')).toHaveLength(1);

  await running.stack.advance('PT2H');
  const files = await exportFiles();
  expect(await files.count(tenantId)).toBe(1);
  expect(await whereabouts('an old confession')).toEqual([]);
  expect(await whereabouts('a young confession')).toHaveLength(1);
  expect(await (await fetch(await files.link(tenantId, young))).text()).toBe('{"said":"a young confession"}');
  expect(await files.removeAll(tenantId)).toBe(1);
  expect(await whereabouts('confession')).toEqual([]);
});

test('a link runs out after a quarter of an hour of the stack’s clock', async () => {
  const [tenantId, requestId] = [randomUUID(), randomUUID()];
  const files = await exportFiles();
  await files.write(tenantId, requestId, said('hello'));
  const link = await files.link(tenantId, requestId);
  await running.stack.advance('PT14M59S');
  expect((await fetch(link)).status).toBe(200);
  await running.stack.advance('PT2S');
  expect((await fetch(link)).status).toBe(403);
});

test('what was written survives a power cut, and what was removed stays away', async () => {
  const [tenantId, kept, removed] = [randomUUID(), randomUUID(), randomUUID()];
  const before = await exportFiles();
  await before.write(tenantId, removed, said('a secret withdrawn'));
  await before.write(tenantId, kept, said('a secret kept'));
  await before.remove(tenantId, removed);
  await cutPower();

  const files = await exportFiles();
  expect(await files.count(tenantId)).toBe(1);
  expect(await (await fetch(await files.link(tenantId, kept))).text()).toBe('{"said":"a secret kept"}');
  expect(await whereabouts('a secret withdrawn')).toEqual([]);
});

test('what a power cut leaves of a half-written file cannot be read, and is gone within hours', async () => {
  const [tenantId, requestId] = [randomUUID(), randomUUID()];
  const { promise: never } = Promise.withResolvers<void>();
  const { promise: sent, resolve: announce } = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<string> {
    yield 'half a confession '.repeat(300_000);
    announce();
    await never;
  }
  void (await exportFiles()).write(tenantId, requestId, endless());
  await sent;
  await cutPower();
  expect(await whereabouts('half a confession')).not.toEqual([]);
  await expect((await exportFiles()).link(tenantId, requestId)).rejects.toMatchObject({
    failure: 'notFound',
  });

  await running.stack.advance('PT2H');
  expect(await (await exportFiles()).count(tenantId)).toBe(0);
  expect(await whereabouts('half a confession')).toEqual([]);
});

test('files written at once, and one removed meanwhile, do not harm each other', async () => {
  const tenantId = randomUUID();
  const ids = Array.from({ length: 8 }, () => randomUUID());
  const files = await exportFiles();
  await files.write(tenantId, ids[0] ?? '', said('first'));
  await Promise.all([
    files.remove(tenantId, ids[0] ?? ''),
    ...ids.slice(1).map((id) => files.write(tenantId, id, said(id))),
  ]);
  for (const id of ids.slice(1)) {
    expect(await (await fetch(await files.link(tenantId, id))).text()).toBe(`{"said":"${id}"}`);
  }
  const service = BlobServiceClient.fromConnectionString(running.stack.exportStorage);
  const blobs = await readdir(join(running.data, 'app/blobs/blocks'));
  let listed = 0;
  for await (const { properties } of service.getContainerClient(exportsContainer).listBlobsFlat()) {
    if ((properties.contentLength ?? 0) > 0) listed += 1;
  }
  expect(blobs).toHaveLength(listed);
});
