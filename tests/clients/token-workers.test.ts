/** Several workers with one vault, one lease store and one vendor: RingCentral's rules of rotation, as far as they matter. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTokens, type Tokens, type TokensOptions } from '../../clients/tokens.ts';
import type { ConnectionLeases } from '../../domain/connection-lease.ts';
import { aVault, failureOf, someLeases } from './fakes.ts';
import { openOddServer, type Answer, type OddServer } from './odd-server.ts';

let server: OddServer;
let now: Date;
let vault: ReturnType<typeof aVault>;
let leases: ConnectionLeases;
/** Run once, by the vendor, before it answers the next refresh. */
let beforeAnswer: (() => Promise<void>) | undefined;

beforeAll(async () => {
  server = await openOddServer();
});
afterAll(() => server.close());
beforeEach(() => {
  now = new Date('2026-01-05T10:00:00Z');
  vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
  leases = someLeases();
  beforeAnswer = undefined;
  server.received.length = 0;
  server.answer = async ({ body }) => {
    const answer = exchanged(body);
    const task = beforeAnswer;
    beforeAnswer = undefined;
    await task?.();
    return answer;
  };
});

/** The pair rt1 and at1 for rt0, and so on; the same again for the same. */
function exchanged(body: string): Answer {
  const next = Number(/refresh_token=rt(\d+)/.exec(body)?.[1]) + 1;
  if (Number.isNaN(next)) return { status: 400, body: { error: 'invalid_grant' } };
  return { body: { access_token: `at${next}`, refresh_token: `rt${next}`, expires_in: 3600 } };
}

function aWorker(own: Partial<TokensOptions> = {}): Tokens {
  const app = { clientId: 'id', clientSecret: 'secret-client' };
  return makeTokens({
    secrets: vault,
    leases,
    microsoft: { authorityUrl: server.url, ...app },
    ringCentral: { serverUrl: server.url, ...app },
    clock: () => now,
    pause: async (ms) => pass(ms / 1000),
    ...own,
  });
}
const pass = (seconds: number): void => {
  now = new Date(now.getTime() + seconds * 1000);
};
const presented = (): string[] =>
  server.received.map(({ body }) => /refresh_token=(\w+)/.exec(body)?.[1] ?? '');
const stored = (): unknown => JSON.parse(vault.stored.get('ringcentral-t1') ?? 'null');

describe('several workers', () => {
  test('refresh once between them', async () => {
    const asked = [aWorker(), aWorker(), aWorker()].map((worker) => worker.ringCentral('t1'));
    expect(await Promise.all(asked)).toEqual(['at1', 'at1', 'at1']);
    expect(presented()).toEqual(['rt0']);
  });

  test('do not hold each other up over different connections', async () => {
    vault.stored.set('ringcentral-t2', JSON.stringify({ refreshToken: 'rt50' }));
    await leases.acquire('t1', 'ringcentral', 'another', { now, seconds: 120 });
    expect(await aWorker().ringCentral('t2')).toBe('at51');
  });

  test('look into the vault again once it is their turn', async () => {
    let first: Promise<string> | undefined;
    const other = aWorker();
    const before: ConnectionLeases = {
      ...leases,
      acquire: async (...parts) => {
        first ??= other.ringCentral('t1');
        await first;
        return leases.acquire(...parts);
      },
    };
    expect(await aWorker({ leases: before }).ringCentral('t1')).toBe('at1');
    expect(presented()).toEqual(['rt0']);
  });

  test('who have to wait take what the one who refreshes has stored', async () => {
    const waiting = aWorker();
    let waited: Promise<string> | undefined;
    beforeAnswer = async () => {
      waited = waiting.ringCentral('t1');
      while (vault.reads < 5) await new Promise((resolve) => setImmediate(resolve));
    };
    expect(await aWorker().ringCentral('t1')).toBe('at1');
    expect(await waited).toBe('at1');
    expect(presented()).toEqual(['rt0']);
  });

  test('give up after some seconds, with a hint, and read the vault less than twice a second meanwhile', async () => {
    await leases.acquire('t1', 'ringcentral', 'dead', { now, seconds: 120 });
    const begun = now.getTime();
    expect(await failureOf(aWorker().ringCentral('t1'))).toMatchObject({
      failure: 'unavailable',
      code: 'ConnectionBusy',
      retryAfterSeconds: 10,
    });
    const seconds = (now.getTime() - begun) / 1000;
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThan(10);
    expect(vault.reads).toBeLessThan(2 * seconds);
    expect(server.received).toHaveLength(0);
  });

  test('take over from one who died, once the lease has run out', async () => {
    await leases.acquire('t1', 'ringcentral', 'dead', { now, seconds: 120 });
    pass(121);
    expect(await aWorker().ringCentral('t1')).toBe('at1');
  });

  test('do not refresh when nobody can say whose turn it is', async () => {
    const broken: ConnectionLeases = {
      ...leases,
      acquire: () => Promise.reject(new Error('No database.')),
    };
    expect(await failureOf(aWorker({ leases: broken }).ringCentral('t1'))).toMatchObject({
      failure: 'unavailable',
      code: 'LeaseStoreFailed',
    });
    expect(server.received).toHaveLength(0);
  });

  test('lose nothing when the lease cannot be given back', async () => {
    const forgetful: ConnectionLeases = {
      ...leases,
      release: () => Promise.reject(new Error('No database.')),
    };
    const worker = aWorker({ leases: forgetful });
    expect(await failureOf(worker.ringCentral('t1'))).toMatchObject({ failure: 'unavailable' });
    expect(await worker.ringCentral('t1')).toBe('at1');
    expect(presented()).toEqual(['rt0']);
  });
});

