import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeSecrets } from '../../clients/secrets.ts';
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

  test.each([
    [
      'a throttled vault',
      { kind: 'throttle', retryAfterSeconds: 5 },
      { failure: 'throttled', retryAfterSeconds: 5 },
    ],
    ['a broken vault', { kind: 'status', status: 503 }, { failure: 'unavailable' }],
    ['a vault that refuses us', { kind: 'status', status: 403 }, { failure: 'unavailable' }],
    [
      'a vault with a deleted secret of that name',
      { kind: 'status', status: 409 },
      { failure: 'unavailable' },
    ],
    ['a vault that hangs up', { kind: 'timeout', holdMs: 0 }, { failure: 'unavailable' }],
  ] as const)('fail at once with %s', async (_what, fault, failure) => {
    const { secrets, simulation, requests } = vendors;
    const before = requests('/secrets/');
    simulation.faults.add({ vendor: 'keyVault', ...fault });
    expect(await failureOf(secrets.set('graph-t1-0', 'secret-value'))).toMatchObject(failure);
    expect(requests('/secrets/')).toBe(before + 1);
    expect(await failureOf(secrets.get('graph-t1-0'))).toMatchObject(failure);
  });
});

describe('a vault that answers oddly', () => {
  let server: OddServer;
  beforeAll(async () => {
    server = await openOddServer();
  });
  afterAll(() => server.close());
  const secretsWith = (getToken: () => Promise<{ token: string; expiresOnTimestamp: number }>) =>
    makeSecrets({ vaultUrl: server.url, credential: { getToken }, timeoutMs: 200 });

  test('is unavailable when it hangs', async () => {
    server.answer = () => ({ fault: 'hang' });
    const secrets = secretsWith(() =>
      Promise.resolve({ token: 'secret-token', expiresOnTimestamp: Date.now() + 1e7 }),
    );
    expect(await failureOf(secrets.get('a'))).toMatchObject({ failure: 'unavailable', code: 'Timeout' });
  });

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
