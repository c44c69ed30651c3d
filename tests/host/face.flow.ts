/** The host's own pages, as a reader and as an operator see them, without scripts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from './workflow-driver.ts';

let flows: Workflows;
let dataDir: string;
let master: string;
let cookie: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'host-face-'));
  flows = await Workflows.start(['--data', dataDir]);
  master = (JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')) as { master: string }).master;
  const signedIn = await post('/admin/ui/sign-in', { key: master, next: '/admin/ui/entities' }, '');
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/admin/ui/entities']);
  const header = signedIn.headers.getSetCookie()[0] ?? '';
  expect(header).toMatch(/; HttpOnly; SameSite=Strict$/);
  cookie = header.split(';')[0] ?? '';
}, 20_000);

afterAll(async () => {
  await flows.host.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function page(path: string, signedIn = false): Promise<string> {
  return (await flows.host.fetch(path, { headers: signedIn ? { cookie } : {} })).text();
}

function post(path: string, fields: Record<string, string>, withCookie = cookie): Promise<Response> {
  const headers = withCookie === '' ? undefined : { cookie: withCookie };
  return flows.host.fetch(path, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
    ...(headers ? { headers } : {}),
  });
}

/** What a reader sees: the text between the tags. */
function textOf(document: string): string {
  const body = document.replace(/<style>.*?<\/style>/s, '').replaceAll(/<[^>]+>/g, ' ');
  const plain = body
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'");
  return plain.replaceAll('&amp;', '&').replaceAll(/\s+/g, ' ').trim();
}

const instancePath = (id: string): string => `/admin/ui/orchestration?id=${encodeURIComponent(id)}`;

async function token(id: string): Promise<string> {
  return /name="token" value="([^"]+)"/.exec(await page(instancePath(id), true))?.[1] ?? '';
}

async function act(id: string, action: string, more: Record<string, string> = {}): Promise<string> {
  const response = await post('/admin/ui/act', { token: await token(id), id, action, ...more });
  expect(response.status).toBe(303);
  await flows.host.idle();
  return page(response.headers.get('location') ?? '', true);
}

describe('the first page', () => {
  test('lists the functions with what starts them and where they are', async () => {
    const response = await flows.host.fetch('/');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const document = await response.text();
    expect(document).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(document).not.toContain('<script');
    const text = textOf(document);
    expect(text).toContain(
      `client httpTrigger POST ${flows.host.app}/api/client/{operation}/{mode?} anonymous`,
    );
    expect(text).toContain('sequence orchestrationTrigger its orchestrations');
    expect(text).toContain('counter entityTrigger its entities');
  });

  test('is for this machine only, by whatever name it is asked for', async () => {
    const { port } = new URL(flows.host.app);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, headers: { host: `evil.example:${port}` } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      asked.once('error', reject).end();
    });
    expect(status).toBe(421);
  });
});

describe('the list of orchestrations', () => {
  beforeAll(async () => {
    for (let index = 0; index < 52; index += 1) {
      await flows.client('start', { name: 'sequence', instanceId: `list-${String(index).padStart(2, '0')}` });
    }
    await flows.start('waiter', undefined, 'list-waiting');
    await flows.host.idle();
  });

  const ids = async (query: string): Promise<string[]> => {
    const document = await page(`/admin/ui/orchestrations?${query}`);
    return [...document.matchAll(/<th scope="row"><a href="[^"]+">([^<]+)</g)].map(([, id]) => id ?? '');
  };

  test('is filtered by status, function and beginning of the id', async () => {
    expect(await ids('runtimeStatus=Running')).toEqual(['list-waiting']);
    expect(await ids('name=WAITER')).toEqual(['list-waiting']);
    expect(await ids('instanceIdPrefix=list-1')).toHaveLength(10);
    expect(await ids('runtimeStatus=Failed')).toEqual([]);
    expect(textOf(await page('/admin/ui/orchestrations?runtimeStatus=Failed'))).toContain(
      'No orchestration is like that.',
    );
  });

  test('comes in pages', async () => {
    const first = await page('/admin/ui/orchestrations?name=sequence');
    const next = /<a rel="next" href="([^"]+)">/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const rest = await page(next);
    expect([first.match(/scope="row"/g)?.length, rest.match(/scope="row"/g)?.length]).toEqual([50, 2]);
    expect(rest).not.toContain('rel="next"');
  });
});

