/** What an erasure looks for: everything that is the tenant's, and nothing that is anybody else's. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as identities from '../../contracts/identities.ts';
import { placesOf } from '../../domain/data-map.ts';
import { erasurePlan, hoursLate, isLate, secondsBeforeRound, type Begun } from '../../domain/erasure-plan.ts';
import * as secretNames from '../../domain/secret-names.ts';

const categories = ['service', 'licence', 'billing'] as const;
const tenants = fc.uuid().map((id) => id.toLowerCase());
const finds = (places: readonly Begun[], id: string): boolean =>
  places.some(({ prefix }) => id.startsWith(prefix));

test("a tenant's durable ids are found, and no other tenant's", () => {
  fc.assert(
    fc.property(tenants, tenants, fc.uuid(), fc.nat(99), (tenantId, other, userId, shard) => {
      fc.pre(tenantId !== other);
      const { instances, entities, secrets } = erasurePlan(tenantId, 'service');
      const ids = (id: string) => [
        identities.onboardingId(id),
        identities.tendingId(id, '2026-03-02T08:00:00.000Z'),
        identities.graphKeeperId(id, shard),
        identities.ringCentralKeeperId(id),
        identities.resyncId(id, 'teams', '2026-03-02T08:00:00.000Z'),
        identities.readId(id, userId),
        identities.deliveryId(id, 'ringCentral', shard),
      ];
      const keys = (id: string) => [
        `@tenant@${id}`,
        `@userpresence@${identities.userPresenceKey(id, userId)}`,
        `@presenceoutbox@${identities.outboxKey(id, 'teams')}`,
      ];
      const names = (id: string) => [
        secretNames.graphGrantName(id, shard),
        secretNames.ringCentralGrantName(id),
        secretNames.pseudonymKeyName(id),
      ];
      for (const id of ids(tenantId)) expect([id, finds(instances, id)]).toEqual([id, true]);
      for (const key of keys(tenantId)) expect([key, finds(entities, key)]).toEqual([key, true]);
      for (const name of names(tenantId)) expect([name, finds(secrets, name)]).toEqual([name, true]);
      for (const id of ids(other)) expect(finds(instances, id)).toBe(false);
      for (const key of keys(other)) expect(finds(entities, key)).toBe(false);
      for (const name of names(other)) expect(finds(secrets, name)).toBe(false);
    }),
  );
});

test('nothing is looked for under what everybody’s ids begin with', () => {
  fc.assert(
    fc.property(tenants, fc.constantFrom(...categories), (tenantId, category) => {
      const { instances, entities, secrets } = erasurePlan(tenantId, category);
      for (const { prefix } of [...instances, ...entities, ...secrets]) expect(prefix).toContain(tenantId);
    }),
  );
});

test('every place whose data can be picked out is in the plan of its category', () => {
  for (const category of categories) {
    const plan = erasurePlan('0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11', category);
    const planned = new Set([
      ...[...plan.instances, ...plan.entities, ...plan.secrets].map(({ placeId }) => placeId),
      ...plan.blobs,
      ...plan.tables.map((table) => `sql:${table}`),
    ]);
    const wanted = placesOf(category)
      .filter(([, { erased }]) => !['addressee', 'ageing', 'nothing'].includes(erased.by))
      .filter(([, { erased }]) => erased.by !== 'instancePurge' || erased.ids.some(hasTenant))
      .map(([id]) => id)
      // A row of it goes when what it asks for is done.
      .filter((id) => id !== 'sql:due_deletions');
    expect([...planned].toSorted()).toEqual(wanted.toSorted());
  }
});

function hasTenant(id: string): boolean {
  return id.includes('{tenantId}');
}

test('the key of the pseudonyms is the last secret, and tenants the last table', () => {
  const { secrets, tables } = erasurePlan('0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11', 'service');
  expect(secrets.at(-1)?.placeId).toBe('secret:pseudonymKeyName');
  expect(tables.at(-1)).toBe('tenants');
});

test('rounds come ever later, up to an hour apart', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(secondsBeforeRound)).toEqual([
    60, 120, 240, 480, 960, 1920, 3600, 3600,
  ]);
  expect(secondsBeforeRound(100_000)).toBe(3600);
});

test('an erasure is late a whole hour after it was due', () => {
  const dueAt = new Date('2026-03-02T08:00:00.000Z');
  expect(isLate(dueAt, new Date('2026-03-02T08:59:59.999Z'))).toBe(false);
  expect(isLate(dueAt, new Date('2026-03-02T09:00:00.000Z'))).toBe(true);
  expect(hoursLate(dueAt, new Date('2026-03-02T07:00:00.000Z'))).toBe(0);
  expect(hoursLate(dueAt, new Date('2026-03-03T09:30:00.000Z'))).toBe(25);
});