describe('a worker that stands still for minutes', () => {
  /** Time goes by, and another worker refreshes and uses the connection, `times` over. */
  const overtake = async (by: Tokens, times = 1): Promise<void> => {
    pass(121);
    let token = await by.ringCentral('t1');
    for (let more = 1; more < times; more += 1) {
      by.invalidate(token);
      token = await by.ringCentral('t1');
    }
  };

  test('before it asks for a refresh does not ask any more', async () => {
    let reads = 0;
    const slow = {
      ...vault,
      get: async (name: string) => {
        const found = await vault.get(name);
        reads += 1;
        if (reads === 2) await overtake(aWorker());
        return found;
      },
    };
    const worker = aWorker({ secrets: slow });
    expect(await failureOf(worker.ringCentral('t1'))).toMatchObject({
      failure: 'unavailable',
      code: 'LeaseLost',
      retryAfterSeconds: 1,
    });
    expect(await worker.ringCentral('t1')).toBe('at1');
    expect(presented()).toEqual(['rt0']);
  });

  test('before it stores what it got leaves newer tokens alone', async () => {
    const other = aWorker();
    beforeAnswer = () => overtake(other, 2);
    const worker = aWorker();
    expect(await failureOf(worker.ringCentral('t1'))).toMatchObject({ code: 'LeaseLost' });
    expect(stored()).toMatchObject({ refreshToken: 'rt2' });
    expect(await worker.ringCentral('t1')).toBe('at2');
    expect(presented()).toEqual(['rt0', 'rt0', 'rt1']);
  });

  test('before it stores what it got stores it later, when nobody else did', async () => {
    beforeAnswer = async () => pass(121);
    const worker = aWorker();
    expect(await failureOf(worker.ringCentral('t1'))).toMatchObject({ code: 'LeaseLost' });
    expect(stored()).toEqual({ refreshToken: 'rt0' });
    expect(await worker.ringCentral('t1')).toBe('at1');
    expect(presented()).toEqual(['rt0']);
  });

  test('within its write to the vault is put right by the one who knows better', async () => {
    const other = aWorker();
    let writes = 0;
    const slow = {
      ...vault,
      set: async (name: string, value: string) => {
        writes += 1;
        if (writes === 1) await overtake(other, 2);
        return vault.set(name, value);
      },
    };
    await aWorker({ secrets: slow }).ringCentral('t1');
    expect(stored()).toMatchObject({ refreshToken: 'rt1' });
    other.invalidate('at2');
    expect(await other.ringCentral('t1')).toBe('at3');
    expect(presented()).toEqual(['rt0', 'rt0', 'rt1', 'rt2']);
  });
});

describe('a new grant', () => {
  test('is not overwritten by a refresh of the old one in another worker', async () => {
    let storing: Promise<void> | undefined;
    beforeAnswer = async () => {
      storing = aWorker().storeRingCentralGrant('t1', 'rt100');
    };
    await aWorker().ringCentral('t1');
    await storing;
    expect(stored()).toEqual({ refreshToken: 'rt100' });
  });

  test('waits for the lease of a worker that died', async () => {
    await leases.acquire('t1', 'ringcentral', 'dead', { now, seconds: 120 });
    await aWorker().storeRingCentralGrant('t1', 'rt100');
    expect(stored()).toEqual({ refreshToken: 'rt100' });
  });
});

test('a grant that is removed is not brought back by a refresh in another worker', async () => {
  let removing: Promise<void> | undefined;
  beforeAnswer = async () => {
    removing = aWorker().removeRingCentralGrant('t1');
  };
  const worker = aWorker();
  await worker.ringCentral('t1');
  await removing;
  expect(vault.stored.size).toBe(0);
  worker.invalidate('at1');
  expect(await failureOf(worker.ringCentral('t1'))).toMatchObject({ code: 'NoGrant' });
});
