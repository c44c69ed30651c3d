/** What operators get to see of a customer's hours: what happened, and to how many, but never to whom. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Customer, TelemetryItem } from '../../local/stack/stack-process.ts';
import { StackWithData, person } from '../support/stack-with-data.ts';

let world: StackWithData;
let customer: Customer;
let other: Customer;
let items: TelemetryItem[];
let log: string;
/** All that telemetry left behind: files, what the control address shows, the requests as the endpoint saw them. */
let traces: Record<string, string>;

beforeAll(async () => {
  world = await StackWithData.start();
  customer = await world.stack.customer({ users: 3 });
  other = await world.stack.customer({ users: 1 });
  await someHours();
  const before = world.stack.log.join('\n');
  await world.restart();
  await aRefusedWrite(person(customer));
  await aRefusedWrite(person(other));
  items = await world.stack.telemetry();
  log = [before, ...world.stack.log].join('\n');
  const folder = join(world.data, 'app/logs');
  traces = {
    files: readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'latin1'))
      .join('\n'),
    shown: JSON.stringify(items),
    requests: JSON.stringify(await world.stack.journal('logs')),
  };
});
afterAll(() => world.end());

/** Calls both ways, refusals, a vendor that is down, and consent that is revoked on both sides and given again. */
async function someHours(): Promise<void> {
  const { stack } = world;
  await aRefusedWrite(person(customer));
  await stack.setRingCentral(person(customer, 1).extensionId, { telephonyStatus: 'CallConnected' });
  await stack.idle();
  await stack.fault({ vendor: 'graph', kind: 'status', status: 503, match: 'setPresence', count: 2 });
  await stack.setRingCentral(person(customer, 2).extensionId, { dndStatus: 'DoNotAcceptAnyCalls' });
  await stack.advance('PT1H');
  await fetch(`${stack.app}/api/ringcentral/notifications/${customer.subscriptionId}/forged`, {
    method: 'POST',
    body: JSON.stringify({ event: 'x' }),
  });
  await world.withoutTable('mappings', async () => {
    await stack.setRingCentral(person(customer, 1).extensionId, { telephonyStatus: 'NoCall' });
    await stack.idle();
  });
  const { ringCentralAccountId, microsoftTenantId, subscriptionId } = customer;
  await stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
  await stack.fault({ vendor: 'entra', kind: 'revoke', microsoftTenantId });
  await stack.setTeams(person(customer).userId, 'DoNotDisturb', 'Presenting');
  await stack.advance('PT2H');
  await stack.post(`/customers/${subscriptionId}/reconnect`, {});
  await stack.advance('PT2H');
}

async function aRefusedWrite({ userId }: Customer['users'][number]): Promise<void> {
  const { stack } = world;
  await stack.setTeams(userId, 'Available', 'Available');
  await stack.idle();
  await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 400, match: 'PUT', count: 1 });
  await stack.setTeams(userId, 'Busy', 'InACall');
  await stack.idle();
}

interface Said {
  event: string;
  [field: string]: string;
}

const said = (): Said[] =>
  items.flatMap(({ data }) =>
    data.baseType === 'MessageData'
      ? [{ ...data.baseData.properties, event: String(data.baseData['message']) }]
      : [],
  );
const rejected = () =>
  said().filter((each) => each.event === 'presenceNotWritten' && each['result'] === 'rejected');

test('operators see what went wrong, where and how often', () => {
  const events = said().map(({ event, side, result, kind }) => ({ event, side, result, kind }));
  for (const expected of [
    { event: 'presenceNotWritten', side: 'ringCentral', result: 'rejected' },
    { event: 'presenceNotWritten', side: 'teams', result: 'retry' },
    { event: 'eventUnplaced', kind: 'database' },
    { event: 'connectionLost', side: 'teams' },
    { event: 'connectionLost', side: 'ringCentral' },
    { event: 'connectionMade', side: 'teams' },
    { event: 'connectionMade', side: 'ringCentral' },
    { event: 'instancesPurged' },
  ]) {
    expect(events).toContainEqual(expect.objectContaining(expected));
  }
  const metrics = items.flatMap(({ data }) =>
    data.baseType === 'MetricData' ? [data.baseData.properties] : [],
  );
  for (const expected of [
    { vendor: 'graph', operation: 'presenceWrite', outcome: 'unavailable' },
    { vendor: 'ringCentral', operation: 'presenceWrite', outcome: 'rejected' },
    { vendor: 'keyVault', operation: 'secretRead', outcome: 'done' },
    { vendor: 'entra', outcome: 'consentRevoked' },
    { side: 'teams', result: 'done' },
    { source: 'graphPresence', outcome: 'accepted' },
    { source: 'ringCentral', outcome: 'notOurs' },
    { source: 'ringCentral', outcome: 'unplaced' },
  ]) {
    expect(metrics).toContainEqual(expected);
  }
  expect(metrics).not.toContainEqual({ reason: 'notInCatalogue' });
});

