/** What HTTP and timer functions see of the host, and hooks, keys, settings, start and stop. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../support/host-process.ts';

const appDir = join(import.meta.dirname, 'apps/web');
let host: HostProcess;
let dataDir: string;
let keys: { master: string; function: string };

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-web-'));
  host = await HostProcess.start(appDir, ['--data', dataDir], { TICK: '0 */5 * * * *' });
  keys = JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')) as typeof keys;
}, 20_000);

afterAll(async () => {
  await host.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('requests', () => {
  test('reach the function with route values, query, headers and body', async () => {
    const response = await host.fetch('/v1/show/12/a/b%20c?x=1&x=2&y=%C3%A4', {
      method: 'PUT',
      headers: { 'X-CUSTOM': 'Value' },
      body: 'text',
    });
    expect(await response.json()).toEqual({
      method: 'PUT',
      params: { id: '12', rest: 'a/b c' },
      query: [
        ['x', '1,2'],
        ['y', 'ä'],
      ],
      header: 'Value',
      body: 'text',
      url: '/v1/show/12/a/b%20c',
    });
  });

  test('that no route, constraint or verb fits are not found', async () => {
    for (const path of ['/v1/nothing', '/v1/show/twelve/x', '/api/empty', '/v1/optional/a/b']) {
      expect((await host.fetch(path)).status).toBe(404);
    }
    expect((await host.fetch('/v1/show/1/x', { method: 'DELETE' })).status).toBe(404);
  });

  test('may leave out optional route values, and literals win', async () => {
    expect(await (await host.fetch('/v1/optional')).text()).toBe('none');
    expect(await (await host.fetch('/v1/optional/anna')).text()).toBe('anna');
    expect(await (await host.fetch('/v1/OPTIONAL/Literal')).text()).toBe('the literal one');
  });

  test('and answers carry any bytes', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const response = await host.fetch('/v1/bytes', { method: 'POST', body: bytes });
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.toReversed());
  });
});