describe('one orchestration', () => {
  test('shows its history as steps with attempts, failures and how long each took', async () => {
    const id = await flows.start('retry', { key: 'faced', n: 1, attempts: 3 }, 'retrying');
    await flows.host.advance('PT1H');
    const text = textOf(await page(instancePath(id)));
    expect(text).toContain('Function retry');
    expect(text).toMatch(/Activity \w+ failed/);
    expect(text).toMatch(/Activity \w+ , attempt 2/);
    expect(text).toMatch(/Timer until 2026-01-01T\S+ completed/);
  });

  test('keeps its data to itself until it is asked for with the key', async () => {
    const id = await flows.start('waiter', { person: 'Ada <Lovelace>' }, 'private');
    const open = await page(`${instancePath(id)}&payloads=true`);
    expect(open).not.toContain('Lovelace');
    expect(open).not.toContain('<form method="post"');
    expect(open).toContain('Show it</a>');
    expect(await page(instancePath(id), true)).not.toContain('Lovelace');
    const shown = await page(`${instancePath(id)}&payloads=true`, true);
    expect(shown).toContain('Ada &lt;Lovelace&gt;');
    const byKey = await flows.host.fetch(`${instancePath(id)}&payloads=true&code=${master}`);
    const document = await byKey.text();
    expect(document).toContain('Ada &lt;Lovelace&gt;');
    expect(document).not.toContain(master);
  });

  test('that does not exist is not found, whatever its id looks like', async () => {
    const response = await flows.host.fetch(instancePath('<b>"no\'t & here/../?'));
    expect(response.status).toBe(404);
    const document = await response.text();
    expect(document).toContain('&lt;b&gt;&quot;no&#39;t &amp; here/../?');
    expect(document).not.toContain('<b>');
  });
});

describe('an operator', () => {
  test('suspends, resumes and ends an orchestration', async () => {
    const id = await flows.start('waiter', undefined, 'operated');
    expect(textOf(await act(id, 'suspend', { reason: 'a look' }))).toMatch(
      /asked to suspend.* Status Suspended/,
    );
    expect(textOf(await act(id, 'resume'))).toMatch(/asked to resume.* Status Running/);
    expect(textOf(await act(id, 'terminate', { reason: 'enough' }))).toContain('Status Terminated');
  });

  test('raises an event with data', async () => {
    const id = await flows.start('twoEvents', undefined, 'raised');
    await act(id, 'raise', { event: 'x', data: '{"n":1}' });
    expect((await page(instancePath(id))).match(/Event received/g)).toHaveLength(1);
  });

  test('rewinds what failed, starts it again, and purges it', async () => {
    const id = await flows.start('rewindable', { key: 'rewound', n: 1 }, 'rewound');
    expect((await flows.status(id)).runtimeStatus).toBe('Failed');
    expect(textOf(await act(id, 'rewind'))).toContain('What had failed is tried again.');
    expect(textOf(await act(id, 'restart'))).toContain('This is the new orchestration.');
    expect(textOf(await act(id, 'purge'))).toContain(
      'The orchestration was purged. There is no orchestration rewound .',
    );
  });

  test('is told why something cannot be done', async () => {
    const id = await flows.start('waiter', undefined, 'refused');
    const refused = await post('/admin/ui/act', {
      token: await token(id),
      id,
      action: 'raise',
      event: 'x',
      data: '{',
    });
    expect(refused.status).toBe(409);
    expect(textOf(await refused.text())).toContain('The data is not JSON');
    const unknown = await post('/admin/ui/act', { token: await token(id), id, action: 'constructor' });
    expect(unknown.status).toBe(409);
  });

  test('needs the master key, and the form of the own page', async () => {
    const id = await flows.start('waiter', undefined, 'guarded');
    const wrong = await post('/admin/ui/sign-in', { key: 'guess' }, '');
    expect([wrong.status, wrong.headers.getSetCookie()]).toEqual([401, []]);
    const elsewhere = await post('/admin/ui/sign-in', { key: master, next: 'https://evil.example/' }, '');
    expect(elsewhere.headers.get('location')).toBe('/');
    for (const [fields, session] of [
      [{ id, action: 'terminate' }, cookie],
      [{ id, action: 'terminate', token: 'guess' }, cookie],
      [{ id, action: 'terminate', token: await token(id) }, ''],
    ] as const) {
      expect((await post('/admin/ui/act', fields, session)).status).toBe(403);
    }
    expect((await flows.status(id)).runtimeStatus).toBe('Running');
  });
});

describe('the list of entities', () => {
  test('shows their keys, and their state to who may see it', async () => {
    await flows.client('signal', { name: 'counter', key: 'faced', op: 'add', input: 41_907 });
    await flows.host.idle();
    expect(textOf(await page('/admin/ui/entities?name=counter'))).toMatch(/counter faced yes – 0/);
    expect(await page('/admin/ui/entities?payloads=true')).not.toContain('41907');
    expect(await page('/admin/ui/entities?payloads=true', true)).toContain('41907');
    expect(textOf(await page('/admin/ui/entities?name=nobody'))).toContain('No entity is like that.');
  });
});
