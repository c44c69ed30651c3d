/** What a customer can ask with the code of their subscription: where it stands, a copy of all that is kept, receipts. */
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { makeCustomerCodes } from '../../clients/customer-codes.ts';
import { companyCopyParts } from '../../domain/company-copy.ts';
import { places } from '../../domain/data-map.ts';
import { canonicalText } from '../../domain/erasure-receipt.ts';
import { knownData } from '../../local/residue/known-data.ts';
import { describeFinding, misplaced, searchData, searchText } from '../../local/residue/search-data.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import { makeExportFiles } from '../../store/export-files.ts';
import { aContent, seal } from '../support/receipts.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';

let world: StackWithData;
let customer: Customer;
let code: string;

beforeAll(async () => {
  world = await StackWithData.start();
});
afterAll(() => world.end());

beforeEach(async () => {
  customer = await aCustomer(3);
  code = await world.stack.customerCode(customer.subscriptionId);
});

/** A customer whose subscription is active. */
async function aCustomer(users: number): Promise<Customer> {
  const made = await world.stack.customer({ users });
  const since = await world.stack.now();
  world.sql(
    `INSERT OR IGNORE INTO subscriptions (tenant_id, state, version, entered, begun, changed_at)
     VALUES ('${made.subscriptionId}', 'active', 1, 1, 1, '${since}')`,
  );
  return made;
}

/** The subscription is in another state since now, and service data is to be erased in so many hours, if at all. */
async function become(state: string, serviceDueInHours?: number): Promise<void> {
  const { subscriptionId } = customer;
  const now = await world.stack.now();
  world.sql(
    `UPDATE subscriptions SET state = '${state}', changed_at = '${now}' WHERE tenant_id = '${subscriptionId}'`,
  );
  world.sql(`DELETE FROM due_deletions WHERE tenant_id = '${subscriptionId}'`);
  if (serviceDueInHours === undefined) return;
  const dueAt = new Date(Date.parse(now) + serviceDueInHours * 3_600_000).toISOString();
  world.sql(
    `INSERT INTO due_deletions (tenant_id, category, reason, due_at)
     VALUES ('${subscriptionId}', 'service', '${state === 'cancelled' ? 'cancelled' : 'suspended'}', '${dueAt}')`,
  );
}

/** Nothing of the subscription's is in the database any more. */
function forget({ subscriptionId }: Customer): void {
  for (const table of companyCopyParts().tables) {
    world.sql(`DELETE FROM ${table} WHERE tenant_id = '${subscriptionId}'`);
  }
}

interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const doors = [
  ['GET', '/api/subscription'],
  ['GET', '/api/subscription/export'],
  ['POST', '/api/subscription/export'],
  ['GET', '/api/subscription/directory'],
  ['POST', '/api/subscription/directory/sync'],
  ['GET', '/api/subscription/receipts'],
  ['GET', '/api/subscription/rules'],
  ['PUT', '/api/subscription/rules'],
  ['GET', '/api/subscription/rules/versions'],
  ['POST', '/api/subscription/rules/rollback'],
  ['POST', '/api/subscription/rules/preview'],
  ['GET', '/api/subscription/rules/preview'],
  ['PUT', '/api/subscription/people/8f4e6f7e-1d2c-4b3a-9a52-3d6f0a3f1c11/rules'],
  ['DELETE', '/api/subscription/people/8f4e6f7e-1d2c-4b3a-9a52-3d6f0a3f1c11/rules'],
  ['GET', '/api/subscription/people/8f4e6f7e-1d2c-4b3a-9a52-3d6f0a3f1c11/explanation'],
  ['GET', '/api/subscription/convergence'],
] as const;

