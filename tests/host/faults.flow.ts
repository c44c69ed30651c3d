/** Faults beneath the app, asked for at the control address: what happens twice, late or not at first. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { Workflows } from './workflow-driver.ts';

let dataDir: string;
let app: Workflows;

const callsFile = (): string => join(dataDir, 'calls.txt');
const startApp = (): Promise<Workflows> => Workflows.start(['--data', dataDir], { CALLS_FILE: callsFile() });

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-faults-'));
  app = await startApp();
});

afterEach(async () => {
  await app.host.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

async function faults(method: string, body?: object): Promise<unknown> {
  const content = body ? { body: JSON.stringify(body) } : {};
  const response = await fetch(`${app.host.control}/host/faults`, { method, ...content });
  return response.json();
}

const add = (fault: object): Promise<unknown> => faults('POST', fault);

async function struck(): Promise<number[]> {
  const list = z.array(z.object({ struck: z.number() })).parse(await faults('GET'));
  return list.map((fault) => fault.struck);
}

const callsOf = (id: string): string[] =>
  readFileSync(callsFile(), 'utf8')
    .split('\n')
    .filter((call) => call.startsWith(`echo ${id} `));

const tenSteps = Array.from({ length: 10 }, (_, step) => step);

describe('activities', () => {
  test('may run twice, and the orchestration does not see it', async () => {
    await add({ kind: 'duplicateActivity', name: 'echo', count: 3 });
    expect((await app.run('steps', 10, 'twice')).output).toEqual(tenSteps);
    expect(callsOf('twice')).toHaveLength(13);
    expect(await struck()).toEqual([3]);
  });

  test('whose outcome is lost run again', async () => {
    await add({ kind: 'lostOutcome', name: 'echo', probability: 0.5, seed: 7 });
    expect((await app.run('steps', 10, 'lost')).output).toEqual(tenSteps);
    const [times = 0] = await struck();
    expect(times).toBeGreaterThan(0);
    expect(callsOf('lost')).toHaveLength(10 + times);
  });

  test('are struck alike by the same seed', async () => {
    const histories: string[][] = [];
    for (const id of ['one', 'two']) {
      await faults('DELETE');
      await add({ kind: 'lostOutcome', probability: 0.4, seed: 11 });
      await app.run('steps', 10, id);
      histories.push(callsOf(id).map((call) => call.replace(id, '')));
    }
    expect(histories[1]).toEqual(histories[0]);
  });

  test('survive a host that dies between effect and record', async () => {
    await add({ kind: 'lostOutcome', name: 'echo', how: 'kill', probability: 0.3, count: 1, seed: 3 });
    await app.client('start', { name: 'steps', input: 10, instanceId: 'killed' }).catch(() => undefined);
    await app.host.ended();
    app = await startApp();
    await app.host.idle();
    expect((await app.status('killed')).output).toEqual(tenSteps);
    expect(callsOf('killed')).toHaveLength(11);
  });
});

describe('signals of clients', () => {
  const push = async (count: number): Promise<void> => {
    for (let item = 0; item < count; item += 1) {
      await app.client('signal', { name: 'list', key: 'late', op: 'push', input: item });
    }
    await app.host.idle();
  };
  const inOrder = Array.from({ length: 12 }, (_, item) => item);

  test('may come late, and then out of order', async () => {
    await add({ kind: 'delaySignal', ms: 60_000, seed: 5 });
    await push(12);
    expect(await app.state('list', 'late')).toBeUndefined();
    await app.host.advance('PT1M');
    const items = (await app.state('list', 'late')) as number[];
    expect(items).not.toEqual(inOrder);
    expect(items.toSorted((a, b) => a - b)).toEqual(inOrder);
  });

  test('may change places while they wait', async () => {
    await app.start('holdLock', 'mixed');
    await add({ kind: 'reorderSignals', seed: 2 });
    await app.client('signal', { name: 'counter', key: 'mixed', op: 'set', input: 1 });
    await app.client('signal', { name: 'counter', key: 'mixed', op: 'set', input: 2 });
    await app.client('signal', { name: 'counter', key: 'mixed', op: 'set', input: 3 });
    await app.host.idle();
    expect(await struck()).not.toEqual([0]);
  });

  test('may come twice', async () => {
    await add({ kind: 'duplicateMessage', message: 'signal', count: 2 });
    await push(3);
    expect(await app.state('list', 'late')).toEqual([0, 0, 1, 1, 2]);
  });
});

describe('messages', () => {
  test('that come twice count once, but for events', async () => {
    await add({ kind: 'duplicateMessage' });
    expect((await app.run('steps', 5)).output).toEqual([0, 1, 2, 3, 4]);
    const parent = await app.start('parent', { child: 'child', input: 'x' });
    expect((await app.status(parent)).runtimeStatus).toBe('Completed');
    const id = await app.start('twoEvents');
    await app.raise(id, 'word', 'once');
    expect((await app.status(id)).output).toEqual(['once', 'once']);
  });
});

describe('the store', () => {
  test('may fail: nothing of it is seen, all is tried again, and the host stays up', async () => {
    await add({ kind: 'failingStore', count: 5 });
    expect((await app.run('steps', 10, 'failing')).output).toEqual(tenSteps);
    expect(callsOf('failing')).toHaveLength(10);
    expect(await struck()).toEqual([5]);
    expect(app.host.log).toContain('The task hub could not be written');
  });

  test('may be slow', async () => {
    await add({ kind: 'slowStore', ms: 20 });
    const began = performance.now();
    expect((await app.run('steps', 5)).output).toEqual([0, 1, 2, 3, 4]);
    expect(performance.now() - began).toBeGreaterThan(100);
  });
});

describe('a fault that nobody knows', () => {
  test('is refused with the name of the field', async () => {
    expect(await add({ kind: 'slowStore', ms: -1 })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('ms: '),
    });
    expect(await add({ kind: 'flood' })).toMatchObject({ detail: expect.stringContaining('kind') });
  });
});
