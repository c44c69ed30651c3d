/** What a customer may read of what happened for it: in order, each thing once, and nothing that is nobody's business. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Customer, LogEntry } from '../../local/stack/stack-process.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';

let world: StackWithData;

beforeEach(async () => {
  world = await StackWithData.start();
});
afterEach(() => world.end());

/** The whole log, the oldest first. */
async function logOf({ subscriptionId }: Customer): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (;;) {
    const page = await world.stack.customerLog(subscriptionId, entries.at(-1)?.sequence);
    if (page.length === 0) return entries.toReversed();
    entries.push(...page);
  }
}

/** What comes with the time of day, beside all else. */
const daily = /^(presenceRead|subscriptionRenewed teams)/;

/** What has been told since the entry `after`: "kind side", in order. */
async function toldSince(customer: Customer, after: number, left = daily): Promise<string[]> {
  const entries = (await logOf(customer)).filter(({ sequence }) => sequence > after);
  const lines = entries.map(({ happening }) => [happening?.kind, happening?.['side']].join(' ').trim());
  return lines.filter((line) => !left.test(line));
}

async function newest(customer: Customer): Promise<number> {
  return (await logOf(customer)).at(-1)?.sequence ?? 0;
}

const called = { telephonyStatus: 'CallConnected' };

test('a day of a customer is told in order, each thing once, and by codes and ids only', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 2 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  const onboarded = await toldSince(customer, 0, /^$/);
  expect(onboarded.slice(0, 3)).toEqual(['subscriptionChanged', 'directoryChanged', 'peopleEnrolled']);
  expect(onboarded.toSorted()).toEqual([
    'connected ringCentral',
    'connected teams',
    'directoryChanged',
    'peopleEnrolled',
    'presenceRead ringCentral',
    'presenceRead teams',
    'subscriptionChanged',
    'subscriptionCreated ringCentral',
    'subscriptionCreated teams',
  ]);
  for (const side of ['teams', 'ringCentral']) {
    expect(onboarded.indexOf(`connected ${side}`)).toBeLessThan(
      onboarded.indexOf(`subscriptionCreated ${side}`),
    );
  }

  let seen = await newest(customer);
  await stack.setTeams(ada.userId, 'Busy', 'InACall');
  await stack.idle();
  await stack.setRingCentral(bob.extensionId, called);
  await stack.idle();
  expect(await toldSince(customer, seen, /^$/)).toEqual([
    'presenceWritten ringCentral',
    'presenceWritten teams',
  ]);
  const [toRingCentral, toTeams] = (await logOf(customer)).slice(-2);
  expect(toRingCentral).toMatchObject({ happening: { people: 1, userId: ada.userId }, severity: 'info' });
  expect(toRingCentral?.text).toContain(ada.displayName);
  expect(toTeams?.text).toBe(`Presence in Microsoft Teams was set for ${bob.displayName}.`);

  // What stands in Teams is said again every few hours, until the call is over.
  await stack.setRingCentral(bob.extensionId, { telephonyStatus: 'NoCall' });
  await stack.idle();
  seen = await newest(customer);
  await stack.advance('PT50M');
  expect(await toldSince(customer, seen, /^presenceRead/)).toEqual(['subscriptionRenewed teams']);

  seen = await newest(customer);
  const throttle = { vendor: 'ringCentral', kind: 'throttle', retryAfterSeconds: 60, match: 'PUT', count: 1 };
  await stack.fault(throttle);
  await stack.setTeams(ada.userId, 'Available', 'Available');
  await stack.advance('PT2M');
  expect(await toldSince(customer, seen)).toEqual(['throttled ringCentral', 'presenceWritten ringCentral']);
  expect((await logOf(customer)).at(-2)).toMatchObject({ severity: 'warning', happening: { seconds: 60 } });

  seen = await newest(customer);
  const { ringCentralAccountId, subscriptionId } = customer;
  await stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
  await stack.setTeams(ada.userId, 'Busy', 'InACall');
  await stack.advance('PT49H');
  expect(await toldSince(customer, seen)).toEqual(['consentRevoked ringCentral']);
  const revoked = (await logOf(customer)).filter(({ severity }) => severity === 'error');
  expect(revoked).toHaveLength(1);

  seen = await newest(customer);
  await stack.post(`/customers/${subscriptionId}/reconnect`, {});
  await stack.idle();
  const reconnected = await toldSince(customer, seen);
  expect(reconnected[0]).toBe('peopleEnrolled');
  expect(reconnected.slice(1).toSorted()).toEqual([
    'connected ringCentral',
    'presenceWritten ringCentral',
    'subscriptionCreated ringCentral',
  ]);
  expectDiscreet(customer);
  const refused = world.stack.customerLog('0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11');
  await expect(refused).rejects.toThrow('HTTP 404');
});

