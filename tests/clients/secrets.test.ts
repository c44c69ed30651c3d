import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeSecrets } from '../../clients/secrets.ts';
import type { VendorError } from '../../domain/vendor-error.ts';
import { failureOf } from './fakes.ts';
import { openOddServer, type OddServer } from './odd-server.ts';
import { simulateVendors, type SimulatedVendors } from './simulated-vendors.ts';

describe('secrets in a vault', () => {
  let vendors: SimulatedVendors;
  beforeAll(async () => {
    vendors = await simulateVendors();
  });
  afterAll(() => vendors.close());
  beforeEach(() => vendors.simulation.faults.clear());

  test('are what was written last', async () => {
    const { secrets } = vendors;
    expect(await secrets.get('graph-t1-0')).toBeUndefined();
    await secrets.set('graph-t1-0', 'one');
    await secrets.set('graph-t1-0', 'two');
    expect(await secrets.get('graph-t1-0')).toBe('two');
  });

  const faults = [
    [
      'a throttled vault',
      { kind: 'throttle', retryAfterSeconds: 5 },
      { failure: 'throttled', retryAfterSeconds: 5 },
      1,
    ],
    [
      'a vault that is throttled for a moment',
      { kind: 'throttle', retryAfterSeconds: 1 },
      { failure: 'throttled', retryAfterSeconds: 1 },
      4,
    ],
    ['a broken vault', { kind: 'status', status: 503 }, { failure: 'unavailable' }, 4],
    [
      'a vault that refuses us',
      { kind: 'status', status: 403 },
      { failure: 'unavailable', code: 'Forbidden' },
      1,
    ],
    [
      'a vault with a deleted secret of that name',
      { kind: 'status', status: 409 },
      { failure: 'unavailable', code: 'Conflict' },
      1,
    ],
    ['a vault that hangs up', { kind: 'timeout', holdMs: 0 }, { failure: 'unavailable' }, 4],
  ] as const;

  test.each(faults)('are asked to be written just once with %s', async (_what, fault, failure, _times) => {
    const { secrets, simulation, requests } = vendors;
    const before = requests('/secrets/');
    simulation.faults.add({ vendor: 'keyVault', ...fault });
    expect(await failureOf(secrets.set('graph-t1-0', 'secret-value'))).toMatchObject(failure);
    expect(requests('/secrets/')).toBe(before + 1);
  });

  test.each(faults)('are asked for as often as makes sense with %s', async (_what, fault, failure, times) => {
    const { secrets, simulation, requests } = vendors;
    const before = requests('/secrets/');
    simulation.faults.add({ vendor: 'keyVault', ...fault });
    expect(await failureOf(secrets.get('graph-t1-0'))).toMatchObject(failure);
    expect(requests('/secrets/')).toBe(before + times);
  });

  test('are read all the same when the vault fails for a moment', async () => {
    const { secrets, simulation } = vendors;
    await secrets.set('graph-t1-0', 'one');
    simulation.faults.add({ vendor: 'keyVault', kind: 'status', status: 503, count: 1 });
    simulation.faults.add({ vendor: 'keyVault', kind: 'throttle', retryAfterSeconds: 1, count: 1 });
    expect(await secrets.get('graph-t1-0')).toBe('one');
  });

  test('are listed in full, those that are only deleted apart', async () => {
    const { secrets, simulation } = vendors;
    const many = Array.from({ length: 30 }, (_, n) => `many-${n}`);
    for (const name of many) await secrets.set(name, 'x');
    simulation.faults.add({
      vendor: 'keyVault',
      kind: 'status',
      status: 403,
      match: 'DELETE /deletedsecrets',
    });
    await failureOf(secrets.remove('many-7'));
    const { live, deleted } = await secrets.names();
    expect(live.filter((name) => name.startsWith('many-')).sort()).toEqual(
      many.filter((name) => name !== 'many-7').sort(),
    );
    expect(deleted).toEqual(['many-7']);
  });

  test('are listed once for all who ask meanwhile, and anew for who asks after a change', async () => {
    const { secrets, requests } = vendors;
    await secrets.set('ringcentral-t1', 'one');
    await secrets.names();
    const before = requests('GET /secrets?');
    const asked = Array.from({ length: 20 }, () => secrets.names());
    await secrets.set('ringcentral-t2', 'two');
    const [, ...others] = await Promise.all([...asked, secrets.names()]);
    expect(others.at(-1)?.live).toContain('ringcentral-t2');
    expect(requests('GET /secrets?') - before).toBeLessThan(5);
  });

  test('are listed in full while others are removed', async () => {
    const { secrets } = vendors;
    const staying = Array.from({ length: 40 }, (_, n) => `staying-${n}`);
    for (const name of [...staying, ...staying.map((each) => `leaving-${each}`)])
      await secrets.set(name, 'x');
    const removed = Promise.all(staying.map((each) => secrets.remove(`leaving-${each}`)));
    const lists = await Promise.all([secrets.names(), secrets.names()]);
    await removed;
    for (const { live } of lists) expect(live).toEqual(expect.arrayContaining(staying));
  });
});

