/** The command that brings a database's schema up to date, run as a deployment runs it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations.ts';
import { openSettings, openStore } from '../store/store.ts';

const command = join(import.meta.dirname, '../dist/migrate.js');

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'migrate-'));
  file = join(directory, 'hub.sqlite');
});

afterEach(() => rmSync(directory, { recursive: true }));

interface Run {
  code: number;
  output: string;
  errors: string;
}

/** Runs the command with these settings, and no others. */
function run(settings: NodeJS.ProcessEnv): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command], { env: settings }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), output, errors });
    });
  });
}

const all = `Done: ${Object.keys(migrations).join(', ')}\n`;

describe('npm run migrate', () => {
  test('says what it did, and that nothing is left to do', async () => {
    expect(await run({ DATABASE_FILE: file })).toMatchObject({ code: 0, output: all });
    expect(await run({ DATABASE_FILE: file })).toMatchObject({ code: 0, output: 'Nothing to do.\n' });
    const store = await openStore({ file });
    expect(await store.tenants.ids()).toEqual([]);
    await store.close();
  });

  test('run twice at once does the work once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => run({ DATABASE_FILE: file })));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ output }) => output).toSorted()).toEqual([
      all,
      'Nothing to do.\n',
      'Nothing to do.\n',
    ]);
  });

  test.each([
    [{}, 'DATABASE_FILE'],
    [{ SQL_SERVER: 'hub.database.windows.net' }, 'SQL_DATABASE'],
    [{ SQL_SERVER: 'hub.database.windows.net', SQL_DATABASE: 'hub', SQL_ENCRYPT: 'false' }, 'SQL_ENCRYPT'],
  ])('fails with the settings %j, and names %s', async (settings, name) => {
    const { code, output, errors } = await run(settings);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toContain(`  ${name}: `);
  });

  test('fails on a database of a newer version, and says so', async () => {
    const newer = openSettings({ file });
    await migrate(newer, { ...migrations, '9999-later': { up: () => Promise.resolve() } });
    await newer.close();
    const { code, errors } = await run({ DATABASE_FILE: file });
    expect(code).toBe(1);
    expect(errors).toContain('outdated: migrationsOfAnotherVersion');
  });
});