describe('answers', () => {
  test('set several cookies', async () => {
    const response = await host.fetch('/v1/cookies');
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual([
      'a=1; path=/; samesite=Strict; httponly',
      'b=2; max-age=60; secure; samesite=None',
      'c=3',
    ]);
  });

  test('of a function that returns nothing are 204', async () => {
    const response = await host.fetch('/v1/empty');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  test('of a function that throws are 500 and say nothing; the log says all', async () => {
    const response = await host.fetch('/v1/boom');
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(host.log).toMatch(/error +Function\.boom: .*the secret reason/);
  });
});

describe('keys', () => {
  const withKey = (path: string, key: string): Promise<Response> => host.fetch(`${path}?code=${key}`);

  test('protect functions of level function and admin', async () => {
    expect((await host.fetch('/v1/default')).status).toBe(401);
    expect((await withKey('/v1/default', keys.function)).status).toBe(200);
    expect((await host.fetch('/v1/default', { headers: { 'x-functions-key': keys.function } })).status).toBe(
      200,
    );
    expect((await withKey('/v1/adminOnly', keys.function)).status).toBe(401);
    expect((await withKey('/v1/adminOnly', keys.master)).status).toBe(200);
  });

  test('protect the admin API, which names the functions', async () => {
    expect((await host.fetch('/admin/functions')).status).toBe(401);
    const functions = (await (await withKey('/admin/functions', keys.master)).json()) as { name: string }[];
    expect(functions.map(({ name }) => name)).toContain('tick');
    expect(await (await withKey('/admin/host/status', keys.master)).json()).toMatchObject({
      state: 'Running',
    });
    expect(await (await host.fetch('/')).text()).toContain('/v1/cookies');
  });
});

describe('hooks', () => {
  test('run in order and may change input, handler, result', async () => {
    const response = await host.fetch('/v1/hooked');
    expect(await response.json()).toEqual({
      swapped: true,
      wrapped: true,
      trace: ['pre1', 'pre2', 'post'],
      started: true,
    });
  });

  test('may rewrite what is logged', async () => {
    await host.fetch('/v1/log');
    expect(host.log).toMatch(/information +Function\.log\.User: hidden/);
    expect(host.log).toMatch(/warning +Function\.log\.User: careful/);
    expect(host.log).not.toContain('User: secret');
  });
});

describe('timer functions', () => {
  async function seen(): Promise<Record<string, unknown>[]> {
    return ((await (await host.fetch('/v1/seen')).json()) as unknown[]).filter(
      (entry): entry is Record<string, unknown> => typeof entry === 'object',
    );
  }

  test('run at start-up when they ask for it, and then when they are due', async () => {
    await host.idle();
    expect(await seen()).toEqual([{ atStart: '2026-01-01T00:00:00.000Z' }]);
    await host.advance('PT16M');
    const ticks = (await seen()).filter((entry) => 'tick' in entry);
    expect(ticks.map(({ tick }) => tick)).toEqual([
      '2026-01-01T00:05:00.000Z',
      '2026-01-01T00:10:00.000Z',
      '2026-01-01T00:15:00.000Z',
    ]);
    expect(ticks[1]).toMatchObject({
      isPastDue: false,
      schedule: { adjustForDST: true },
      scheduleStatus: { last: '2026-01-01T00:05:00.000Z', next: '2026-01-01T00:10:00.000Z' },
    });
    await host.advance('PT3H');
    expect(await seen()).toContainEqual({ atStart: '2026-01-01T03:00:00.000Z' });
  });

  test('can be run by hand', async () => {
    const before = (await seen()).length;
    const response = await host.fetch('/admin/functions/tick', {
      method: 'POST',
      headers: { 'x-functions-key': keys.master },
    });
    expect(response.status).toBe(202);
    await host.idle();
    expect(await seen()).toHaveLength(before + 1);
  });
});

describe('the control address', () => {
  const advance = (body: unknown): Promise<Response> =>
    fetch(`${host.control}/clock/advance`, { method: 'POST', body: JSON.stringify(body) });

  test('tells and moves the time, and refuses what is no duration', async () => {
    const before = (await (await fetch(`${host.control}/clock`)).json()) as { now: string; clock: string };
    expect(before.clock).toBe('virtual');
    expect(Date.parse(await host.advance('PT1.5S')) - Date.parse(before.now)).toBe(1500);
    for (const by of ['P1M', '24h', '', 5, undefined]) {
      const response = await advance({ by });
      expect([response.status, response.headers.get('content-type')]).toEqual([
        400,
        'application/problem+json',
      ]);
      expect(await response.json()).toMatchObject({ field: 'by' });
    }
  });
});

describe('start and stop', () => {
  test('what does not load ends the start with the reason', async () => {
    const broken = join(import.meta.dirname, 'apps/broken');
    await expect(HostProcess.start(broken)).rejects.toThrow(
      'Worker was unable to load entry point "app.js": this app does not load',
    );
  });

  test('a timer that was missed while no host ran is past due; stopping runs the app’s hooks', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'host-timer-'));
    const at = (start: string): string[] => ['--data', dir, '--clock', 'virtual', '--start', start];
    const env = { TICK: '0 */5 * * * *' };
    try {
      const first = await HostProcess.start(appDir, at('2026-01-01T00:00:00Z'), env);
      await first.advance('PT6M');
      expect(await first.stop()).toBe(0);
      expect(first.log).toContain('appTerminate ran');
      const second = await HostProcess.start(appDir, at('2026-01-02T00:01:00Z'), env);
      await second.idle();
      const seen = (await (await second.fetch('/v1/seen')).json()) as object[];
      expect(seen).toContainEqual(
        expect.objectContaining({ tick: '2026-01-02T00:01:00.000Z', isPastDue: true }),
      );
      await second.stop();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('on the real clock time cannot be moved', async () => {
    const real = await HostProcess.start(appDir, ['--clock', 'real', '--control-port', '0'], {
      TICK: '1.00:00:00',
    });
    const response = await fetch(`${real.control}/clock/advance`, { method: 'POST', body: '{"by":"PT1S"}' });
    expect(response.status).toBe(409);
    const settings = (await (await real.fetch('/v1/settings')).json()) as { host: string };
    expect(`http://${settings.host}`).toBe(real.app);
    await real.stop();
  });
});
