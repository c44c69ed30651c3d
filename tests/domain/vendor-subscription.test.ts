/** When vendor subscriptions are renewed and looked after. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  graphExpiry,
  graphMayReact,
  graphRenewalIsDue,
  graphRenewalTime,
  reconnectLookTime,
  retryTime,
  ringCentralLookTime,
  ringCentralRenewalIsDue,
} from '../../domain/vendor-subscription.ts';

const now = new Date('2026-03-02T08:00:00Z');
const minutesFrom = (from: Date, to: string | Date): number =>
  (new Date(to).getTime() - from.getTime()) / 60_000;
const instant = fc.integer({ min: 0, max: 1e9 }).map((ms) => new Date(now.getTime() + ms));

describe('a Graph subscription', () => {
  test('lives as long as Graph lets it, but for a minute', () => {
    expect(minutesFrom(now, graphExpiry(now))).toBe(59);
  });

  test('is renewed 12 to 18 minutes before its end, when it is due, by every seed', () => {
    fc.assert(
      fc.property(fc.string(), instant, (seed, made) => {
        const expiresAt = graphExpiry(made);
        const renewAt = new Date(graphRenewalTime(expiresAt.toISOString(), made, seed));
        const lead = minutesFrom(renewAt, expiresAt);
        expect(lead).toBeGreaterThanOrEqual(12);
        expect(lead).toBeLessThanOrEqual(18);
        expect(graphRenewalIsDue(expiresAt.toISOString(), renewAt)).toBe(true);
        expect(graphRenewalIsDue(expiresAt.toISOString(), made)).toBe(false);
      }),
    );
  });

  test('is renewed at other times than those of other tenants', () => {
    const expiresAt = graphExpiry(now).toISOString();
    const minutes = Array.from({ length: 600 }, (_, tenant) =>
      Math.floor(minutesFrom(now, graphRenewalTime(expiresAt, now, `graph:tenant-${tenant}:0`))),
    );
    for (let minute = 41; minute < 47; minute++) {
      expect(minutes.filter((other) => other === minute).length).toBeGreaterThan(60);
    }
  });

  test('is renewed a minute from now at the soonest, however near or past its end', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: -600, max: 13 }), (seed, minutesLeft) => {
        const expiresAt = new Date(now.getTime() + minutesLeft * 60_000).toISOString();
        expect(minutesFrom(now, graphRenewalTime(expiresAt, now, seed))).toBe(1);
      }),
    );
  });

  test('is not reauthorized twice within ten minutes', () => {
    expect(graphMayReact('2026-03-02T07:50:01Z', now)).toBe(false);
    expect(graphMayReact('2026-03-02T07:50:00Z', now)).toBe(true);
  });
});

describe('a RingCentral subscription', () => {
  test('is looked after every 15 to 18 minutes', () => {
    fc.assert(
      fc.property(fc.string(), instant, (seed, at) => {
        const minutes = minutesFrom(at, ringCentralLookTime(at, seed));
        expect(minutes).toBeGreaterThanOrEqual(15);
        expect(minutes).toBeLessThanOrEqual(18);
      }),
    );
  });

  test('is renewed once half its life is over', () => {
    expect(ringCentralRenewalIsDue('2026-03-05T20:00:01Z', now)).toBe(false);
    expect(ringCentralRenewalIsDue('2026-03-05T20:00:00Z', now)).toBe(true);
  });
});

describe('after a failure', () => {
  test('the vendor is tried again when it says, or after a minute, and never at once', () => {
    expect(minutesFrom(now, retryTime(now, 90))).toBe(1.5);
    expect(minutesFrom(now, retryTime(now, undefined))).toBe(1);
    expect(retryTime(now, 0)).toBe('2026-03-02T08:00:01.000Z');
  });

  test('a lost grant is looked for once a day', () => {
    expect(minutesFrom(now, reconnectLookTime(now))).toBe(24 * 60);
  });
});
