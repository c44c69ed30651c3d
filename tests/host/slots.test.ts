import { expect, test } from '@jest/globals';
import { Slots } from '../../local/host/durable/slots.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more runs at a time than the limit allows, and who leaves makes room', () => {
  let resumed = 0;
  const slots = new Slots({ limit: 2, perTurn: 10, resume: () => (resumed += 1) });
  expect([slots.enter(), slots.enter(), slots.enter()]).toEqual([true, true, false]);
  slots.leave();
  expect(resumed).toBe(1);
  expect(slots.enter()).toBe(true);
});

test('a turn of the event loop has its share, and the next one a new share', async () => {
  let resumed = 0;
  const slots = new Slots({ limit: 10, perTurn: 2, resume: () => (resumed += 1) });
  expect([slots.enter(), slots.enter(), slots.enter()]).toEqual([true, true, false]);
  await nextTurn();
  expect(resumed).toBe(1);
  expect(slots.enter()).toBe(true);
});

test('a stop waits for what runs', async () => {
  const slots = new Slots({ limit: 2, perTurn: 2, resume: () => undefined });
  slots.enter();
  let isEmpty = false;
  const emptied = slots.empty(60_000).then(() => (isEmpty = true));
  await nextTurn();
  expect(isEmpty).toBe(false);
  slots.leave();
  await emptied;
  expect(isEmpty).toBe(true);
});
