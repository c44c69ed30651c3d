/** How long changes take to show, as a customer is told: held against the vendors' journals. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Customer } from '../../local/stack/stack-process.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';
import { thoroughTest } from '../support/thorough.ts';

let world: StackWithData;
let customer: Customer;

beforeEach(async () => {
  world = await StackWithData.start();
  customer = await world.stack.customer({ users: 6 });
});
afterEach(() => world.end());

const figuresSchema = z.object({
  written: z.number(),
  p50Seconds: z.number().nullable(),
  p95Seconds: z.number().nullable(),
  p99Seconds: z.number().nullable(),
  notConverged: z.number(),
  late: z.number(),
  refused: z.number(),
  waiting: z.number(),
});
const sideSchema = z.object({ last24Hours: figuresSchema, last7Days: figuresSchema });
const answerSchema = z.object({ sides: z.object({ teams: sideSchema, ringCentral: sideSchema }) });
const metricsSchema = z.object({
  metrics: z.array(z.object({ name: z.string(), value: z.number() })).default([]),
});
type Side = 'teams' | 'ringCentral';

async function figures(side: Side = 'ringCentral'): Promise<z.infer<typeof sideSchema>> {
  const code = await world.stack.customerCode(customer.subscriptionId);
  const response = await fetch(`${world.stack.app}/api/subscription/convergence`, {
    headers: { authorization: `Bearer ${code}` },
  });
  expect(response.status).toBe(200);
  return answerSchema.parse(await response.json()).sides[side];
}

async function inTeams(who: number, availability: string, activity = availability): Promise<void> {
  await world.stack.setTeams(person(customer, who).userId, availability, activity);
}

const throttledOnce = (retryAfterSeconds: number) =>
  world.stack.fault({ vendor: 'ringCentral', kind: 'throttle', match: 'PUT', retryAfterSeconds, count: 1 });

/** When RingCentral took each person's presence, by extension. */
async function taken(): Promise<{ extensionId: string; at: number }[]> {
  const writes = await world.requests('ringCentral', /PUT \S*\/presence 200/);
  return writes.map(({ path, at }) => ({
    extensionId: /extension\/(\d+)\//.exec(path)?.[1] ?? '',
    at: Date.parse(at),
  }));
}

/** All figures are of so many hours before now. */
async function wereHoursAgo(hours: number): Promise<void> {
  const hour = 3_600_000;
  const begins = Math.floor(Date.parse(await world.stack.now()) / hour) * hour - hours * hour;
  world.sql(`UPDATE convergence SET hour = '${new Date(begins).toISOString()}'`);
}

/** The share's exact delay, by the nearest rank. */
function nearest(delays: readonly number[], share: number): number {
  return delays.toSorted((a, b) => a - b)[Math.ceil(share * delays.length) - 1] ?? Number.NaN;
}

test('the figures are those of the journal, to a tenth', async () => {
  const changes: { extensionId: string; at: number }[] = [];
  for (const [who, pause] of [0, 7, 45, 0, 120, 0].entries()) {
    if (pause > 0) await throttledOnce(pause);
    changes.push({ extensionId: person(customer, who).extensionId, at: Date.parse(await world.stack.now()) });
    await inTeams(who, 'Busy', 'InACall');
    await world.stack.idle();
    await world.stack.advance('PT4M');
  }
  const writes = await taken();
  const delays = changes.map(
    ({ extensionId, at }) => (writes.find((write) => write.extensionId === extensionId)?.at ?? 0) - at,
  );
  expect(delays.filter((delay) => delay > 5000)).toHaveLength(3);
  const { last24Hours: told, last7Days } = await figures();
  expect(told).toMatchObject({ written: 6, notConverged: 0, late: 0, refused: 0, waiting: 0 });
  for (const [seconds, share] of [
    [told.p50Seconds, 0.5],
    [told.p95Seconds, 0.95],
    [told.p99Seconds, 0.99],
  ] as const) {
    const exact = nearest(delays, share);
    expect((seconds ?? -1) * 1000).toBeGreaterThanOrEqual(exact);
    expect((seconds ?? Infinity) * 1000).toBeLessThanOrEqual(exact * 1.1 + 6);
  }
  expect(last7Days).toEqual(told);
  expect((await figures('teams')).last24Hours).toMatchObject({ written: 0, p50Seconds: null });
});

