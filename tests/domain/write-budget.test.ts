/** How many writes a vendor's own account of its limit allows. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { budgetAfter, writesAllowed, type KnownBudget } from '../../domain/write-budget.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
const known = (remaining: number, limit = 40): KnownBudget => ({
  budget: { limit, remaining, windowSeconds: 60 },
  at: at(0),
});

describe('the write budget', () => {
  test('begins carefully while the vendor has said nothing', () => {
    expect(writesAllowed('ringCentral', undefined, at(0))).toEqual({ writes: 20 });
    expect(writesAllowed('teams', undefined, at(0))).toEqual({ writes: 100 });
  });

  test('leaves a few requests to others', () => {
    expect(writesAllowed('ringCentral', known(10), at(1))).toEqual({ writes: 6 });
  });

  test('waits for the whole window once it is spent', () => {
    expect(writesAllowed('ringCentral', known(4), at(1))).toEqual({ waitUntil: at(60) });
    expect(writesAllowed('ringCentral', known(4), at(60))).toEqual({ writes: 20 });
  });

  test('lets one write through a fresh window, however small the limit', () => {
    expect(writesAllowed('ringCentral', known(0, 3), at(60))).toEqual({ writes: 1 });
    expect(writesAllowed('ringCentral', budgetAfter(known(0, 3), 1, at(60)), at(61))).toEqual({
      waitUntil: at(120),
    });
  });

  test('never allows more in a window than the vendor has said is left', () => {
    const budget = fc
      .record({ limit: fc.nat(60), windowSeconds: fc.integer({ min: 1, max: 120 }) })
      .chain(({ limit, windowSeconds }) =>
        fc.nat(limit).map((remaining) => ({ limit, remaining, windowSeconds })),
      );
    fc.assert(
      fc.property(budget, fc.array(fc.nat(30), { maxLength: 30 }), (said, pauses) => {
        let account: KnownBudget = { budget: said, at: at(0) };
        let now = 0;
        let spent = 0;
        for (const pause of pauses) {
          now += pause;
          if (now >= (Date.parse(account.at) - start) / 1000 + said.windowSeconds) {
            spent = said.limit === 0 ? -1 : 0;
            account = { ...account, budget: { ...said, remaining: said.limit }, at: at(now) };
            continue;
          }
          const allowed = writesAllowed('ringCentral', account, at(now));
          if ('waitUntil' in allowed) {
            expect(Date.parse(allowed.waitUntil)).toBeGreaterThan(Date.parse(at(now)));
            continue;
          }
          spent += allowed.writes;
          account = budgetAfter(account, allowed.writes, at(now));
          expect(spent).toBeLessThanOrEqual(said.limit);
        }
      }),
    );
  });
});
