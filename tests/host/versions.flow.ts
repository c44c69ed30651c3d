/** Orchestration versions: which instances an app takes on, and what becomes of the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { temporaryApp } from './temporary-app.ts';
import { Workflows } from './workflow-driver.ts';

let running: Workflows[] = [];
let dirs: string[] = [];

afterEach(async () => {
  await Promise.all(running.map((app) => app.host.kill()));
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  running = [];
  dirs = [];
});

async function startApp(durableTask: object, args: readonly string[] = []): Promise<Workflows> {
  const dir = temporaryApp(durableTask);
  const app = await Workflows.start(args, {}, dir);
  dirs.push(dir);
  running.push(app);
  return app;
}

async function startVersion(app: Workflows, version: string): Promise<string> {
  const id = `of-${version}`;
  await app.api('POST', `orchestrators/versioned/${id}?version=${version}`);
  await app.host.idle();
  return id;
}

describe('an app with a version', () => {
  test('starts its own, and runs older ones', async () => {
    const app = await startApp({ defaultVersion: '2.0' });
    expect((await app.run('versioned')).output).toBe('2.0');
    expect((await app.status(await startVersion(app, '1.5'))).output).toBe('1.5');
  });

  test('leaves newer ones as they are, for an app that can run them', async () => {
    const data = mkdtempSync(join(tmpdir(), 'versions-'));
    dirs.push(data);
    const old = await startApp({ defaultVersion: '2.0' }, ['--data', data]);
    const id = await startVersion(old, '3.0');
    expect((await old.status(id)).runtimeStatus).toBe('Pending');
    expect(old.host.log).toContain("of version '3.0' is left for another app");
    await old.host.stop();
    const fresh = await startApp({ defaultVersion: '3.0' }, ['--data', data]);
    await fresh.host.idle();
    expect(await fresh.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: '3.0' });
  });

  test('fails what it cannot run when it is told to', async () => {
    const app = await startApp({
      defaultVersion: '2.0',
      versionMatchStrategy: 'strict',
      versionFailureStrategy: 'Fail',
    });
    expect(await app.status(await startVersion(app, '1.0'))).toMatchObject({
      runtimeStatus: 'Failed',
      output: 'VersionMismatch: Orchestration version did not comply with Worker Versioning',
    });
  });
});
