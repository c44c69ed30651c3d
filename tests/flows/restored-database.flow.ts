/** A database that was put back to before an erasure: by the receipts among the blobs all of it is erased again. */
import { execFile } from 'node:child_process';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { projectDir } from '../../local/stack/project.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import { cancelled, dataOf, due, minutesAfter, receipts, whereabouts } from '../support/leaving-customer.ts';
import { StackWithData } from '../support/stack-with-data.ts';

const run = promisify(execFile);

let running: StackWithData;
let leaving: Customer;
let staying: Customer;

beforeAll(async () => {
  running = await StackWithData.start([`--start=${new Date().toISOString()}`]);
  leaving = await running.stack.customer({ users: 3 });
  staying = await running.stack.customer({ users: 2 });
});
afterAll(() => running.end());

const database = () => join(running.data, 'app/presence-hub.sqlite');

/** How a command of the project ends. */
async function command(
  file: string,
  args: readonly string[] = [],
  settings: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  try {
    const env = { PATH: process.env['PATH'], ...settings };
    const { stdout } = await run(process.execPath, [join(projectDir(), 'dist', file), ...args], { env });
    return { code: 0, text: stdout };
  } catch (error) {
    const ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(error);
    return { code: ended.code, text: `${ended.stdout}${ended.stderr}` };
  }
}

async function reapply(): Promise<{ code: number; text: string }> {
  const secrets = await readFile(join(running.data, 'app/app-secrets.json'), 'utf8');
  const { receiptSigningKey } = z.object({ receiptSigningKey: z.string() }).parse(JSON.parse(secrets));
  return command('reapply-erasures.js', [], {
    DATABASE_FILE: database(),
    EXPORT_STORAGE_CONNECTION_STRING: running.stack.exportStorage,
    RECEIPT_SIGNING_KEY: receiptSigningKey,
  });
}

test('what was erased comes back with the old database, and is erased again', async () => {
  const known = dataOf(running, leaving, staying);
  const backup = join(running.data, 'backup.sqlite');
  running.sql(`VACUUM INTO '${backup}'`);

  cancelled(running, leaving, await running.stack.now());
  due(running, leaving, { category: 'service', at: minutesAfter(await running.stack.now(), 10) });
  await running.stack.advance('PT2H');
  expect(whereabouts(running, known)).toEqual([]);
  const [first] = await receipts(running);

  await running.restart(async () => {
    for (const end of ['', '-wal', '-shm']) await rm(`${database()}${end}`, { force: true });
    await copyFile(backup, database());
  });
  expect(whereabouts(running, known)).not.toEqual([]);
  expect(await receipts(running)).toEqual([]);

  const { code, text } = await reapply();
  expect(text).toBe('1 receipts, of which the database lacked 1; 1 erasures are due again.\n');
  expect(code).toBe(0);
  await running.stack.advance('PT2H');
  expect(whereabouts(running, known)).toEqual([]);
  const chain = await receipts(running);
  expect(chain).toHaveLength(2);
  expect(chain[0]).toEqual(first);
  expect(await reapply()).toEqual({
    code: 0,
    text: '2 receipts, of which the database lacked 0; 0 erasures are due again.\n',
  });
});

test('receipts are checked by whoever wants to: from the app, from a file, and not when one was changed', async () => {
  const list = await (await fetch(`${running.stack.app}/api/erasure-receipts?page=0`)).text();
  const file = join(running.data, 'receipts.json');
  await writeFile(file, list);
  for (const source of [running.stack.app, file]) {
    const { code, text } = await command('verify-receipts.js', [source]);
    expect(text).toMatch(/^All 2 receipts are in order\. The newest has the hash [0-9a-f]{64}\.\n$/);
    expect(code).toBe(0);
  }
  await writeFile(file, list.replace('"sql:tenants":1', '"sql:tenants":2'));
  expect(await command('verify-receipts.js', [file])).toEqual({
    code: 1,
    text: 'Receipt 1 of 2 is not as it was when it was signed.\n',
  });
  const lost = await command('verify-receipts.js', [running.stack.app, '--newest', 'f'.repeat(64)]);
  expect(lost).toEqual({ code: 1, text: `The receipt with the hash ${'f'.repeat(64)} is missing.\n` });
});

test('the key of receipts is public, and pages that are none are refused', async () => {
  const key = await fetch(`${running.stack.app}/api/erasure-receipts/key`);
  const { algorithm, publicKey } = z
    .object({ algorithm: z.string(), publicKey: z.string() })
    .parse(await key.json());
  expect([algorithm, publicKey]).toEqual(['Ed25519', expect.stringContaining('BEGIN PUBLIC KEY')]);
  for (const page of ['-1', 'x', '1e99', '']) {
    const refused = await fetch(`${running.stack.app}/api/erasure-receipts?page=${page}`);
    expect([page, refused.status]).toEqual([page, 400]);
  }
  const beyond = await fetch(`${running.stack.app}/api/erasure-receipts?page=7`);
  expect(await beyond.json()).toMatchObject({ page: 7, receipts: [] });
});