test('after a kill in the middle of a burst the log tells of everybody once, and of nobody twice', async () => {
  const customer = await world.stack.customer({ users: 24 });
  const [inTeams, inRingCentral] = [customer.users.slice(0, 12), customer.users.slice(12)];
  const port = Number(new URL(world.stack.app).port);
  const seen = await newest(customer);
  await Promise.all([
    ...inTeams.map(({ userId }) => world.stack.setTeams(userId, 'Busy', 'InACall')),
    ...inRingCentral.map(({ extensionId }) => world.stack.setRingCentral(extensionId, called)),
  ]);
  await world.stack.kill();
  await world.restart(undefined, port);
  await world.stack.idle();
  await world.stack.advance('PT10M');

  const entries = (await logOf(customer)).filter(({ sequence }) => sequence > seen);
  expect(peopleWritten(entries, 'ringCentral')).toBe(12);
  expect(peopleWritten(entries, 'teams')).toBe(12);
  const changes = new Set(['connected', 'consentRevoked', 'subscriptionCreated', 'peopleEnrolled']);
  expect(entries.filter(({ happening }) => changes.has(happening?.kind ?? ''))).toEqual([]);
});

test('a vendor that is down for hours, and a person whom it refuses, do not flood the log', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 2 });
  const [ada, bob] = [person(customer), person(customer, 1)];
  let seen = await newest(customer);
  await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503 });
  await stack.setTeams(ada.userId, 'Busy', 'InACall');
  await stack.advance('PT3H');
  await stack.delete('/faults');
  await stack.advance('PT5M');
  const [written, ...outage] = (await toldSince(customer, seen)).toReversed();
  expect(written).toBe('presenceWritten ringCentral');
  expect(new Set(outage)).toEqual(new Set(['vendorUnavailable ringCentral', 'notConverged ringCentral']));
  // Each is told once an hour.
  for (const kind of new Set(outage)) {
    const times = outage.filter((told) => told === kind).length;
    expect([kind, times >= 3 && times <= 4]).toEqual([kind, true]);
  }

  seen = await newest(customer);
  const about = `PUT /restapi/v1.0/account/~/extension/${bob.extensionId}`;
  await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 403, match: about });
  for (const activity of ['InACall', 'Available', 'InACall', 'Available', 'InACall']) {
    await stack.setTeams(bob.userId, activity === 'InACall' ? 'Busy' : 'Available', activity);
    await stack.idle();
  }
  expect(await toldSince(customer, seen)).toEqual(['presenceRefused ringCentral']);
  const [refusal] = await stack.customerLog(customer.subscriptionId);
  expect(refusal).toMatchObject({ severity: 'warning', happening: { userId: bob.userId } });
});

test('a log that cannot be written costs its entries, and neither a write nor a second one', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 1 });
  const ada = person(customer);
  await world.withoutTable('log_entries', async () => {
    await stack.setTeams(ada.userId, 'Busy', 'InACall');
    await stack.advance('PT50M');
  });
  expect(await stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  expect(await world.requests('ringCentral', /^PUT /)).toHaveLength(1);
  expect(await world.requests('graph', /^PATCH .*subscriptions.* 200/)).toHaveLength(1);
  expect(JSON.stringify(await stack.telemetry())).toContain('customerNotTold');
  const seen = await newest(customer);
  await stack.setTeams(ada.userId, 'Available', 'Available');
  await stack.idle();
  expect(await toldSince(customer, seen)).toEqual(['presenceWritten ringCentral']);
});

function peopleWritten(entries: readonly LogEntry[], side: string): number {
  const written = entries.filter(
    ({ happening }) => happening?.kind === 'presenceWritten' && happening['side'] === side,
  );
  return written.reduce((sum, { happening }) => sum + Number(happening?.['people']), 0);
}

/** No row holds who anybody is, what anybody shows, or a token: only words, counts and Entra object ids. */
function expectDiscreet(customer: Customer): void {
  const rows = JSON.stringify(rowsOf('presence-hub', 'log_entries'));
  const shown = ['Available', 'Busy', 'busy', 'InACall', 'CallConnected', 'NoCall', 'doNotDisturb'];
  const people = customer.users.flatMap(({ displayName, mail }) => [mail, ...displayName.split(' ')]);
  const secrets = rowsOf('key-vault', 'versions').map(({ value }) => String(value));
  const grants = secrets
    .filter((secret) => secret.includes('refreshToken'))
    .map((secret) => grantSchema.parse(JSON.parse(secret)));
  const tokens = grants.flatMap(({ value }) => Object.values(value)).filter((text) => text.length > 30);
  expect(tokens.length).toBeGreaterThan(4);
  for (const secret of [...shown, ...people, ...tokens]) expect(rows).not.toContain(secret);
}

const grantSchema = z.object({
  value: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.record(z.string(), z.string())),
});

function rowsOf(file: string, table: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(world.data, `app/${file}.sqlite`), { readOnly: true });
  const rows = database.prepare(`SELECT * FROM ${table}`).all();
  database.close();
  return rows;
}
