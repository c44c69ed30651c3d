/** The host's front as the Functions host has it: routes, verbs, keys, pages of other origins, health, operators' API, log. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../support/host-process.ts';

let host: HostProcess;
let dataDir: string;
let keys: { master: string; function: string; durableTask: string };

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-front-'));
  host = await HostProcess.start(join(import.meta.dirname, 'apps/routes'), ['--data', dataDir]);
  keys = JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')) as typeof keys;
}, 20_000);

afterAll(async () => {
  await host.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function params(path: string): Promise<unknown> {
  const response = await host.fetch(`/api/${path}`);
  return response.ok ? ((await response.json()) as { params: unknown }).params : response.status;
}

describe('routes', () => {
  test.each([
    ['type/int', ['12', '-7', '2147483647'], ['2147483648', 'x', '1.5']],
    ['type/long', ['9223372036854775807'], ['9223372036854775808']],
    ['type/guid', ['7f9c2ba4-e88f-827d-6160-455076058c5f', '7f9c2ba4e88f827d6160455076058c5f'], ['7f9c2ba4']],
    ['type/alpha', ['abc'], ['ab1', 'ä']],
    ['type/bool', ['true', 'FALSE'], ['1', 'yes']],
    ['type/datetime', ['2026-01-31', '2026-01-31T10:00:00Z'], ['2026-13-01', 'monday', '5']],
    ['type/decimal', ['1.5', '-2'], ['x', '1e3']],
    ['limits/length', ['ab', 'abcd'], ['a', 'abcde']],
    ['limits/exact', ['abc'], ['ab', 'abcd']],
    ['limits/min', ['10', '11'], ['9', 'x']],
    ['limits/max', ['10', '-1'], ['11']],
    ['limits/range', ['1', '5'], ['0', '6']],
    ['limits/long', ['abc'], ['ab']],
    ['limits/short', ['abc'], ['abcd']],
    ['limits/regex', ['123-45'], ['123-456', 'a']],
  ])('%s takes what fits its constraint and nothing else', async (route, fitting, others) => {
    for (const value of fitting) expect(await params(`${route}/${value}`)).toEqual({ value });
    for (const value of others) expect(await params(`${route}/${encodeURIComponent(value)}`)).toBe(404);
  });

  test('may have values that are optional, have a default, or take the rest', async () => {
    expect(await params('optional/x')).toEqual({ a: 'x' });
    expect(await params('optional/x/5')).toEqual({ a: 'x', b: '5' });
    expect(await params('optional/x/y')).toBe(404);
    expect(await params('default')).toEqual({ a: 'first', b: '2' });
    expect(await params('default/z')).toEqual({ a: 'z', b: '2' });
    expect(await params('rest/a/b%2Fc/d')).toEqual({ path: 'a/b/c/d' });
    expect(await params('files/report.pdf')).toEqual({ name: 'report', extension: 'pdf' });
    expect(await params('files/report')).toMatchObject({ name: 'report' });
  });

  test('that overlap: the literal one first, then the constrained, then any value, then the rest', async () => {
    const route = async (path: string): Promise<unknown> =>
      ((await (await host.fetch(`/api/who/${path}`)).json()) as { route: string }).route;
    expect(await route('literal')).toBe('who/literal');
    expect(await route('12')).toBe('who/{number:int}');
    expect(await route('anna')).toBe('who/{any}');
    expect(await route('a/b')).toBe('who/{*everything}');
  });

  test('answer the verbs they name, HEAD without a body, and others not at all', async () => {
    const head = await host.fetch('/api/verbs', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await host.fetch('/api/verbs', { method: 'OPTIONS' })).status).toBe(200);
    expect((await host.fetch('/api/verbs', { method: 'DELETE' })).status).toBe(200);
    expect((await host.fetch('/api/verbs', { method: 'PUT' })).status).toBe(404);
    expect((await host.fetch('/api/who/literal', { method: 'HEAD' })).status).toBe(404);
    expect((await host.fetch('/api/%zz')).status).toBe(400);
  });

  test('that cannot be read take only their own function out of service', async () => {
    expect(host.log).toContain(
      `The function 'odd' is in error: route "api/odd/{id:nonsense}". Route constraint "nonsense" is not known`,
    );
    expect(await params('odd/1')).toBe(404);
  });
});

describe('keys', () => {
  const master = (): Record<string, string> => ({ 'x-functions-key': keys.master });
  const admin = (method: string, path: string, body?: string): Promise<Response> =>
    host.fetch(`/admin/${path}`, { method, headers: master(), ...(body === undefined ? {} : { body }) });
  const call = async (name: string, key: string): Promise<number> =>
    (await host.fetch(`/api/${name}`, { headers: { 'x-functions-key': key } })).status;

  test('of one function open it and no other', async () => {
    const made = await admin('POST', 'functions/secured/keys/mine');
    expect(made.status).toBe(201);
    const { name, value } = (await made.json()) as { name: string; value: string };
    expect(name).toBe('mine');
    expect([await call('secured', value), await call('other', value)]).toEqual([200, 401]);
    expect(await (await admin('GET', 'functions/Secured/keys')).json()).toEqual({ keys: [{ name, value }] });
    expect(await (await admin('GET', 'functions/Secured/keys/mine')).json()).toEqual({ name, value });
    expect((await admin('DELETE', 'functions/Secured/keys/mine')).status).toBe(204);
    expect((await admin('DELETE', 'functions/Secured/keys/mine')).status).toBe(404);
    expect(await call('secured', value)).toBe(401);
  });

  test('of the host open every function; they can be set, changed and taken away, and stay', async () => {
    expect((await admin('PUT', 'host/keys/all', '{"name":"all","value":"first-value"}')).status).toBe(201);
    expect((await admin('PUT', 'host/functionkeys/all', '{"value":"open-sesame"}')).status).toBe(200);
    expect([await call('secured', 'open-sesame'), await call('other', 'open-sesame')]).toEqual([200, 200]);
    expect(await call('other', 'first-value')).toBe(401);
    const { keys: listed } = (await (await admin('GET', 'host/keys')).json()) as { keys: { name: string }[] };
    expect(listed.map(({ name }) => name)).toEqual(['default', 'all']);
    expect(JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8'))).toMatchObject({
      host: { all: 'open-sesame' },
    });
    expect((await admin('DELETE', 'host/keys/all')).status).toBe(204);
    expect(await call('other', 'open-sesame')).toBe(401);
  });

  test('of the system open the webhooks and no function', async () => {
    const made = await admin('POST', 'host/systemkeys/mine');
    const { value } = (await made.json()) as { value: string };
    const webhook = `/runtime/webhooks/durabletask/instances?code=${value}`;
    expect((await host.fetch(webhook)).status).toBe(200);
    expect(await call('secured', value)).toBe(401);
    expect((await host.fetch('/runtime/webhooks/durabletask/instances')).status).toBe(401);
    expect(await (await admin('GET', 'host/systemkeys/durabletask_extension')).json()).toEqual({
      name: 'durabletask_extension',
      value: keys.durableTask,
    });
  });

  test('can be asked for with the master key only, and in proper JSON', async () => {
    expect((await host.fetch('/admin/host/keys')).status).toBe(401);
    expect((await host.fetch(`/admin/host/keys?code=${keys.function}`)).status).toBe(401);
    expect((await admin('PUT', 'host/keys/all', '{"value":')).status).toBe(400);
    expect((await admin('PUT', 'host/keys/all', '{}')).status).toBe(400);
    expect((await admin('DELETE', 'host/keys/_master')).status).toBe(400);
    expect((await admin('POST', 'functions/nobody/keys/x')).status).toBe(404);
  });
});

describe('pages of other origins', () => {
  const from = (origin: string, method = 'GET', headers: Record<string, string> = {}): Promise<Response> =>
    host.fetch('/api/secured', { method, headers: { origin, ...headers } });

  test('are let in when local.settings.json names them', async () => {
    const headers = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-functions-key',
    };
    const preflight = await from('https://page.example', 'OPTIONS', headers);
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': 'https://page.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'x-functions-key',
      vary: 'Origin',
    });
    const refused = await from('https://page.example');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://page.example',
    ]);
  });

  test('are told nothing otherwise', async () => {
    const response = await from('https://evil.example');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('operators', () => {
  test('can ask whether the host lives, without a key', async () => {
    expect((await host.fetch('/admin/host/ping')).status).toBe(200);
    expect((await host.fetch('/admin/host/ping', { method: 'POST' })).status).toBe(200);
    expect(await (await host.fetch('/runtime/health')).json()).toEqual({ status: 'Healthy' });
    expect((await host.fetch('/admin/host/status')).status).toBe(401);
  });

  test('see which functions there are, and cannot start by hand what has no such trigger', async () => {
    const headers = { 'x-functions-key': keys.master };
    const list = (await (await host.fetch('/admin/functions', { headers })).json()) as object[];
    expect(list).toContainEqual(
      expect.objectContaining({ name: 'Secured', invoke_url_template: `${host.app}/api/secured` }),
    );
    const byHand = (body: string): Promise<Response> =>
      host.fetch('/admin/functions/Secured', { method: 'POST', headers, body });
    expect((await byHand('{"input":')).status).toBe(400);
    expect((await byHand('{}')).status).toBe(400);
    expect((await host.fetch('/admin/functions/nobody', { method: 'POST', headers })).status).toBe(404);
  });

  test('read a log as func start writes it', async () => {
    await host.fetch('/api/who/literal');
    expect(host.log).toContain(`\tSecured: [GET,POST] ${host.app}/api/secured`);
    expect(host.log).toMatch(
      /Executing 'Functions\.route\d+' \(Reason='This function was programmatically called via the host APIs\.', Id=[0-9a-f-]{36}\)/,
    );
    expect(host.log).toMatch(
      /Executed 'Functions\.route\d+' \(Succeeded, Id=[0-9a-f-]{36}, Duration=\d+ms\)/,
    );
  });
});

describe('stopping', () => {
  test('lets a request that runs come to its end, and takes no more', async () => {
    const other = await HostProcess.start(join(import.meta.dirname, 'apps/routes'));
    const answer = other.fetch('/api/slow');
    while (!other.log.includes("Executing 'Functions.slow'")) await new Promise(setImmediate);
    const stopped = other.stop();
    expect(await (await answer).text()).toBe('done at last');
    expect(await stopped).toBe(0);
    await expect(other.fetch('/api/slow')).rejects.toThrow();
  });
});
