/**
 * Lives of many subscriptions side by side, over a hundred days, with webhooks lost, late and doubled, and the host killed in
 * the middle: what the privacy policy promises happens on the minute, nothing happens early, and nothing is left.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { receiptSchema, type Receipt } from '../../domain/erasure-receipt.ts';
import type { Needle } from '../../local/residue/byte-search.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import { receipts, secretsOf, tenantIdOf, whereabouts } from '../support/leaving-customer.ts';
import {
  isThere,
  lives,
  promised,
  promptlyMs,
  type Happened,
  type Life,
  type Step,
} from '../support/lives.ts';
import { StackWithData } from '../support/stack-with-data.ts';
import { isThorough } from '../support/thorough.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const minuteMs = 60_000;
/** Data is gone in minutes; the receipt waits until it has been looked for twice. */
const witnessedMs = 15 * minuteMs;
const start = Date.parse('2026-03-02T08:00:00Z');
const end = start + 132 * dayMs;
/** A life that is bought and never activated, or suspended for good, is ended by the marketplace after 30 days. */
const graceMs = 30 * dayMs;
/** Every day the comparison runs at this time of day. */
const comparisonMs = 3 * hourMs + 20 * minuteMs;
/** Hours after the beginning, some of them in the middle of what is done then; once the clock stands earlier afterwards. */
const powerCutHours = [1.01, 25.01, 5 * 24 + 3, 7 * 24 + 1, 8 * 24 + 2.001, 30 * 24 + 25];
const powerCuts = powerCutHours.length;
const setBackAtHour = 5 * 24 + 3;
const setBackMs = 20 * minuteMs;
/** Through longer times in which nothing is promised the machine is off, and its clock jumps. */
const longestSpellMs = 4 * dayMs;

/** One life as it is lived. */
interface Lived {
  life: Life;
  customer: Pick<Customer, 'subscriptionId' | 'microsoftTenantId'>;
  happened: Happened[];
  /** Personal data that must be gone with service data, and with billing data. */
  ofService: Needle[];
  ofBilling: Needle[];
  /** What was found otherwise than promised. */
  faults: string[];
}

let world: StackWithData;
let now = start;
const lived: Lived[] = [];
const boughtAgain: { subscriptionId: string; by: Lived; faults: string[] }[] = [];
let chain: Receipt[] = [];

const purchaseSchema = z.object({ subscriptionId: z.string(), purchaseToken: z.string() });

async function buy(request: object): Promise<z.infer<typeof purchaseSchema>> {
  return purchaseSchema.parse(await world.stack.post('/marketplace/purchases', request));
}

