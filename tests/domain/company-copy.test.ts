import { expect, test } from '@jest/globals';
import { aboutCompanyCopy, companyCopyParts } from '../../domain/company-copy.ts';
import { columnsOf, places } from '../../domain/data-map.ts';

const sorted = (ids: Iterable<string>): string[] => [...ids].sort();

test('the copy has every place that the data map lets into it, and none that it does not', () => {
  const { tables, entities, secrets } = companyCopyParts();
  const parts = [
    ...tables.map((name) => `sql:${name}`),
    ...entities.map((name) => `entity:${name}`),
    ...secrets.map((name) => `secret:${name}`),
  ];
  const mapped = [...places].filter(([, { copied }]) => copied.into !== 'none').map(([id]) => id);
  expect(sorted(parts)).toEqual(sorted(mapped));
});

test('only secrets are listed by name alone', () => {
  const named = [...places].filter(([, { copied }]) => copied.into === 'namesOnly').map(([id]) => id);
  expect(named.filter((id) => !id.startsWith('secret:'))).toEqual([]);
  expect(named.length).toBe(companyCopyParts().secrets.length);
});

test('the copy says of each place what it holds and why, and of each column what it means', () => {
  const about = aboutCompanyCopy('t-1', '2026-03-02T08:00:00.000Z');
  expect(about).toMatchObject({ subscription: 't-1', madeAt: '2026-03-02T08:00:00.000Z' });
  for (const table of companyCopyParts().tables) {
    const { fields = {}, what, purpose } = about.places[`sql:${table}`] ?? {};
    expect([table, sorted(['tenant_id', ...Object.keys(fields)])]).toEqual([
      table,
      sorted(Object.keys(columnsOf(table))),
    ]);
    expect(what).toMatch(/\w/);
    expect(purpose).toMatch(/^so that /);
  }
  expect(about.places['sql:users']?.fields).toMatchObject({ mail: expect.stringContaining('mail address') });
  expect(about.places['entity:userPresence']).toMatchObject({
    kinds: expect.arrayContaining(['presence']),
    where: 'Azure Storage (Durable Functions task hub)',
  });
});

test('the copy says what of the customer it leaves out, and nothing of what is nobody’s', () => {
  const { places: copied, leftOut } = aboutCompanyCopy('t-1', '2026-03-02T08:00:00.000Z');
  const ofCustomers = [...places].filter(([, { category }]) => category !== 'none').map(([id]) => id);
  expect(sorted([...Object.keys(copied), ...Object.keys(leftOut)])).toEqual(sorted(ofCustomers));
  expect(leftOut['orchestration:deliverPresence']?.why).toContain('ids, counts and codes');
});
