/** Items 10 and 32: replays tell code what is new, make the same ids, and go on after a restart as if nothing had been. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';

let dataDir: string;
let running: Workflows | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-replay-'));
});

afterEach(async () => {
  await running?.host.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(from = '2026-01-01T00:00:00Z'): Promise<Workflows> {
  const args = ['--data', dataDir, '--clock', 'virtual', '--start', from];
  running = await Workflows.start(args, { CALLS_FILE: join(dataDir, 'calls.txt') });
  return running;
}

/** A power cut, and the next day. */
async function startAgain(at: string): Promise<Workflows> {
  await running?.host.kill();
  return start(at);
}

function calls(part: string): string[] {
  return readFileSync(join(dataDir, 'calls.txt'), 'utf8')
    .trim()
    .split('\n')
    .filter((call) => call.includes(part));
}

describe('10. A host that starts again', () => {
  // That it goes on in the midst of busy work is in ../recovery.flow.ts.
  test('goes on from the history on disk: same ids and times, no activity twice', async () => {
    const first = await start();
    await first.start('stable', undefined, 'stable-1');
    const second = await startAgain('2026-01-02T00:00:00Z');
    await second.host.idle();
    const { output, runtimeStatus } = await second.status('stable-1');
    expect(runtimeStatus).toBe('Completed');
    const { made, times, told } = output as { made: string[]; times: string[]; told: unknown[] };
    expect(told).toEqual(made.map((guid, index) => ({ guid, at: times[index] })));
    expect(new Set(made).size).toBe(4);
    expect(times.map((time) => time.slice(0, 10))).toEqual([
      '2026-01-01',
      '2026-01-01',
      '2026-01-01',
      '2026-01-02',
    ]);
    expect(calls('echo stable-1')).toHaveLength(4);
  });

  test('knows suspended instances, held events, locks and queued operations again', async () => {
    const first = await start();
    await first.start('holdLock', 'guarded', 'owner');
    await first.client('signal', { name: 'counter', key: 'guarded', op: 'add', input: 3 });
    await first.start('twoEvents', undefined, 'paused');
    await first.client('suspend', { id: 'paused', reason: 'over night' });
    for (const word of ['first', 'second']) await first.raise('paused', 'word', word);
    const second = await startAgain('2026-01-02T00:00:00Z');
    await second.host.idle();
    expect(await second.status('paused')).toMatchObject({ runtimeStatus: 'Suspended', output: 'over night' });
    expect(await second.state('counter', 'guarded')).toBeUndefined();
    await second.client('resume', { id: 'paused', reason: 'x' });
    await second.raise('owner', 'letGo');
    expect((await second.status('paused')).output).toEqual(['first', 'second']);
    expect(await second.state('counter', 'guarded')).toBe(3);
  });

  test('goes on with a retry, a child and a long timer where they were', async () => {
    const first = await start();
    await first.start('numbered', ['retryFails', 'longTimer', 'lock'], 'numbered-1');
    await first.host.advance('P10D');
    const second = await startAgain('2026-01-11T00:00:00Z');
    await second.host.advance('P11D');
    expect(await second.status('numbered-1')).toMatchObject({
      runtimeStatus: 'Completed',
      output: 4 + 6 + 4,
    });
    expect(calls('fail always')).toHaveLength(2);
  });
});

describe('32. Replay', () => {
  test('tells the code when it is live, so that it logs each line once', async () => {
    const app = await start();
    expect((await app.run('logOnce')).output).toEqual([false, true, 'live']);
    await app.start('careful', undefined, 'careful-1');
    const again = await startAgain('2026-01-02T00:00:00Z');
    await again.host.idle();
    await again.raise('careful-1', 'go');
    expect((await again.status('careful-1')).runtimeStatus).toBe('Completed');
    const lines = ['begins', 'has one', 'has slept', 'ends'];
    expect(calls('careful careful-1')).toEqual(lines.map((line) => `careful careful-1 ${line}`));
  });

  test('makes the same unique ids each time', async () => {
    const app = await start();
    const id = await app.start('identity');
    await app.host.advance('PT1M');
    const { before, again, after } = (await app.status(id)).output as Record<string, string>;
    expect(new Set([before, again, after]).size).toBe(3);
    expect(before).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
