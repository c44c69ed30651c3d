/** Items 1 and 2: what of an app is loaded, and what the host learns of its functions. Item 18's and 45's settings too. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../../support/host-process.ts';

const appsDir = join(import.meta.dirname, '../apps');

interface FunctionBody {
  readonly name: string;
  readonly config: { readonly bindings: Record<string, unknown>[] };
}

let dataDir: string;
let host: HostProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-conformance-'));
  host = await HostProcess.start(join(appsDir, 'configured'), ['--data', dataDir]);
}, 20_000);

afterAll(async () => {
  await host.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function functions(): Promise<FunctionBody[]> {
  const { master } = JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')) as { master: string };
  return (await host.json('GET', `/admin/functions?code=${master}`)).body as FunctionBody[];
}

async function bindingsOf(name: string): Promise<Record<string, unknown>[]> {
  return (await functions()).find((fn) => fn.name === name)?.config.bindings ?? [];
}

describe('1. Entry points', () => {
  // CommonJS over several files is the app `workflows`, one `.mjs` file the app `web`: every other test proves them.
  test('of an ES module package load, all that `main` matches', async () => {
    const names = (await functions()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['door', 'every', 'held', 'sleeper']));
  });

  const broken = (files: Record<string, string>): string => {
    const dir = mkdtempSync(join(tmpdir(), 'host-broken-'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
    return dir;
  };

  test.each([
    [
      'that does not load',
      { 'package.json': '{"main":"a.cjs"}', 'a.cjs': 'throw new Error("not today")' },
      'Worker was unable to load entry point "a.cjs": not today',
    ],
    [
      'that does not parse',
      { 'package.json': '{"main":"a.mjs"}', 'a.mjs': 'this is no program' },
      'Worker was unable to load entry point "a.mjs"',
    ],
    ['that is not there', { 'package.json': '{"main":"dist/*.js"}' }, 'No file matches "main": "dist/*.js"'],
    ['that is not named', { 'package.json': '{}' }, 'has no "main"'],
  ])('%s keeps the host from starting, and it says why', async (_what, files, message) => {
    const dir = broken(files);
    await expect(HostProcess.start(dir)).rejects.toThrow(message);
    rmSync(dir, { recursive: true });
  });
});

describe('2. Metadata', () => {
  test('of an HTTP function has its trigger, and its answer under the name $return', async () => {
    expect(await bindingsOf('every')).toEqual([
      {
        type: 'httpTrigger',
        direction: 'in',
        name: expect.stringMatching(/^httpTrigger[0-9a-f]{10}$/),
        route: 'every/{id:int?}',
        methods: ['GET', 'DELETE'],
        authLevel: 'function',
        properties: { supportsDeferredBinding: 'false' },
      },
      { type: 'http', direction: 'out', name: '$return' },
    ]);
  });

  test('of an HTTP function without methods are GET and POST', async () => {
    expect(await bindingsOf('ran')).toContainEqual(
      expect.objectContaining({ type: 'httpTrigger', methods: ['GET', 'POST'] }),
    );
  });

  test('of a timer function has its schedule', async () => {
    expect(await bindingsOf('sometimes')).toContainEqual(
      expect.objectContaining({ type: 'timerTrigger', schedule: '0 0 0 1 1 *', runOnStartup: false }),
    );
  });

  test('of a function with a durable client has an input for it', async () => {
    const name = expect.stringMatching(/^durableClientInput[0-9a-f]{10}$/);
    expect(await bindingsOf('links')).toContainEqual(
      expect.objectContaining({ type: 'durableClient', direction: 'in', name }),
    );
  });

  test.each([
    ['sleeper', 'orchestrationTrigger'],
    ['nothing', 'activityTrigger'],
  ])('of the durable function %s is a %s and nothing else', async (name, type) => {
    const bindings = await bindingsOf(name);
    expect(bindings.filter((binding) => /trigger$/i.test(String(binding['type'])))).toEqual([
      { type, direction: 'in', name: expect.any(String), properties: { supportsDeferredBinding: 'false' } },
    ]);
  });
});
