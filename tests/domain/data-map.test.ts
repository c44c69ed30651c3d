import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as identities from '../../contracts/identities.ts';
import {
  columnsOf,
  isPersonal,
  mayHold,
  places,
  placesOf,
  secretKindOf,
  secretsInOrder,
  tablesOf,
  type TableName,
} from '../../domain/data-map.ts';
import { activities } from '../../domain/data-map/activities.ts';
import { entities, orchestrations } from '../../domain/data-map/durable.ts';
import { secrets } from '../../domain/data-map/elsewhere.ts';
import { hoursKeptAfter } from '../../domain/data-map/retention.ts';
import { tables } from '../../domain/data-map/tables.ts';
import { dataKinds } from '../../domain/data-map/words.ts';
import * as everySecretName from '../../domain/secret-names.ts';
import { migrate } from '../../store/migrate.ts';
import { openSettings } from '../../store/store.ts';

const secretNames = { ...everySecretName };
const categories = ['service', 'licence', 'billing', 'none'] as const;
const personalKinds = new Set<string>(
  Object.entries(dataKinds).flatMap(([kind, { personal }]) => (personal ? [kind] : [])),
);
const sorted = (names: Iterable<string>): string[] => [...names].sort();

/** Every table of a database with the newest schema, with its columns. */
async function realTables(): Promise<Record<string, string[]>> {
  const directory = await mkdtemp(join(tmpdir(), 'data-map-'));
  const database = openSettings({ file: join(directory, 'hub.sqlite') });
  try {
    await migrate(database);
    const found = await database.whole.introspection.getTables({ withInternalKyselyTables: true });
    return Object.fromEntries(
      found.map(({ name, columns }) => [name, sorted(columns.map((each) => each.name))]),
    );
  } finally {
    await database.close();
    await rm(directory, { recursive: true });
  }
}

test('the map has every table and every column of the database, and no other', async () => {
  const mapped = Object.fromEntries(
    categories
      .flatMap((category) => tablesOf(category))
      .map((name) => [name, sorted(Object.keys(columnsOf(name)))]),
  );
  expect(mapped).toEqual(await realTables());
});

test("a table is erased by the tenant's rows if, and only if, its rows have a tenant", () => {
  for (const name of Object.keys(tables) as TableName[]) {
    expect([name, tables[name].erased.by === 'tenantRows']).toEqual([name, 'tenant_id' in columnsOf(name)]);
  }
});

test('what is erased first needs nothing that is erased later: tenants and due deletions go last', () => {
  expect(tablesOf('service').at(-1)).toBe('tenants');
  expect(tablesOf('licence')).toEqual(['licences']);
  expect(tablesOf('billing')).toEqual(['billing_events', 'subscriptions', 'due_deletions']);
});

test('the promise: 24 hours or 7 days for service data, 30 days for licences, 90 days for billing', () => {
  expect(hoursKeptAfter('cancelled', 'service')).toBe(24);
  expect(hoursKeptAfter('suspended', 'service')).toBe(7 * 24);
  expect(hoursKeptAfter('cancelled', 'licence')).toBe(30 * 24);
  expect(hoursKeptAfter('cancelled', 'billing')).toBe(90 * 24);
  expect(hoursKeptAfter('suspended', 'licence')).toBeUndefined();
  expect(hoursKeptAfter('suspended', 'billing')).toBeUndefined();
});

test('of what is kept longer than service data, only the purchase tells of anybody', () => {
  const longer = [...tablesOf('licence'), ...tablesOf('billing'), ...tablesOf('none')];
  const personal = longer.flatMap((table) =>
    Object.keys(columnsOf(table))
      .filter((column) => isPersonal(table, column as never))
      .map((column) => `${table}.${column}`),
  );
  expect(personal).toEqual(['billing_events.purchaser_mail', 'billing_events.purchaser_object_id']);
});

test('what falls under no promise is of no customer', () => {
  for (const [id, { holds, whose }] of placesOf('none')) {
    expect([id, whose]).toEqual([id, ['nobody']]);
    expect([id, holds.filter((kind) => kind === 'companyId' || personalKinds.has(kind))]).toEqual([id, []]);
  }
});

test('tokens are in the key vault and nowhere else', () => {
  const holders = [...places].filter(([, { holds }]) => holds.includes('token'));
  expect(holders.map(([id]) => id)).toEqual(['secret:graphGrantName', 'secret:ringCentralGrantName']);
  for (const [, { where }] of holders) expect(where).toBe('Azure Key Vault');
});

