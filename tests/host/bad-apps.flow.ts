/** What the host says of apps that are broken, and of requests that make no sense: who is to blame, and nothing is lost. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../support/host-process.ts';
import { Workflows } from './workflow-driver.ts';

let folder: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-apps-'));
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an app of these files and starts it. */
function start(files: Readonly<Record<string, string>>): Promise<HostProcess> {
  count += 1;
  const appDir = join(folder, `app${count}`);
  mkdirSync(appDir);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(appDir, name)), { recursive: true });
    writeFileSync(join(appDir, name), text);
  }
  return HostProcess.start(appDir);
}

const manifest = '{ "main": "src/*.cjs" }';
const hello =
  "require('@azure/functions').app.http('hello', { authLevel: 'anonymous', handler: () => ({ body: 'hi' }) });";

describe('an app that does not load', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['has no package.json', { 'src/a.cjs': hello }, /package\.json cannot be read: ENOENT/],
    ['has a package.json that is no JSON', { 'package.json': '{' }, /package\.json cannot be read: .*JSON/],
    ['names no entry file', { 'package.json': '{}' }, /package\.json has no "main"/],
    [
      'names entry files that are not there',
      { 'package.json': manifest },
      /No file matches "main": "src\/\*\.cjs"/,
    ],
    [
      'throws while it loads',
      { 'package.json': manifest, 'src/a.cjs': hello, 'src/b.cjs': "throw new Error('no such thing');" },
      /Worker was unable to load entry point "src\/b\.cjs": no such thing/,
    ],
    [
      'cannot be parsed',
      { 'package.json': manifest, 'src/a.cjs': 'const = 1;' },
      /Worker was unable to load entry point "src\/a\.cjs": /,
    ],
    [
      'has two functions of one name',
      { 'package.json': manifest, 'src/a.cjs': hello, 'src/b.cjs': hello.replace("'hello'", "'Hello'") },
      /entry point "src\/b\.cjs": A function with id "Hello" has already been registered/,
    ],
    [
      'registers nothing',
      { 'package.json': manifest, 'src/a.cjs': 'module.exports = 1;' },
      /The app registered no function/,
    ],
    [
      'has a host.json that is no JSON',
      { 'package.json': manifest, 'src/a.cjs': hello, 'host.json': '{ "version": ' },
      /host\.json is not JSON/,
    ],
    [
      'has a host.json with a wrong value',
      {
        'package.json': manifest,
        'src/a.cjs': hello,
        'host.json': '{ "extensions": { "queues": { "batchSize": 99 } } }',
      },
      /host\.json is not valid: .*extensions\.queues\.batchSize/s,
    ],
  ])('because it %s ends the start and names the culprit', async (_what, files, message) => {
    await expect(start(files)).rejects.toThrow(message);
  });
});

describe('an app of which one function is broken', () => {
  test('serves the others, and says which is broken and why', async () => {
    const host = await start({
      'package.json': manifest,
      'src/a.cjs': hello,
      'src/b.cjs': `const { app } = require('@azure/functions');
        app.timer('noSetting', { schedule: '%MISSING%', handler: () => undefined });
        app.timer('nonsense', { schedule: 'every day', handler: () => undefined });
        app.http('odd', { route: 'odd/{x:y}', handler: () => undefined });
        app.generic('alien', { trigger: { type: 'alienTrigger', name: 'x' }, handler: () => undefined });`,
    });
    expect(await (await host.fetch('/api/hello')).text()).toBe('hi');
    for (const message of [
      'The function \'noSetting\' is in error: The schedule "%MISSING%" needs the app setting "MISSING".',
      'The function \'nonsense\' is in error: "every day" is not an NCRONTAB expression',
      'The function \'odd\' is in error: route "api/odd/{x:y}". Route constraint "y" is not known',
      "Nothing will start 'alien': this host has no alienTrigger.",
    ]) {
      expect(host.log).toContain(message);
    }
    expect(await host.stop()).toBe(0);
  });

  test('may not take the host’s own addresses', async () => {
    const host = await start({
      'package.json': manifest,
      'host.json': '{ "extensions": { "http": { "routePrefix": "" } } }',
      'src/a.cjs': `${hello} require('@azure/functions').app.http('mine', { route: 'admin/host/status', handler: () => undefined });`,
    });
    expect(await (await host.fetch('/hello')).text()).toBe('hi');
    expect(host.log).toContain('The specified route conflicts with one or more built in routes.');
    await host.stop();
  });
});

describe('a request that makes no sense', () => {
  let flows: Workflows;

  beforeAll(async () => {
    flows = await Workflows.start();
  }, 20_000);

  afterAll(() => flows.host.stop());

  async function refused(
    method: string,
    path: string,
    body: string,
    type = 'application/json',
  ): Promise<unknown> {
    const links = (await flows.client('links', { id: 'x' })).result as { statusQueryGetUri: string };
    const { search } = new URL(links.statusQueryGetUri);
    const separator = path.includes('?') ? '&' : '?';
    const url = `${flows.webhooks}/${path}${separator}${search.slice(1)}`;
    const response = await fetch(url, { method, body, headers: { 'content-type': type } });
    expect(response.status).toBe(400);
    return response.json();
  }

  test('in JSON that is none is a 400 that says so', async () => {
    const id = await flows.start('waiter', undefined, 'here');
    expect(await refused('POST', 'orchestrators/sequence', '{"a":')).toMatchObject({
      Message: 'One or more of the arguments submitted is incorrect',
      ExceptionMessage: expect.stringContaining('JSON'),
    });
    expect(await refused('POST', `instances/${id}/raiseEvent/x`, '{')).toContain('JSON');
    expect(await refused('POST', `instances/${id}/raiseEvent/x`, 'a', 'text/plain')).toContain(
      'application/json',
    );
    expect(await refused('POST', 'entities/counter/a?op=add', '{')).toMatchObject({
      ExceptionMessage: expect.anything(),
    });
    expect(await refused('POST', 'orchestrators/nobody', '')).toMatchObject({
      ExceptionMessage: expect.stringContaining("'nobody'"),
    });
  });

  test.each(['@x', 'a/b', String.raw`a\b`, 'a#b', 'a?b', 'a\nb', 'x'.repeat(257)])(
    'with the id %j is refused',
    async (id) => {
      expect(await refused('POST', `orchestrators/waiter/${encodeURIComponent(id)}`, '')).toMatchObject({
        ExceptionMessage: expect.stringContaining('ids must'),
      });
    },
  );

  test.each(['with space', 'ü-ñ-日本', `"quoted" & 'so'`, '100%', 'a+b=c', '<b>'])(
    'with the id %j is none: it can be started, asked after, told things and purged',
    async (id) => {
      const links = await flows.api('POST', `orchestrators/waiter/${encodeURIComponent(id)}`);
      const { statusQueryGetUri, sendEventPostUri, purgeHistoryDeleteUri } = (await links.json()) as Record<
        string,
        string
      >;
      await flows.host.idle();
      const status = (await (await fetch(statusQueryGetUri ?? '')).json()) as { instanceId: string };
      expect(status.instanceId).toBe(id);
      const told = await fetch((sendEventPostUri ?? '').replace('{eventName}', 'word'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '"hi"',
      });
      expect(told.status).toBe(202);
      await flows.host.idle();
      expect(await (await fetch(purgeHistoryDeleteUri ?? '', { method: 'DELETE' })).json()).toEqual({
        instancesDeleted: 1,
      });
    },
  );

  test('and the primary host can be asked to be it', async () => {
    expect((await flows.api('POST', 'makeprimary')).status).toBe(200);
  });
});