describe('a secret that is removed', () => {
  let vendors: SimulatedVendors;
  afterEach(() => vendors.close());
  const name = 'ringcentral-t1';
  const gone = async (): Promise<void> => {
    expect(await vendors.secrets.names()).toEqual({ live: [], deleted: [] });
    await vendors.secrets.set(name, 'a new one');
    expect(await vendors.secrets.get(name)).toBe('a new one');
  };

  test.each([0, 4, 15])('is gone, though deletion and purge take %d s each', async (seconds) => {
    vendors = await simulateVendors({ vaultTransitionSeconds: seconds });
    await vendors.secrets.set(name, 'one');
    await vendors.secrets.set(name, 'two');
    await vendors.secrets.remove(name);
    await gone();
  });

  test('may be gone already, or never have been', async () => {
    vendors = await simulateVendors();
    await vendors.secrets.remove(name);
    await vendors.secrets.set(name, 'one');
    await vendors.secrets.remove(name);
    await vendors.secrets.remove(name);
    await gone();
  });

  test.each(['DELETE /secrets', 'GET /deletedsecrets', 'DELETE /deletedsecrets'])(
    'is gone in spite of a lost answer to %s, and of a vault that fails for a moment',
    async (match) => {
      vendors = await simulateVendors({ vaultTransitionSeconds: 2 });
      await vendors.secrets.set(name, 'one');
      const { faults } = vendors.simulation;
      faults.add({ vendor: 'keyVault', kind: 'dropResponse', match, count: 1 });
      faults.add({ vendor: 'keyVault', kind: 'status', status: 503, match, count: 2 });
      await vendors.secrets.remove(name);
      await gone();
    },
  );

  test.each([
    ['deleted, and not purged', 'GET /deletedsecrets'],
    ['deleted, and refused to be purged', 'DELETE /deletedsecrets'],
    ['not even deleted', 'DELETE /secrets'],
  ])('is gone after a second attempt when the first left it %s', async (_state, match) => {
    vendors = await simulateVendors({ vaultTransitionSeconds: 3 });
    await vendors.secrets.set(name, 'one');
    const { faults } = vendors.simulation;
    faults.add({ vendor: 'keyVault', kind: 'status', status: 403, match });
    expect(await failureOf(vendors.secrets.remove(name))).toMatchObject({ failure: 'unavailable' });
    faults.clear();
    await vendors.secrets.remove(name);
    await gone();
  });

  test('is removed by two at a time without harm', async () => {
    vendors = await simulateVendors({ vaultTransitionSeconds: 3 });
    await vendors.secrets.set(name, 'one');
    await Promise.all([vendors.secrets.remove(name), vendors.secrets.remove(name)]);
    await gone();
  });

  test('stays where we may not purge, which the error says', async () => {
    vendors = await simulateVendors();
    await vendors.secrets.set(name, 'one');
    vendors.simulation.faults.add({
      vendor: 'keyVault',
      kind: 'status',
      status: 403,
      match: 'DELETE /deletedsecrets',
    });
    expect(await failureOf(vendors.secrets.remove(name))).toMatchObject({
      failure: 'unavailable',
      code: 'PurgeForbidden',
    });
    expect(await vendors.secrets.names()).toEqual({ live: [], deleted: [name] });
  });

  test('is not called gone while the vault is at it, and is gone with the next attempt', async () => {
    vendors = await simulateVendors({ vaultTransitionSeconds: 90 });
    await vendors.secrets.set(name, 'one');
    const attempts: (string | undefined)[] = [];
    do {
      attempts.push(
        await vendors.secrets.remove(name).then(
          () => undefined,
          (error: unknown) => (error as VendorError).code,
        ),
      );
    } while (attempts.at(-1) !== undefined && attempts.length < 20);
    expect(attempts.at(0)).toBe('RemovalUnderWay');
    expect(attempts.at(-1)).toBeUndefined();
    await gone();
  });
});

describe('a vault that answers oddly', () => {
  let server: OddServer;
  beforeAll(async () => {
    server = await openOddServer();
  });
  afterAll(() => server.close());
  const secretsWith = (getToken: () => Promise<{ token: string; expiresOnTimestamp: number }>) =>
    makeSecrets({ vaultUrl: server.url, credential: { getToken }, timeoutMs: 1_000 });

  test('is unavailable when it hangs', async () => {
    server.answer = () => ({ fault: 'hang' });
    const secrets = secretsWith(() =>
      Promise.resolve({ token: 'secret-token', expiresOnTimestamp: Date.now() + 1e7 }),
    );
    expect(await failureOf(secrets.get('a'))).toMatchObject({ failure: 'unavailable', code: 'Timeout' });
  }, 30_000);

  test('is unavailable when our own identity brings no token', async () => {
    const challenge =
      'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
    server.answer = () => ({ status: 401, headers: { 'www-authenticate': challenge } });
    const secrets = secretsWith(() => Promise.reject(new Error('secret-identity is not there')));
    expect(await failureOf(secrets.get('a'))).toMatchObject({ failure: 'unavailable' });
  });

  test.each([
    [
      { status: 401, body: { error: { code: 'Unauthorized', message: 'secret-' } } },
      'unavailable',
      'Unauthorized',
      undefined,
    ],
    [
      { status: 403, body: { error: { code: 'Forbidden' } }, headers: { 'retry-after': '7' } },
      'unavailable',
      'Forbidden',
      7,
    ],
    [{ status: 429, body: { error: {} }, headers: { 'retry-after': '7' } }, 'throttled', 'HTTP429', 7],
    [{ status: 503, body: '<html>' }, 'unavailable', 'HTTP503', undefined],
    [{ status: 500 }, 'unavailable', 'NetworkError', undefined],
  ] as const)('fails with %j as %s', async (answer, failure, code, wait) => {
    server.answer = () => answer;
    const secrets = secretsWith(() =>
      Promise.resolve({ token: 'secret-token', expiresOnTimestamp: Date.now() + 1e7 }),
    );
    expect(await failureOf(secrets.get('a'))).toMatchObject({ failure, code, retryAfterSeconds: wait });
  });
});
