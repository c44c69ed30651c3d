import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { mayHold, secretKindOf } from '../../domain/data-map.ts';
import { activities } from '../../domain/data-map/activities.ts';
import { entities, orchestrations } from '../../domain/data-map/durable.ts';
import { placesInFile } from '../../local/residue/app-files.ts';
import type { Needle } from '../../local/residue/byte-search.ts';
import { distinct, knownData } from '../../local/residue/known-data.ts';
import {
  describeFinding,
  filesBelow,
  misplaced,
  searchData,
  searchText,
  type Finding,
} from '../../local/residue/search-data.ts';
import { readSqlite } from '../../local/residue/sqlite-copy.ts';
import { StackProcess, type Customer } from '../../local/stack/stack-process.ts';
import { person } from '../support/stack-with-data.ts';

const inCall = { telephonyStatus: 'CallConnected' };
const hungUp = { telephonyStatus: 'NoCall' };

let data: string;
let stack: StackProcess;
let customer: Customer;
const logs: string[] = [];
const registered = new Map<string, string[]>();
let known: Needle[] = [];
const findings: Finding[] = [];

/** Everything that has become known so far is looked for; histories are gone an hour later, so it is done after each part. */
async function lookAround(): Promise<void> {
  await stack.idle();
  const tenant = { kind: 'companyId', label: 'tenant id', text: customer.subscriptionId } as const;
  known = distinct([...known, ...knownData(data), tenant]);
  findings.push(...searchData(join(data, 'app'), known));
}

async function restart(...args: string[]): Promise<void> {
  const port = Number(new URL(stack.app).port);
  logs.push(...stack.log);
  await stack.kill();
  stack = await StackProcess.start({ clock: 'virtual', data, port, args });
}

async function callsBothWays(): Promise<void> {
  const [one, two] = [person(customer, 0), person(customer, 1)];
  await stack.setTeams(one.userId, 'Busy', 'InACall');
  await stack.setRingCentral(two.extensionId, inCall);
  await stack.idle();
  expect(await stack.ringCentral(one.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  expect(await stack.teams(two.userId)).toMatchObject({ availability: 'Busy' });
  await stack.setTeams(one.userId, 'Available', 'Available');
  await stack.setRingCentral(two.extensionId, hungUp);
  await stack.setRingCentral(person(customer, 2).extensionId, { dndStatus: 'DoNotAcceptAnyCalls' });
  await stack.idle();
  await stack.setRingCentral(person(customer, 2).extensionId, { dndStatus: 'TakeAllCalls' });
}

async function faults(): Promise<void> {
  for (const vendor of ['graph', 'ringCentral'] as const) {
    await stack.fault({ vendor, kind: 'throttle', retryAfterSeconds: 20, count: 2 });
    await stack.fault({ vendor, kind: 'status', status: 503, count: 3 });
    await stack.fault({ vendor, kind: 'dropResponse', count: 1 });
    await stack.fault({ vendor, kind: 'double', count: 2 });
    await stack.fault({ vendor, kind: 'drop', count: 1 });
  }
  await stack.fault({ vendor: 'keyVault', kind: 'status', status: 500, count: 1 });
  await stack.setTeams(person(customer).userId, 'Busy', 'InAMeeting');
  await stack.setRingCentral(person(customer, 1).extensionId, inCall);
  await stack.advance('PT10M');
  await stack.setRingCentral(person(customer, 1).extensionId, hungUp);
  await stack.setTeams(person(customer).userId, 'Available', 'Available');
  await stack.delete('/faults');
}

async function revokedAndReconnected(): Promise<void> {
  const { ringCentralAccountId, microsoftTenantId, subscriptionId } = customer;
  await stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
  await stack.setTeams(person(customer).userId, 'Busy', 'InACall');
  await stack.advance('PT20M');
  // What cannot be written waits.
  await lookAround();
  await stack.fault({ vendor: 'entra', kind: 'revoke', microsoftTenantId });
  await stack.advance('PT20M');
  await lookAround();
  await stack.post(`/customers/${subscriptionId}/reconnect`, {});
  await stack.idle();
}

/** The functions of the app by their trigger, as the host has loaded them. */
async function noteFunctions(): Promise<void> {
  const { master } = z
    .object({ master: z.string() })
    .parse(JSON.parse(await readFile(join(data, 'app/task-hub/keys.json'), 'utf8')));
  const response = await fetch(`${stack.app}/admin/functions`, { headers: { 'x-functions-key': master } });
  const listed = z
    .array(
      z.object({ name: z.string(), config: z.object({ bindings: z.array(z.object({ type: z.string() })) }) }),
    )
    .parse(await response.json());
  for (const { name, config } of listed) {
    const trigger = config.bindings.find(({ type }) => type.endsWith('Trigger'))?.type ?? '';
    registered.set(trigger, [...(registered.get(trigger) ?? []), name]);
  }
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'presence-hub-test-'));
  stack = await StackProcess.start({ clock: 'virtual', data });
  await noteFunctions();
  customer = await stack.customer({ users: 8 });
  await callsBothWays();
  await lookAround();
  await faults();
  await lookAround();
  await revokedAndReconnected();
  await lookAround();
  // Without a certificate Graph's notifications say only who changed.
  await restart('--notifications=basic');
  await stack.idle();
  await callsBothWays();
  await lookAround();
  await stack.advance('PT3H');
  await lookAround();
  logs.push(...stack.log);
}, 240_000);
afterAll(async () => {
  await stack.stop();
  await rm(data, { recursive: true, force: true });
});

