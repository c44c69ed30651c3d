/** The bench of the token store, in short: `npm run bench` does a thousand. */
import { expect, test } from '@jest/globals';
import { refreshUnderFaults } from '../../bench/two-workers.ts';

test('two workers refresh one connection a hundred times under faults: no token is lost or used twice', async () => {
  const outcome = await refreshUnderFaults(100, 7);
  expect(outcome).toMatchObject({ lost: 0, stuck: 0, doubleUses: 0 });
  expect(outcome.refreshes).toBeGreaterThanOrEqual(100);
  expect(outcome.repairs).toBeGreaterThan(0);
  expect(Object.keys(outcome.faults).length).toBeGreaterThan(10);
}, 180_000);
