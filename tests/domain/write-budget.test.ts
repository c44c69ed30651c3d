/** How many writes a vendor's limit allows, and what a storm comes to at the limit of a vendor whose window slides. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  accountSchema,
  allowedFrom,
  heed,
  newAccount,
  spend,
  writesAllowed,
  type Account,
} from '../../domain/write-budget.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
const times = (count: number, seconds: number): string[] => Array.from({ length: count }, () => at(seconds));
const fresh = newAccount('ringCentral');
/** Few wait, and many have something of ours. */
const calm = { waiting: 5, held: 100 };

describe('the write budget', () => {
  test('leaves one request of forty to others, unless more writes wait than the limit takes', () => {
    expect(writesAllowed(fresh, calm, at(0)).all).toBe(39);
    expect(writesAllowed(newAccount('teams'), calm, at(0)).all).toBe(1462);
    expect(writesAllowed(fresh, { ...calm, waiting: 40 }, at(0)).all).toBe(39);
    expect(writesAllowed(fresh, { ...calm, waiting: 41 }, at(0)).all).toBe(40);
  });

  test('keeps three fifths for urgent writes, but no more than there can be', () => {
    expect(writesAllowed(fresh, calm, at(0)).ordinary).toBe(16);
    expect(writesAllowed(fresh, { ...calm, held: 4 }, at(0)).ordinary).toBe(35);
    expect(writesAllowed(fresh, { ...calm, held: 0 }, at(0)).ordinary).toBe(39);
  });

  test('counts each request for one window, and no longer', () => {
    const account = spend(spend(fresh, times(30, 0)), times(9, 10));
    expect(writesAllowed(account, calm, at(59)).all).toBe(0);
    expect(allowedFrom(account, 'urgent', calm, at(20))).toBe(at(60));
    expect(writesAllowed(account, calm, at(60)).all).toBe(30);
    expect(writesAllowed(account, calm, at(70)).all).toBe(39);
  });

  test('keeps free for urgent writes only what does not become free in time by itself', () => {
    const bunched = spend(fresh, times(29, 0));
    expect(writesAllowed(bunched, calm, at(1))).toMatchObject({ all: 10, ordinary: 0 });
    expect(writesAllowed(bunched, calm, at(56))).toMatchObject({ all: 10, ordinary: 10 });
    const spread = Array.from({ length: 38 }, (_, place) => at(place * 1.5));
    expect(writesAllowed(spend(fresh, spread), calm, at(58))).toMatchObject({ all: 1, ordinary: 1 });
  });

  test('believes the vendor where others have used its limit, and where less is used than we think', () => {
    const account = spend(fresh, times(5, 0));
    const shared = heed(account, { limit: 40, remaining: 12, windowSeconds: 60 }, at(1));
    expect(writesAllowed(shared, calm, at(1)).all).toBe(11);
    expect(writesAllowed(shared, calm, at(60)).all).toBe(16);
    expect(writesAllowed(shared, calm, at(61)).all).toBe(39);
    const spare = heed(account, { limit: 40, remaining: 38, windowSeconds: 60 }, at(1));
    expect(writesAllowed(spare, calm, at(1)).all).toBe(37);
  });

  test('follows a limit that the vendor has changed, and takes one write in a window however small it is', () => {
    const small = heed(fresh, { limit: 1, remaining: 1, windowSeconds: 10 }, at(0));
    expect(writesAllowed(small, calm, at(0))).toEqual({ all: 1, ordinary: 1 });
    const spent = spend(small, times(1, 0));
    expect(writesAllowed(spent, calm, at(1))).toEqual({ all: 0, ordinary: 0 });
    expect(allowedFrom(spent, 'ordinary', calm, at(1))).toBe(at(10));
    const none = heed(fresh, { limit: 0, remaining: 0, windowSeconds: 10 }, at(0));
    expect(writesAllowed(none, calm, at(11)).all).toBe(1);
  });

  test('is kept in few entries, whatever is written', () => {
    const busy = Array.from({ length: 1500 }, (_, write) => at(write / 50));
    const account = accountSchema.parse(spend(newAccount('teams'), busy));
    expect(account.uses.length).toBeLessThanOrEqual(241);
    expect(writesAllowed(account, calm, at(30)).all).toBeLessThanOrEqual(20);
  });

  const uses = fc.array(
    fc.record({ second: fc.integer({ min: 0, max: 59 }), count: fc.integer({ min: 1, max: 8 }) }),
  );
  const filled = (given: readonly { second: number; count: number }[]): Account =>
    given.reduce((account, { second, count }) => spend(account, times(count, second)), fresh);

  test('says from when on a write is allowed: then it is, and just before it is not', () => {
    fc.assert(
      fc.property(uses, fc.constantFrom('urgent' as const, 'ordinary' as const), (given, kind) => {
        const account = filled(given);
        const from = allowedFrom(account, kind, calm, at(59));
        const allowed = (instant: string): number => {
          const { all, ordinary } = writesAllowed(account, calm, instant);
          return kind === 'urgent' ? all : ordinary;
        };
        expect(allowed(from)).toBeGreaterThan(0);
        if (from > at(59)) expect(allowed(new Date(Date.parse(from) - 2).toISOString())).toBe(0);
      }),
    );
  });
});
