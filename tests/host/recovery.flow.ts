/** What survives when a host dies or stops: its task hub goes on where it was. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../support/host-process.ts';
import { Workflows, workflowsDir } from './workflow-driver.ts';

let dataDir: string;
let running: Workflows[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-data-'));
});

afterEach(async () => {
  await Promise.all(running.map((app) => app.host.kill()));
  running = [];
  rmSync(dataDir, { recursive: true, force: true });
});

const callsFile = (): string => join(dataDir, 'calls.txt');

async function startApp(from = '2026-01-01T00:00:00Z', env: Record<string, string> = {}): Promise<Workflows> {
  const args = ['--data', dataDir, '--clock', 'virtual', '--start', from];
  const app = await Workflows.start(args, { CALLS_FILE: callsFile(), ...env });
  running.push(app);
  return app;
}

function recordedCalls(): string[] {
  return readFileSync(callsFile(), 'utf8').trim().split('\n');
}

/** Waits, in real time, for something that happens while the host is busy. */
async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a host that is killed', () => {
  test('in the middle of an orchestration goes on with it, running again only what was not recorded', async () => {
    const first = await startApp();
    await first.client('start', { name: 'steps', input: 200, instanceId: 'long' });
    await eventually(() => {
      try {
        return recordedCalls().length > 50;
      } catch {
        return false;
      }
    });
    await first.host.kill();
    const second = await startApp();
    await second.host.idle();
    const expected = Array.from({ length: 200 }, (_, step) => step);
    expect(await second.status('long')).toMatchObject({ runtimeStatus: 'Completed', output: expected });
    const calls = recordedCalls();
    expect(calls.length).toBeGreaterThanOrEqual(200);
    expect(calls.length).toBeLessThanOrEqual(202);
  });

  test('during an activity runs the activity again', async () => {
    const first = await startApp(undefined, { SLOW_NEVER_ENDS: '1' });
    await first.client('start', { name: 'slowStep', instanceId: 'killed' });
    await eventually(() => {
      try {
        return recordedCalls().length === 1;
      } catch {
        return false;
      }
    });
    await first.host.kill();
    const second = await startApp();
    await second.host.idle();
    expect((await second.status('killed')).output).toEqual({ result: 'killed', next: 'next' });
    expect(recordedCalls().filter((call) => call === 'slow killed')).toHaveLength(2);
  });

  test('keeps entities, waiting instances and their events', async () => {
    const first = await startApp();
    await first.client('signal', { name: 'counter', key: 'kept', op: 'add', input: 3 });
    await first.start('collect', { wanted: 2 }, 'collecting');
    await first.raise('collecting', 'item', 'before');
    await first.host.kill();
    const second = await startApp();
    await second.raise('collecting', 'item', 'after');
    expect((await second.status('collecting')).output).toEqual(['before', 'after']);
    expect(await second.state('counter', 'kept')).toBe(3);
  });

  test('again and again, under load, loses no signal', async () => {
    const accepted = { count: 0 };
    for (let round = 0; round < 3; round += 1) {
      const app = await startApp();
      const burst = Array.from({ length: 100 }, async () => {
        const response = await app.api('POST', 'entities/counter/load?op=add', 1).catch(() => undefined);
        if (response?.status === 202) accepted.count += 1;
      });
      await Promise.race(burst);
      await app.host.kill();
      await Promise.all(burst);
    }
    const last = await startApp();
    await last.host.idle();
    const counted = Number(await last.state('counter', 'load'));
    expect(counted).toBeGreaterThanOrEqual(accepted.count);
    expect(counted).toBeLessThanOrEqual(300);
  });
});

describe('timers', () => {
  test('that fell due while no host ran fire after the start', async () => {
    const first = await startApp();
    await first.start('sleep', '2026-01-03T00:00:00Z', 'sleeper');
    await first.host.stop();
    const second = await startApp('2026-01-10T00:00:00Z');
    await second.host.idle();
    expect(await second.status('sleeper')).toMatchObject({
      runtimeStatus: 'Completed',
      output: '2026-01-10T00:00:00.000Z',
    });
  });

  test('that are not due yet are still waited for', async () => {
    const first = await startApp();
    await first.start('sleep', '2026-01-03T00:00:00Z', 'sleeper');
    await first.host.kill();
    const second = await startApp('2026-01-02T00:00:00Z');
    await second.host.idle();
    expect((await second.status('sleeper')).runtimeStatus).toBe('Running');
    await second.host.advance('P1D');
    expect((await second.status('sleeper')).output).toBe('2026-01-03T00:00:00.000Z');
  });
});

describe('a second host on the same task hub', () => {
  test('is refused as long as the first one lives', async () => {
    const first = await startApp();
    const args = ['--data', dataDir];
    await expect(HostProcess.start(workflowsDir, args)).rejects.toThrow(/Another host is running/);
    await first.host.kill();
    const second = await startApp();
    expect(await second.host.stop()).toBe(0);
  });
});

describe('what is purged', () => {
  test('is gone from the files too', async () => {
    const app = await startApp();
    await app.start('child', 'a-very-private-word', 'private');
    await app.client('signal', { name: 'list', key: 'private', op: 'push', input: 'a-very-private-word' });
    await app.host.idle();
    await app.client('purge', { id: 'private' });
    await app.client('purge', { id: '@list@private' });
    await app.host.idle();
    for (const file of ['task-hub.db', 'task-hub.db-wal']) {
      expect(readFileSync(join(dataDir, file)).includes('a-very-private-word')).toBe(false);
    }
  });
});