async function activate(purchaseToken: string): Promise<void> {
  const answer = await fetch(`${world.stack.app}/api/marketplace/purchases/activate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: purchaseToken }),
  });
  expect(answer.status).toBe(202);
}

/** Born: bought, activated and taken on, as far as the life goes. */
async function bear(life: Life): Promise<Lived> {
  const none = { happened: [], ofService: [], ofBilling: [], faults: [] };
  if (life.purchase === undefined) {
    const customer = await world.stack.customer({ users: 2 });
    const ofCompany = [customer.microsoftTenantId, customer.ringCentralAccountId];
    const ofPeople = customer.users.flatMap(({ userId, mail }) => [
      needle('directoryId', userId),
      needle('mail', mail),
    ]);
    const purchaser = world.rows(
      `select purchaser_mail, purchaser_object_id from billing_events where tenant_id = '${customer.subscriptionId}'`,
    );
    const kept = new Set(purchaser.flatMap((row) => Object.values(row)));
    return {
      life,
      customer,
      ...none,
      ofService: [
        ...ofCompany.map((id) => needle('companyId', id)),
        ...secretsOf(world, customer).map((text) => needle('token', text)),
        ...customer.users.map(({ extensionId }) => needle('vendorId', extensionId)),
        ...ofPeople.filter(({ text }) => !kept.has(text)),
      ],
      ofBilling: [tenantIdOf(customer), ...ofPeople],
    };
  }
  const { subscriptionId, purchaseToken } = await buy({
    quantity: 2,
    activationFails: life.purchase === 'refused',
  });
  const customer = { subscriptionId, microsoftTenantId: '' };
  if (life.purchase === 'refused') await activate(purchaseToken);
  return { life, customer, ...none, ofBilling: [needle('companyId', subscriptionId)] };
}

const needle = (kind: Needle['kind'], text: string): Needle => ({ kind, label: kind, text });

async function advanceTo(instant: number): Promise<void> {
  if (instant <= now) return;
  await world.stack.advance(`PT${(instant - now) / 1000}S`);
  now = instant;
}

/** The webhook's fate is for this subscription alone. */
async function befall({ customer }: Lived, { fate }: Step): Promise<void> {
  const of = { vendor: 'marketplace', match: customer.subscriptionId, count: 1 };
  switch (fate) {
    case 'lost':
      return world.stack.fault({ ...of, kind: 'drop' });
    case 'late':
      return world.stack.fault({ ...of, kind: 'late', delaySeconds: 3 * 3600 });
    case 'twice':
      return world.stack.fault({ ...of, kind: 'double' });
    case 'forged besides':
      return world.stack.fault({
        vendor: 'marketplace',
        kind: 'webhook',
        subscriptionId: customer.subscriptionId,
        action: 'Unsubscribe',
        forged: 'expired',
      });
    case undefined:
  }
}

async function perform(one: Lived, step: Step): Promise<void> {
  await befall(one, step);
  const { do: what, ...body } = step.act;
  if (what === 'buy again') {
    const { subscriptionId, purchaseToken } = await buy({
      quantity: 2,
      microsoftTenantId: one.customer.microsoftTenantId,
    });
    await activate(purchaseToken);
    boughtAgain.push({ subscriptionId, by: one, faults: [] });
    return;
  }
  await world.stack.post(`/marketplace/${one.customer.subscriptionId}/${what}`, body);
  const at = step.fate === 'lost' ? nextComparison(now) : now;
  const next = one.life.steps[one.life.steps.indexOf(step) + 1];
  // What is taken back before anybody hears of it has not happened to us.
  if (next !== undefined && start + next.hour * hourMs < at) return;
  one.happened.push({ what, at });
}

function nextComparison(after: number): number {
  const today = Math.floor(after / dayMs) * dayMs + comparisonMs;
  return today > after ? today : today + dayMs;
}

/** What the marketplace does by itself. */
function endedByItself({ life, happened }: Lived): Happened | undefined {
  if (life.purchase === 'refused') return { what: 'unsubscribe', at: start + 2000 };
  const last = happened.at(-1);
  return last?.what === 'suspend' ? { what: 'unsubscribe', at: last.at + graceMs } : undefined;
}

function promisesTo(one: Lived, until = end) {
  const byItself = endedByItself(one);
  const happened = byItself === undefined || byItself.at > until ? one.happened : [...one.happened, byItself];
  return promised(happened, until);
}

const tableOf = { service: 'users', licence: 'licences', billing: 'billing_events' } as const;

/** Is all there that has to be, and nothing else? Of all lives, at this instant. */
function lookAround(): void {
  for (const category of ['service', 'licence', 'billing'] as const) {
    const rows = world.rows(`select distinct tenant_id from ${tableOf[category]}`);
    const holders = new Set(rows.map((row) => row['tenant_id']));
    for (const one of lived) {
      if (one.life.purchase === 'pending' || (one.life.purchase === 'refused' && category === 'service'))
        continue;
      const wanted = isThere(promisesTo(one, now), category, now);
      const found = holders.has(one.customer.subscriptionId) ? 'there' : 'gone';
      if (wanted !== 'either' && wanted !== found)
        one.faults.push(`${category} data is ${found} at ${new Date(now).toISOString()}`);
    }
    if (category === 'service') continue;
    for (const { subscriptionId, faults } of boughtAgain) {
      if (!holders.has(subscriptionId))
        faults.push(`${category} data is gone at ${new Date(now).toISOString()}`);
    }
  }
}

/** Anything left of those whose time has just come? All are looked for at once, because a search reads every file. */
function searchResidue(category: 'service' | 'billing'): void {
  const gone = lived.filter(
    (one) =>
      !boughtAgain.some(({ by }) => by === one) && isThere(promisesTo(one, now), category, now) === 'gone',
  );
  const needles = gone.flatMap((one) =>
    category === 'service' ? one.ofService : [...one.ofService, ...one.ofBilling],
  );
  if (needles.length === 0) return;
  for (const place of whereabouts(world, needles)) {
    for (const one of gone) one.faults.push(`at ${new Date(now).toISOString()} there is ${place}`);
  }
}

/** The next instant at which somebody does something, or just before and just after something is due. */
function nextInstant(): number {
  const steps = lived.flatMap(({ life }) => life.steps.map(({ hour }) => start + hour * hourMs));
  const dues = lived.flatMap((one) => promisesTo(one).map(({ dueAt }) => dueAt));
  const looks = dues.flatMap((dueAt) => [dueAt - minuteMs, dueAt + promptlyMs, dueAt + witnessedMs]);
  const cuts = powerCutHours.map((hour) => start + hour * hourMs);
  return Math.min(end, ...[...steps, ...looks, ...cuts].filter((instant) => instant > now));
}

async function cutPower(): Promise<void> {
  const hour = powerCutHours.find((each) => start + each * hourMs === now);
  if (hour === undefined) return world.stack.idle();
  powerCutHours.splice(powerCutHours.indexOf(hour), 1);
  if (hour === setBackAtHour) now -= setBackMs;
  return world.powerCut(now);
}

async function live(): Promise<void> {
  while (now < end) {
    const instant = nextInstant();
    if (instant - now > longestSpellMs) {
      // On again early enough for what is finished to be cleared away, which is looked for every hour.
      now = instant - 4 * hourMs;
      await world.powerCut(now);
    }
    await advanceTo(instant);
    lookAround();
    const isDueSince = (category: string) =>
      lived.some((one) =>
        promisesTo(one).some((each) => each.category === category && each.dueAt + promptlyMs === now),
      );
    if (isDueSince('service')) searchResidue('service');
    for (const one of lived) {
      for (const step of one.life.steps) if (start + step.hour * hourMs === now) await perform(one, step);
    }
    await cutPower();
  }
}

beforeAll(async () => {
  world = await StackWithData.start([`--start=${new Date(start).toISOString()}`]);
  for (const life of lives) lived.push(await bear(life));
  await live();
  searchResidue('billing');
  chain = await allReceipts();
}, 600_000);
afterAll(() => world.end());

async function allReceipts(): Promise<Receipt[]> {
  return receipts(world);
}

/** As the customer finds them with the code they were given. */
async function receiptsOf(subscriptionId: string): Promise<Receipt[]> {
  const code = await world.stack.customerCode(subscriptionId);
  const answer = await fetch(`${world.stack.app}/api/subscription/receipts`, {
    headers: { authorization: `Bearer ${code}` },
  });
  return z.object({ receipts: z.array(receiptSchema) }).parse(await answer.json()).receipts;
}

describe('a subscription that is', () => {
  test.each(lives.map((life, index) => [life.name, index] as const))('%s', async (_name, index) => {
    const one = lived[index];
    if (one === undefined) throw new Error('This life was not lived.');
    expect(one.faults).toEqual([]);
    const issued = (await receiptsOf(one.customer.subscriptionId)).map(({ body }) => body);
    const told = issued.map(({ category, reason, dueAt }) => ({
      category,
      reason,
      dueAt: Date.parse(dueAt),
    }));
    const byTime = (a: { dueAt: number }, b: { dueAt: number }) => a.dueAt - b.dueAt;
    expect(told.toSorted(byTime)).toEqual(promisesTo(one).toSorted(byTime));
    for (const { dueAt, startedAt, finishedAt, leftOver } of issued) {
      expect(leftOver).toBe(0);
      expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(dueAt));
      expect(Date.parse(startedAt) - Date.parse(dueAt)).toBeLessThan(minuteMs);
      expect(Date.parse(finishedAt) - Date.parse(dueAt)).toBeLessThan(witnessedMs);
    }
  });
});

test('what is bought again is another subscription, which the deletions of the first do not touch', () => {
  const again = lives.filter(({ steps }) => steps.some(({ act }) => act.do === 'buy again'));
  expect(boughtAgain).toHaveLength(again.length);
  expect(again.length).toBeGreaterThan(isThorough ? 1 : 0);
  for (const { faults } of boughtAgain) expect(faults).toEqual([]);
});

test('no deletion was late, and each has its link in the one chain', async () => {
  const items = await world.stack.telemetry();
  const messages = items.map(({ data }) => data.baseData['message']);
  expect(messages.filter((message) => message === 'erasureOverdue')).toEqual([]);
  // A round that the power cut into says so, and is repeated.
  expect(messages.filter((message) => message === 'erasureLate').length).toBeLessThanOrEqual(powerCuts);
  expect(chain).toHaveLength(lived.flatMap((one) => promisesTo(one)).length);
});