test('what waits for more than five minutes is told, and counts as not converged also once it is written', async () => {
  await world.stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503, match: 'PUT' });
  await inTeams(0, 'Busy', 'InACall');
  await world.stack.idle();
  await world.stack.advance('PT4M');
  expect((await figures()).last24Hours).toMatchObject({ written: 0, waiting: 0, notConverged: 0 });
  await world.stack.advance('PT3M');
  expect((await figures()).last24Hours).toMatchObject({ written: 0, waiting: 1, notConverged: 1 });
  const log = await world.stack.customerLog(customer.subscriptionId);
  const told = log.filter(({ happening }) => happening?.kind === 'notConverged');
  expect(told.map(({ severity, text }) => ({ severity, text }))).toEqual([
    {
      severity: 'warning',
      text: 'For one person a change has been waiting to be set in RingCentral for more than five minutes.',
    },
  ]);
  const said = (await world.stack.telemetry()).map(({ data: { baseData } }) => baseData);
  expect(said.some(({ message }) => message === 'notConverged')).toBe(true);
  expect(JSON.stringify(said)).not.toContain(person(customer).userId);

  await world.stack.delete('/faults');
  await world.stack.advance('PT5M');
  expect((await figures()).last24Hours).toMatchObject({ written: 1, waiting: 0, late: 1, notConverged: 1 });
  // After a day it is in the figures of the week alone.
  await wereHoursAgo(25);
  const later = await figures();
  expect(later.last24Hours).toMatchObject({ written: 0, notConverged: 0 });
  expect(later.last7Days).toMatchObject({ written: 1, notConverged: 1 });
  await wereHoursAgo(7 * 24 + 1);
  expect((await figures()).last7Days).toMatchObject({ written: 0, notConverged: 0 });
});

thoroughTest(
  'a burst in which the consent goes has converged as far as it was written, and with the next consent all of it',
  async () => {
    const { ringCentralAccountId, subscriptionId } = customer;
    await inTeams(0, 'Busy', 'InACall');
    await world.stack.idle();
    await world.stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
    for (const who of [1, 2, 3]) await inTeams(who, 'Busy', 'InACall');
    await world.stack.idle();
    await world.stack.advance('PT6M');
    expect((await figures()).last24Hours).toMatchObject({ written: 1, waiting: 3, notConverged: 3 });
    await world.stack.post(`/customers/${subscriptionId}/reconnect`, {});
    await world.stack.idle();
    await world.stack.advance('PT1M');
    expect((await figures()).last24Hours).toMatchObject({ written: 4, waiting: 0, late: 3, notConverged: 3 });
  },
);

test('workers that die or run twice in the middle of writing count each change once', async () => {
  await world.stack.post('/host/faults', {
    kind: 'lostOutcome',
    name: 'writePresence',
    how: 'redeliver',
    count: 2,
  });
  for (const who of [0, 1]) {
    await inTeams(who, 'Busy', 'InACall');
    await world.stack.idle();
  }
  await world.stack.post('/host/faults', { kind: 'duplicateActivity', name: 'writePresence', count: 2 });
  for (const who of [2, 3]) {
    await inTeams(who, 'Busy', 'InACall');
    await world.stack.idle();
  }
  expect((await figures()).last24Hours).toMatchObject({ written: 4, notConverged: 0 });
});

test('a power cut in the middle of a burst loses no count of a change, and doubles none', async () => {
  await Promise.all(customer.users.map((_user, who) => inTeams(who, 'Busy', 'InACall')));
  await world.powerCut();
  await world.stack.idle();
  await world.stack.advance('PT10M');
  for (const { extensionId } of customer.users) {
    expect(await world.stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  }
  const { written, notConverged } = (await figures()).last24Hours;
  expect(written).toBe(customer.users.length);
  expect(notConverged).toBeLessThanOrEqual(customer.users.length);
});

test('changes that ask for no write are counted, and our own writes that come back are no changes', async () => {
  await inTeams(0, 'Busy', 'InACall');
  await world.stack.idle();
  await inTeams(0, 'Available', 'Available');
  await world.stack.idle();
  await inTeams(1, 'Away', 'Away');
  await world.stack.idle();
  expect(await taken()).toHaveLength(2);
  const counted = (await world.stack.telemetry()).flatMap(({ data: { baseData } }) => {
    const [{ name, value } = { name: '', value: 0 }] = metricsSchema.parse(baseData).metrics;
    return name === 'changesWithoutWrite' ? [{ ...baseData.properties, value }] : [];
  });
  expect(counted).toEqual([{ side: 'teams', value: 1 }]);
});
