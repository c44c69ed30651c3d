/** Which reports are news. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  acceptReport,
  noReportsYet,
  orderSchema,
  type Order,
  type Origin,
} from '../../domain/observation-order.ts';

const start = Date.parse('2026-03-02T08:00:00Z');
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
const said = (id: string, more: { sequence?: number | string; vendorTime?: string } = {}): Origin => ({
  kind: 'notification',
  id,
  ...more,
});

/** The memory after these reports, each received a second after the one before. */
function after(...origins: Origin[]): Order {
  let order = noReportsYet;
  for (const [second, origin] of origins.entries()) order = acceptReport(order, origin, at(second)) ?? order;
  return order;
}

describe('a report', () => {
  test('is ignored the second time', () => {
    expect(acceptReport(after(said('a')), said('a'), at(9))).toBeUndefined();
  });

  test.each([
    ['number', 7, 6, 8],
    ['sortable text', '0007', '0006', '0008'],
  ])('with a lower %s is older, the same is no news, a higher is', (_kind, known, lower, higher) => {
    const order = after(said('a', { sequence: known }));
    expect(acceptReport(order, said('b', { sequence: lower }), at(9))).toBeUndefined();
    expect(acceptReport(order, said('c', { sequence: known }), at(9))).toBeUndefined();
    expect(acceptReport(order, said('d', { sequence: higher }), at(9))).toBeDefined();
  });

  test('whose counter has begun anew is news where its time is newer', () => {
    const order = after(said('a', { sequence: 900, vendorTime: at(100) }));
    expect(acceptReport(order, said('b', { sequence: 1, vendorTime: at(101) }), at(110))).toBeDefined();
    expect(acceptReport(order, said('c', { sequence: 1, vendorTime: at(100) }), at(110))).toBeUndefined();
  });

  test('in the same millisecond is news where its counter is higher', () => {
    const order = after(said('a', { sequence: 1, vendorTime: at(100) }));
    expect(acceptReport(order, said('b', { sequence: 2, vendorTime: at(100) }), at(110))).toBeDefined();
  });

  test('without counter and time is older if we received it earlier', () => {
    const order = after(said('a'), said('b'), said('c'));
    expect(acceptReport(order, said('d'), at(1))).toBeUndefined();
    expect(acceptReport(order, said('d'), at(2))).toBeDefined();
  });
});

describe('a read', () => {
  const read: Origin = { kind: 'read' };

  test('that was sent before the last notification came is older', () => {
    const order = after(said('a'), said('b'));
    expect(acceptReport(order, read, at(0))).toBeUndefined();
    expect(acceptReport(order, read, at(1))).toBeDefined();
  });

  test('settles where the counter stands, so that an overtaken notification stays ignored', () => {
    const order = after(said('a', { sequence: '0009' }), { kind: 'read', sequence: '0009' });
    expect(acceptReport(order, said('b', { sequence: '0008' }), at(9))).toBeUndefined();
  });

  test('makes a counter that has begun anew be believed again', () => {
    const order = after(said('a', { sequence: 900 }), read);
    expect(acceptReport(order, said('b', { sequence: 1 }), at(9))).toBeDefined();
  });
});

test('the memory stays small, parses, and never takes a report twice in a row', () => {
  const origin: fc.Arbitrary<Origin> = fc.oneof(
    fc.record(
      {
        kind: fc.constant('notification' as const),
        id: fc.string({ minLength: 1, maxLength: 3 }),
        sequence: fc.oneof(fc.nat(20), fc.string({ maxLength: 4 })),
        vendorTime: fc.nat(50).map(at),
      },
      { requiredKeys: ['kind', 'id'] },
    ),
    fc.constant({ kind: 'read' as const }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(origin, fc.nat(50)), { maxLength: 60 }), (reports) => {
      let order = noReportsYet;
      for (const [report, second] of reports) {
        const next = acceptReport(order, report, at(second));
        if (next === undefined) continue;
        order = orderSchema.parse(next);
        expect(order.recentIds.length).toBeLessThanOrEqual(16);
        if (report.kind === 'notification') expect(acceptReport(order, report, at(second))).toBeUndefined();
      }
    }),
  );
});