test('no orchestration and no activity passes on what is known of a person, but for ids', () => {
  const passed = [
    ...Object.values(orchestrations).flatMap(({ holds }) => [...holds]),
    ...Object.values(activities).flatMap(([, ...holds]) => [...holds]),
  ];
  expect(sorted(new Set(passed))).toEqual(['companyId', 'directoryId', 'vendorId']);
});

test('every kind of secret has a name that no other kind has, and the key of the pseudonyms is purged last', () => {
  const kinds = Object.keys(secrets) as (keyof typeof secrets)[];
  expect(sorted(Object.keys(secretNames))).toEqual(sorted(kinds));
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), (tenantId, shard) => {
      for (const kind of kinds) expect(secretKindOf(secretNames[kind](tenantId, shard))).toBe(kind);
    }),
  );
  for (const kind of kinds) {
    expect(secretNames[kind]('{tenantId}', '{shard}' as never)).toBe(secrets[kind].named);
  }
  expect(secretKindOf('signing-key')).toBeUndefined();
  expect(secretsInOrder().at(-1)).toBe('pseudonymKeyName');
  expect(new Set(kinds.map((kind) => secrets[kind].erased.turn)).size).toBe(kinds.length);
});

test('every durable id is made as the map says, so that what it names can be found and purged', () => {
  const made: Record<string, string> = {
    userPresenceKey: identities.userPresenceKey('{tenantId}', '{userId}'),
    outboxKey: identities.outboxKey('{tenantId}', '{side}' as never),
    deliveryId: identities.deliveryId('{tenantId}', '{side}' as never, '{epoch}' as never),
    renewalId: identities.renewalId('{tenantId}', '{alarm}' as never),
    graphKeeperId: identities.graphKeeperId('{tenantId}', '{shard}' as never),
    ringCentralKeeperId: identities.ringCentralKeeperId('{tenantId}'),
    probeId: identities.probeId('{tenantId}', '{side}' as never, '{shard}' as never),
    onboardingId: identities.onboardingId('{tenantId}'),
    resumptionId: identities.resumptionId('{tenantId}', '{version}' as never),
    exitId: identities.exitId('{tenantId}', '{version}' as never),
    exportId: identities.exportId('{tenantId}'),
    directorySyncId: identities.directorySyncId('{tenantId}'),
    onboardingDirectoryId: identities.onboardingDirectoryId('{tenantId}', '{at}'),
    departuresId: identities.departuresId('{tenantId}'),
    tendingId: identities.tendingId('{tenantId}', '{at}'),
    resyncId: identities.resyncId('{tenantId}', '{side}' as never, '{at}'),
    readId: identities.readId('{tenantId}', '{unique}'),
    rulesRunId: identities.rulesRunId('{tenantId}', '{number}' as never),
    exceptionRunId: identities.exceptionRunId('{tenantId}', '{number}' as never),
    quietHoursId: identities.quietHoursId('{tenantId}'),
    previewId: identities.previewId('{tenantId}', '{at}'),
    activationId: identities.activationId('{tenantId}'),
    suspensionId: identities.suspensionId('{tenantId}', '{entered}' as never),
    cancellationId: identities.cancellationId('{tenantId}'),
    erasureId: identities.erasureId('{tenantId}', '{category}' as never),
  };
  // These name no tenant, and go when they are old enough.
  const nobodys = ['operationInstanceId', 'reconciliationId'];
  const makers = Object.keys(identities).filter((name) => /^[a-z]\w+(Id|Key)$/.test(name));
  expect(sorted(Object.keys(made))).toEqual(
    sorted(makers.filter((name) => !name.startsWith('parse') && !nobodys.includes(name))),
  );
  const mapped = [
    ...Object.values(entities).map(({ erased }) => (erased.by === 'entityPurge' ? [erased.key] : [])),
    ...Object.values(orchestrations).map(({ erased }) => (erased.by === 'instancePurge' ? erased.ids : [])),
  ].flat();
  expect(sorted(mapped)).toEqual(sorted([...Object.values(made), '{tenantId}']));
});

test('the entities are those of the contracts', () => {
  expect(sorted(Object.keys(entities))).toEqual(sorted(Object.values(identities.entityNames)));
});

test('a column may hold what it is said to hold, a place what any of it may, and what is not in the map nothing', () => {
  expect(mayHold('sql:users.mail', 'mail')).toBe(true);
  expect(mayHold('sql:users.mail', 'phone')).toBe(false);
  expect(mayHold('sql:users', 'phone')).toBe(true);
  expect(mayHold('sql:users.shoe_size', 'name')).toBe(false);
  expect(mayHold('sql:elsewhere', 'name')).toBe(false);
  expect(mayHold('entity:userPresence', 'presence')).toBe(true);
  expect(mayHold('orchestration:deliverPresence', 'presence')).toBe(false);
});