const sorted = (names: Iterable<string>): string[] => [...names].sort();
const seen = (kind: Needle['kind']): Set<string> =>
  new Set(
    findings
      .filter(({ needle }) => needle.kind === kind)
      .flatMap(({ seenAs, places }) => (seenAs === 'row' ? places : [])),
  );

test('every entity, orchestration and activity of the app is in the data map, and the other way round', () => {
  expect(sorted(registered.get('entityTrigger') ?? [])).toEqual(sorted(Object.keys(entities)));
  expect(sorted(registered.get('orchestrationTrigger') ?? [])).toEqual(sorted(Object.keys(orchestrations)));
  expect(sorted(registered.get('activityTrigger') ?? [])).toEqual(sorted(Object.keys(activities)));
});

test('every file that the app leaves is of a place of the data map', () => {
  expect(filesBelow(join(data, 'app')).filter((file) => placesInFile(file).length === 0)).toEqual([]);
});

test('every secret in the vault is of a kind that the data map knows', () => {
  const versions = readSqlite(join(data, 'app/key-vault.sqlite'), (vault) => vault.rows('versions'));
  const names = versions.map(({ key }) => String(key).split('/', 1)[0] ?? '');
  expect(names.filter((name) => secretKindOf(name) === undefined)).toEqual([]);
  const kinds = new Set(names.map(secretKindOf));
  expect(kinds).toContain('graphGrantName');
  expect(kinds).toContain('ringCentralGrantName');
});

test('no token and no personal data is at rest anywhere but where the data map says', () => {
  expect(new Set(misplaced(findings).map(describeFinding))).toEqual(new Set());
});

test('the log says nothing of any person or company, and no token', () => {
  const said = logs.join('\n');
  expect(logs).not.toEqual([]);
  expect(new Set(searchText(said, 'log:host', known).map(describeFinding))).toEqual(new Set());
});

test('the search does find what is there: tokens in the vault, ids and presence where presence is kept', () => {
  expect(seen('token')).toEqual(new Set(['secret:graphGrantName', 'secret:ringCentralGrantName']));
  expect([...seen('directoryId')]).toEqual(
    expect.arrayContaining([
      'sql:mappings.user_id',
      'entity:userPresence',
      'entity:presenceOutbox',
      'orchestration:deliverPresence',
      'orchestration:resyncPresence',
    ]),
  );
  expect([...seen('presence')]).toContain('entity:userPresence');
  const bytes = findings.filter(({ needle, seenAs }) => seenAs === 'bytes' && needle.kind === 'ownSecret');
  expect(new Set(bytes.map(({ file }) => file))).toContain('app-secrets.json');
  for (const kind of ['name', 'mail', 'phone', 'job', 'token', 'directoryId', 'vendorId'] as const) {
    expect(known.filter((needle) => needle.kind === kind).length).toBeGreaterThan(1);
  }
});

test('a token in a table, a history or the log would not pass', () => {
  const [token] = known.filter(({ kind }) => kind === 'token');
  if (token === undefined) throw new Error('No token is known.');
  expect(mayHold('sql:users.display_name', 'token')).toBe(false);
  const told = searchText(`{"code":"${token.text}"}`, 'orchestration:deliverPresence', known);
  expect(misplaced(told).map(describeFinding)).not.toEqual([]);
});