test('the same person has the same pseudonym before and after a restart, and two customers share none', () => {
  const [first, again, stranger] = rejected();
  expect(rejected()).toHaveLength(3);
  expect(first?.['user']).toMatch(/^[\w-]{16}$/);
  expect(again).toMatchObject({ tenant: first?.['tenant'], user: first?.['user'] });
  expect(stranger?.['tenant']).not.toBe(first?.['tenant']);
  expect(stranger?.['user']).not.toBe(first?.['user']);
  for (const trace of Object.values(traces)) expect(trace).toContain(first?.['user']);
});

/** All that says who somebody is, from the vendors' own records. */
function identifiers(): string[] {
  return [customer, other].flatMap(({ subscriptionId, microsoftTenantId, ringCentralAccountId, users }) => [
    subscriptionId,
    microsoftTenantId,
    ringCentralAccountId,
    ...users.flatMap(({ userId, extensionId, displayName, mail }) => [
      userId,
      userId.replaceAll('-', ''),
      extensionId,
      displayName,
      ...displayName.split(' ').map((name) => `"${name}"`),
      mail,
      mail.split('@')[1] ?? '',
    ]),
  ]);
}

const grantSchema = z.object({ refreshToken: z.string(), accessToken: z.string().optional() });

/** Every value the key vault has ever held: tokens, and the keys of the pseudonyms. */
function secrets(): string[] {
  const vault = new DatabaseSync(join(world.data, 'app/key-vault.sqlite'), { readOnly: true });
  const rows = vault.prepare('select value from versions').all();
  vault.close();
  return rows.flatMap((row) => {
    const { name, value } = z
      .object({ name: z.string(), value: z.string() })
      .parse(JSON.parse(z.string().parse(row['value'])));
    if (name.startsWith('pseudonym-')) return [value];
    const { refreshToken, accessToken } = grantSchema.parse(JSON.parse(value));
    return [refreshToken, ...(accessToken === undefined ? [] : [accessToken])];
  });
}

const presences =
  /"(?:Busy|InACall|InAMeeting|Presenting|DoNotDisturb|Available|Away|Offline|CallConnected|NoCall|Ringing|TakeAllCalls|DoNotAcceptAnyCalls|TakeDepartmentCallsOnly|busy|inCall|inMeeting|doNotDisturb|available|away|offline)"/;

describe('nothing that arrived', () => {
  test('says who anybody is', () => {
    expect(identifiers().length).toBeGreaterThan(30);
    for (const [where, trace] of Object.entries(traces)) {
      const found = identifiers().filter((each) => trace.toLowerCase().includes(each.toLowerCase()));
      expect({ where, found }).toEqual({ where, found: [] });
      expect(trace).not.toMatch(/@[\w-]+\.example|\+?1650555\d{4}|\+[1-9]\d{6,}/);
    }
  });

  test('says what anybody shows', () => {
    for (const trace of Object.values(traces)) expect(trace).not.toMatch(presences);
  });

  test('holds a token or a key', () => {
    const values = secrets();
    expect(values.length).toBeGreaterThan(10);
    for (const trace of Object.values(traces)) {
      expect(values.filter((value) => trace.includes(value))).toEqual([]);
      expect(trace).not.toMatch(/eyJ[\w-]{10}|Bearer/);
    }
  });
});

test("the host's own log holds no name, mail or token either", () => {
  expect(log).toContain('Executed');
  const names = [customer, other].flatMap(({ users }) =>
    users.flatMap(({ displayName, mail }) => [displayName, mail]),
  );
  expect([...names, ...secrets()].filter((each) => log.includes(each))).toEqual([]);
  expect(log).not.toMatch(/eyJ[\w-]{10}|Bearer/);
});
