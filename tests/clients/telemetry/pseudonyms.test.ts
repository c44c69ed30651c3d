/** Who is who in telemetry: the same person always, nobody across tenants, nobody once the key is gone. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { makePseudonyms, type Pseudonyms } from '../../../clients/telemetry/pseudonyms.ts';
import { pseudonymKeyName } from '../../../domain/secret-names.ts';
import { VendorError } from '../../../domain/vendor-error.ts';
import { aVault } from '../fakes.ts';

const minute = 60_000;
let now: number;
let served: Set<string>;
let vault: ReturnType<typeof aVault>;
const clock = (): Date => new Date(now);

beforeEach(() => {
  now = Date.parse('2026-01-05T10:00:00Z');
  served = new Set(['tenant-a', 'tenant-b']);
  vault = aVault();
});

function aWorker(secrets: Pick<typeof vault, 'get' | 'set'> = vault): Pseudonyms {
  return makePseudonyms({ secrets, isServed: (tenantId) => Promise.resolve(served.has(tenantId)), clock });
}

test('a person has the same pseudonym at every worker and at any time, however their id is written', async () => {
  const first = await aWorker().of({ tenantId: 'tenant-a', userId: 'AB-1' });
  now += 365 * 24 * 60 * minute;
  const later = aWorker();
  expect(await later.of({ tenantId: 'tenant-a', userId: 'ab-1' })).toEqual(first);
  expect((await later.of({ tenantId: 'tenant-a' }))?.tenant).toBe(first?.tenant);
  expect(first?.user).toMatch(/^[\w-]{16}$/);
});

test('no two people, and no two tenants, share one', async () => {
  const worker = aWorker();
  const ids = fc.array(fc.tuple(fc.constantFrom('tenant-a', 'tenant-b'), fc.uuid()), { minLength: 2 });
  await fc.assert(
    fc.asyncProperty(ids, async (people) => {
      const names = await Promise.all(people.map(([tenantId, userId]) => worker.of({ tenantId, userId })));
      const distinct = new Set(people.map((person) => person.join(' '))).size;
      expect(new Set(names.map((name) => name?.user)).size).toBe(distinct);
      expect(new Set(names.map((name) => name?.tenant)).size).toBe(
        new Set(people.map(([tenantId]) => tenantId)).size,
      );
      for (const [index, [tenantId, userId]] of people.entries()) {
        expect(JSON.stringify(names[index])).not.toContain(userId);
        expect(JSON.stringify(names[index])).not.toContain(tenantId);
      }
    }),
  );
});

test('the same person in another tenant is somebody else', async () => {
  const worker = aWorker();
  const here = await worker.of({ tenantId: 'tenant-a', userId: 'u1' });
  const there = await worker.of({ tenantId: 'tenant-b', userId: 'u1' });
  expect(here?.user).not.toBe(there?.user);
});

describe('the key', () => {
  test('is made at the first need, once however many ask, and kept in the vault', async () => {
    const worker = aWorker();
    await Promise.all([1, 2, 3].map((each) => worker.of({ tenantId: 'tenant-a', userId: `u${each}` })));
    expect([...vault.stored.keys()]).toEqual([pseudonymKeyName('tenant-a')]);
    expect(Buffer.from(vault.stored.get(pseudonymKeyName('tenant-a')) ?? '', 'base64url')).toHaveLength(32);
  });

  test('of two workers that make one at the same time settles on one', async () => {
    const [one, other] = [aWorker(), aWorker()];
    const about = { tenantId: 'tenant-a' };
    await Promise.all([one.of(about), other.of(about)]);
    now += 5 * minute;
    expect(await one.of(about)).toEqual(await other.of(about));
  });

  test('of an erased tenant is never made again, and is forgotten within minutes of its purge', async () => {
    const worker = aWorker();
    const about = { tenantId: 'tenant-a', userId: 'u1' };
    expect(await worker.of(about)).toBeDefined();
    served.delete('tenant-a');
    vault.stored.clear();
    now += 5 * minute;
    expect(await worker.of(about)).toBeUndefined();
    expect(await aWorker().of(about)).toBeUndefined();
    expect(vault.stored.size).toBe(0);
  });

  test('is looked for again a minute after the vault was away, not at every record', async () => {
    let asked = 0;
    let away = true;
    const worker = aWorker({
      ...vault,
      get: (name) => {
        asked += 1;
        return away ? Promise.reject(new VendorError('unavailable', 'Timeout')) : vault.get(name);
      },
    });
    for (let times = 0; times < 5; times += 1) {
      expect(await worker.of({ tenantId: 'tenant-a' })).toBeUndefined();
    }
    expect(asked).toBe(1);
    away = false;
    now += minute;
    expect(await worker.of({ tenantId: 'tenant-a' })).toBeDefined();
  });

  test('of a thousand tenants and more is not all held in memory', async () => {
    let asked = 0;
    const worker = aWorker({ ...vault, get: () => Promise.resolve(`key ${(asked += 1)}`) });
    for (let tenant = 0; tenant <= 1_000; tenant += 1) await worker.of({ tenantId: `tenant-${tenant}` });
    expect(asked).toBe(1_001);
    await worker.of({ tenantId: 'tenant-1000' });
    expect(asked).toBe(1_001);
    await worker.of({ tenantId: 'tenant-0' });
    expect(asked).toBe(1_002);
  });
});