async function ask(path: string, method = 'GET', authorization = `Bearer ${code}`): Promise<Answered> {
  const response = await fetch(`${world.stack.app}${path}`, { method, headers: { authorization } });
  const { status, headers } = response;
  expect(headers.get('cache-control')).toBe('no-store');
  return { status, headers, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

/** Asks for a copy and waits until it is made. */
async function exported(): Promise<Answered> {
  const asked = await ask('/api/subscription/export', 'POST');
  expect(asked).toMatchObject({ status: 202, body: { export: '/api/subscription/export' } });
  expect(asked.headers.get('location')).toBe('/api/subscription/export');
  await world.stack.idle();
  return ask('/api/subscription/export');
}

const copySchema = z.object({
  about: z.looseObject({ subscription: z.string(), madeAt: z.string() }),
  data: z.record(z.string(), z.array(z.unknown())),
});

async function fetchCopy(): Promise<{ text: string; copy: z.infer<typeof copySchema> }> {
  const { status, body } = await exported();
  expect(status).toBe(200);
  const response = await fetch(z.string().parse(body['link']));
  expect(response.status).toBe(200);
  const text = await response.text();
  return { text, copy: copySchema.parse(JSON.parse(text)) };
}

test('the link dies after a quarter of an hour, another can be had, and after a day there is no copy', async () => {
  const now = Date.parse(await world.stack.now());
  const { body } = await exported();
  const link = z.string().parse(body['link']);
  expect(Date.parse(z.string().parse(body['expiresAt']))).toBeGreaterThanOrEqual(now + 24 * 3_600_000);
  expect((await ask('/api/subscription')).body['export']).toEqual({
    available: true,
    expiresAt: body['expiresAt'],
  });
  await world.stack.advance('PT15M1S');
  expect((await fetch(link)).status).toBe(403);
  const another = await ask('/api/subscription/export');
  expect((await fetch(z.string().parse(another.body['link']))).status).toBe(200);

  await world.stack.advance('PT24H');
  const gone = await ask('/api/subscription/export');
  expect(gone).toMatchObject({ status: 404, body: { title: 'There is no copy. Ask for one with POST.' } });
  expect(gone.headers.get('content-type')).toBe('application/problem+json');
});

test.each(doors)(
  '%s %s is refused to whoever has not the right code, and all that is wrong alike',
  async (method, path) => {
    const other = await world.stack.customerCode(randomUUID());
    const anotherKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const [tenantId = '', claim = ''] = code.split('.');
    const wrong = [
      `Bearer ${tenantId}.${other.split('.')[1]}`,
      `Bearer ${code.slice(0, -1)}`,
      `Bearer ${tenantId}.${claim.startsWith('A') ? 'B' : 'A'}${claim.slice(1)}`,
      `Bearer ${makeCustomerCodes(anotherKey.toString()).codeFor(tenantId)}`,
      `Bearer ${tenantId}`,
      `Bearer ${claim}`,
      `Bearer ${code} ${code}`,
      `Bearer ${'x'.repeat(5000)}`,
      `Basic ${Buffer.from(`:${code}`).toString('base64')}`,
      code,
      'Bearer',
    ];
    const answers = [];
    for (const authorization of wrong) answers.push(await ask(path, method, authorization));
    for (const { status, headers, body } of answers) {
      expect({ status, body }).toEqual({ status: 401, body: answers[0]?.body });
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
    const without = await fetch(`${world.stack.app}${path}`, { method });
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    expect(await world.operator('instances')).not.toContainEqual(
      expect.objectContaining({ name: 'exportCopy' }),
    );
  },
);

test('refused codes are counted, by whether there was one, and nothing else is said of them', async () => {
  const counted = async (reason: string): Promise<number> => {
    const items = await world.stack.telemetry();
    const said = items.flatMap(({ data: { baseData } }) => {
      const metrics = z
        .array(z.object({ name: z.string(), value: z.number() }))
        .safeParse(baseData['metrics']).data;
      return baseData.properties['reason'] === reason ? (metrics ?? []) : [];
    });
    return said.filter(({ name }) => name === 'codesRefused').reduce((sum, { value }) => sum + value, 0);
  };
  const [wrong, missing] = [await counted('wrong'), await counted('missing')];
  await ask('/api/subscription', 'GET', `Bearer ${code}x`);
  await ask('/api/subscription', 'GET', `Bearer ${code}y`);
  await ask('/api/subscription', 'GET', '');
  expect(await counted('wrong')).toBe(wrong + 2);
  expect(await counted('missing')).toBe(missing + 1);
  expect(JSON.stringify(await world.stack.telemetry())).not.toContain(customer.subscriptionId);
});

test('a customer is told where the subscription stands, what to do next, and what is erased when', async () => {
  const told = await ask('/api/subscription');
  expect(told).toMatchObject({
    status: 200,
    body: {
      state: 'active',
      planId: 'standard',
      quantity: 3,
      seatsAssigned: 3,
      nextStep: 'none',
      deletions: [],
      export: { available: false, expiresAt: null },
      receipts: '/api/subscription/receipts',
    },
  });
  expect(Object.keys(told.body)).toHaveLength(9);

  await become('suspended', 7 * 24);
  const now = Date.parse(await world.stack.now());
  expect((await ask('/api/subscription')).body).toMatchObject({
    state: 'suspended',
    since: new Date(now).toISOString(),
    nextStep: 'pay',
    deletions: [
      { category: 'service', reason: 'suspended', dueAt: new Date(now + 7 * 86_400_000).toISOString() },
    ],
  });

  // Back after a lapse.
  await become('active', -1);
  expect((await ask('/api/subscription')).body).toMatchObject({ nextStep: 'wait' });
  world.sql(`DELETE FROM tenants WHERE tenant_id = '${customer.subscriptionId}'`);
  await become('active');
  expect((await ask('/api/subscription')).body).toMatchObject({ nextStep: 'connect' });

  await become('cancelled', 24);
  expect((await ask('/api/subscription')).body).toMatchObject({ state: 'cancelled', nextStep: 'buyAgain' });
});

test('who is forgotten still sees that, and finds the receipts by the code alone', async () => {
  const claim = Buffer.from(code.split('.')[1] ?? '', 'base64url');
  const claimHash = createHash('sha256').update(claim).digest('base64url');
  const mine = seal.seal(aContent(1, { claimHash }), undefined);
  const anothers = seal.seal(aContent(2), mine);
  for (const receipt of [mine, anothers]) {
    const { sequence, previousHash, claimHash: whose, finishedAt } = receipt.body;
    world.sql(
      `INSERT INTO erasure_receipts (sequence, body, previous_hash, hash, signature, claim_hash, issued_at) VALUES
       (${sequence}, '${canonicalText(receipt.body)}', '${previousHash}', '${receipt.hash}', '${receipt.signature}',
        '${whose}', '${finishedAt}')`,
    );
  }
  forget(customer);
  expect(await ask('/api/subscription')).toMatchObject({
    status: 200,
    body: { state: 'forgotten', nextStep: 'buyAgain', receipts: '/api/subscription/receipts' },
  });
  const { status, body } = await ask('/api/subscription/receipts');
  expect(status).toBe(200);
  expect(body['receipts']).toEqual([mine]);
  expect(await ask('/api/subscription/export', 'POST')).toMatchObject({ status: 409 });
  expect(await ask('/api/subscription/export')).toMatchObject({ status: 404 });
});

test('a copy has every place of the data map, all of its people with their presence, and nobody else', async () => {
  const others = await aCustomer(2);
  const inCall = person(customer);
  await world.stack.setTeams(inCall.userId, 'Busy', 'InACall');
  await world.stack.idle();
  const { text, copy } = await fetchCopy();

  expect(copy.about.subscription).toBe(customer.subscriptionId);
  const copied = [...places]
    .filter(
      ([
        ,
        {
          copied: { into },
        },
      ]) => into !== 'none',
    )
    .map(([id]) => id);
  expect(Object.keys(copy.data).toSorted()).toEqual(copied.toSorted());
  expect(Object.keys(z.record(z.string(), z.unknown()).parse(copy.about['places']))).toEqual(
    expect.arrayContaining(copied),
  );
  for (const { userId, displayName, mail, extensionId } of customer.users) {
    expect(copy.data['sql:users']).toContainEqual(
      expect.objectContaining({ user_id: userId, display_name: displayName, mail }),
    );
    expect(copy.data['sql:mappings']).toContainEqual(
      expect.objectContaining({ user_id: userId, extension_id: extensionId }),
    );
    expect(copy.data['entity:userPresence']).toContainEqual({
      key: `${customer.subscriptionId}:${userId}`,
      state: expect.objectContaining({ extensionId }),
    });
  }
  const presence = copy.data['entity:userPresence']?.find((item) =>
    JSON.stringify(item).includes(inCall.userId),
  );
  expect(presence).toMatchObject({ state: { teams: { shown: { activity: 'InACall' } } } });
  expect(copy.data['entity:userPresence']).toHaveLength(3);
  expect(copy.data['entity:tenant']).toMatchObject([{ state: { seats: 3 } }]);
  expect(copy.data['sql:tenants']).toHaveLength(1);
  expect(copy.data['secret:ringCentralGrantName']).toEqual([`ringcentral-${customer.subscriptionId}`]);
  expect(copy.data['secret:graphGrantName']).toEqual([`graph-${customer.subscriptionId}-0`]);

  const foreign = [
    others.subscriptionId,
    others.microsoftTenantId,
    others.ringCentralAccountId,
    ...others.users.flatMap(({ userId, mail, extensionId }) => [userId, mail, `"${extensionId}"`]),
  ];
  expect(foreign.filter((each) => text.includes(each))).toEqual([]);
});

test('a copy has no token and no secret, and there is one at a time', async () => {
  const { text } = await fetchCopy();
  const needles = knownData(world.data);
  expect(needles.filter(({ kind }) => kind === 'token').length).toBeGreaterThan(3);
  const found = searchText(text, 'blobs:exports', needles);
  expect(found.length).toBeGreaterThan(3);
  expect(misplaced(found).map(describeFinding)).toEqual([]);
  const everywhere = searchData(join(world.data, 'app'), needles);
  expect(new Set(everywhere.flatMap((finding) => finding.places))).toContain('blobs:exports');
  expect(new Set(misplaced(everywhere).map(describeFinding))).toEqual(new Set());

  world.sql(`UPDATE users SET job_title = 'Astronaut' WHERE user_id = '${person(customer).userId}'`);
  await world.stack.advance('PT1M');
  const again = await fetchCopy();
  expect(text).not.toContain('Astronaut');
  expect(again.text).toContain('Astronaut');
  const { count, entries } = await inStorage();
  expect(count).toBe(1);
  expect(entries).toHaveLength(2);
});

/** How many files of the customer there are, and how often the log tells of one. */
async function inStorage(): Promise<{ count: number; entries: string[] }> {
  const files = makeExportFiles({
    storage: { connectionString: world.stack.exportStorage },
    clock: () => new Date(0),
  });
  const log = await world.stack.customerLog(customer.subscriptionId);
  const entries = log.flatMap(({ happening, text }) => (happening?.kind === 'dataExported' ? [text] : []));
  return { count: await files.count(customer.subscriptionId), entries };
}

test('a copy can be had until service data is erased, and ends with that; afterwards it is refused', async () => {
  await become('cancelled', 2);
  const { body } = await exported();
  const { deletions } = (await ask('/api/subscription')).body;
  expect(deletions).toMatchObject([{ dueAt: body['expiresAt'] }]);

  await become('cancelled');
  expect(await ask('/api/subscription/export', 'POST')).toMatchObject({ status: 409 });
  await become('cancelled', 0);
  expect(await ask('/api/subscription/export', 'POST')).toMatchObject({ status: 409 });
});

test('two who ask at once get one copy, and what is left in the histories is whether and how big', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => ask('/api/subscription/export', 'POST')));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  await world.stack.idle();
  const status = z
    .looseObject({ runtimeStatus: z.string(), input: z.unknown(), output: z.unknown() })
    .parse(
      await world.operator(
        `instances/export:${customer.subscriptionId}?showHistory=true&showHistoryOutput=true`,
      ),
    );
  expect(status).toMatchObject({
    runtimeStatus: 'Completed',
    input: { tenantId: customer.subscriptionId },
    output: { written: true, bytes: expect.any(Number) },
  });
  expect(JSON.stringify(status)).not.toMatch(/https?:|sig=|@example/);
  expect(await inStorage()).toMatchObject({ count: 1 });
});

test('a copy that cannot be made at once is said to be under way, and is made once that can be', async () => {
  await world.stack.fault({
    vendor: 'keyVault',
    kind: 'status',
    status: 500,
    match: 'GET /secrets?',
    count: 1000,
  });
  const waiting = await exported();
  expect(waiting).toMatchObject({ status: 404, body: { title: 'The copy is being made.' } });
  expect(waiting.headers.get('retry-after')).toBe('5');
  expect(await inStorage()).toEqual({ count: 0, entries: [] });
  await world.stack.delete('/faults');
  await world.stack.advance('PT2M');
  expect(await ask('/api/subscription/export')).toMatchObject({ status: 200 });
  expect((await inStorage()).count).toBe(1);
});

test('while the database is away a customer is asked to come back', async () => {
  await world.withoutTable('subscriptions', async () => {
    const refused = await ask('/api/subscription');
    expect(refused).toMatchObject({ status: 503 });
    expect(refused.headers.get('retry-after')).toBe('60');
  });
  expect(await ask('/api/subscription')).toMatchObject({ status: 200 });
});
