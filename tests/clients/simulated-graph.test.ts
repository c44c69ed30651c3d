import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { X509CertificateGenerator, PemConverter } from '@peculiar/x509';
import { makeGraphClient, type GraphClient } from '../../clients/graph/graph-client.ts';
import { makeNotificationReader, readNotificationBatch } from '../../clients/graph/notifications.ts';
import { watchesExactly } from '../../clients/graph/presence-filter.ts';
import type { Tokens } from '../../clients/tokens.ts';
import { failureOf } from './fakes.ts';
import { openOddServer, type OddServer } from './odd-server.ts';
import { refreshTokenOf, simulateVendors, type SimulatedVendors } from './simulated-vendors.ts';

const minute = 60_000;
let certificate: { id: string; derBase64: string; privateKeyPem: string };
let vendors: SimulatedVendors;
let tokens: Tokens;
let graph: GraphClient;
let people: string[];
let receiver: OddServer;

beforeAll(async () => {
  certificate = await aCertificate();
});
beforeEach(async () => {
  vendors = await simulateVendors();
  tokens = vendors.worker();
  await tokens.storeGraphGrant('t1', 0, refreshTokenOf(vendors));
  graph = makeGraphClient({
    baseUrl: vendors.graph.url,
    tokens,
    clientId: vendors.application.clientId,
    clock: vendors.clock,
  });
  people = ['Ada', 'Grace', 'Edsger'].map((givenName) => vendors.addPerson(givenName));
  receiver = await openOddServer();
  receiver.answer = ({ path }) => {
    const validationToken = new URL(path, receiver.url).searchParams.get('validationToken');
    return validationToken === null
      ? { status: 202 }
      : { body: validationToken, headers: { 'content-type': 'text/plain' } };
  };
});
afterEach(async () => {
  await vendors.close();
  await receiver.close();
});

const inMinutes = (minutes: number): Date => new Date(vendors.clock().getTime() + minutes * minute);
const asked = () => ({
  userIds: people,
  notificationUrl: `${receiver.url}/notifications`,
  lifecycleNotificationUrl: `${receiver.url}/lifecycle`,
  clientState: 'state',
  expiresAt: inMinutes(59),
});
const busyFor = (userId: string, durationMinutes: number) =>
  ({ userId, kind: 'set', availability: 'Busy', activity: 'InACall', durationMinutes }) as const;
const cleared = (userId: string) => ({ userId, kind: 'clear' }) as const;
const posted = (path: string) =>
  receiver.received
    .filter((request) => request.path === path)
    .map(({ body }) => readNotificationBatch(JSON.parse(body)));

describe('presence subscriptions', () => {
  test('are made, found, renewed and deleted', async () => {
    const { tenant } = vendors;
    const made = await graph.createPresenceSubscription(tenant, 0, asked());
    expect(made.expiresAt).toEqual(inMinutes(59));
    expect(await graph.listSubscriptions(tenant, 0)).toMatchObject([
      { id: made.id, clientState: 'state', notificationUrl: asked().notificationUrl },
    ]);
    await vendors.virtualClock.advance(40 * minute);
    const renewed = await graph.renewSubscription(tenant, 0, made.id, inMinutes(10));
    expect(renewed.expiresAt).toEqual(inMinutes(45));
    await graph.deleteSubscription(tenant, 0, made.id);
    await graph.deleteSubscription(tenant, 0, made.id);
    expect(await graph.listSubscriptions(tenant, 0)).toEqual([]);
    expect(await failureOf(graph.renewSubscription(tenant, 0, made.id, inMinutes(59)))).toMatchObject({
      failure: 'notFound',
    });
  });

  test('are one for each service user, which can be recognised for adoption', async () => {
    const { tenant } = vendors;
    const made = await graph.createPresenceSubscription(tenant, 0, asked());
    expect(await failureOf(graph.createPresenceSubscription(tenant, 0, asked()))).toMatchObject({
      failure: 'conflict',
      code: 'ExtensionError',
    });
    const standing = await graph.listSubscriptions(tenant, 0);
    expect(standing.map(({ id, resource }) => [id, watchesExactly(resource, people)])).toEqual([
      [made.id, true],
    ]);
  });

  test('are refused when the address does not prove itself', async () => {
    receiver.answer = () => ({ status: 200, body: 'hello' });
    expect(await failureOf(graph.createPresenceSubscription(vendors.tenant, 0, asked()))).toMatchObject({
      failure: 'rejected',
      code: 'InvalidRequest',
    });
  });

  test('deliver without a pause for as long as they are renewed', async () => {
    const { tenant, virtualClock } = vendors;
    const { id } = await graph.createPresenceSubscription(tenant, 0, asked());
    for (let hours = 0; hours < 6; hours += 0.75) {
      await virtualClock.advance(44 * minute);
      vendors.graph.setPersonPresence(people[0] ?? '', { availability: 'Busy', activity: `Step${hours}` });
      await virtualClock.advance(minute);
      await graph.renewSubscription(tenant, 0, id, inMinutes(59));
    }
    expect(posted('/notifications')).toHaveLength(8);
  });

  test('need the customer when consent is gone', async () => {
    const { entra, tenant, application } = vendors;
    await graph.createPresenceSubscription(tenant, 0, asked());
    entra.grants.withdrawConsent(tenant.microsoftTenantId, application.clientId);
    expect(await failureOf(graph.listSubscriptions(tenant, 0))).toMatchObject({
      failure: 'consentRevoked',
    });
    expect(await failureOf(graph.writePresences(tenant, [cleared(people[0] ?? '')]))).toMatchObject({
      failure: 'consentRevoked',
    });
  });
});

describe('notifications', () => {
  test('carry the presence for our certificate, vouched for by Graph', async () => {
    const { tenant, application } = vendors;
    await graph.createPresenceSubscription(tenant, 0, { ...asked(), certificate });
    vendors.graph.setPersonPresence(people[1] ?? '', { availability: 'Busy', activity: 'InACall' });
    await vendors.idle();
    const [batch] = posted('/notifications');
    const [change] = batch?.changes ?? [];
    expect(change).toMatchObject({
      clientState: 'state',
      microsoftTenantId: tenant.microsoftTenantId,
      userId: people[1],
    });
    const reader = makeNotificationReader({
      clientId: application.clientId,
      authorityUrl: vendors.entra.url,
      certificates: [certificate],
      clock: vendors.clock,
    });
    expect(await reader.verifyValidationTokens(batch?.validationTokens ?? [])).toEqual({
      tenantIds: new Set([tenant.microsoftTenantId]),
    });
    expect(reader.decrypt(change?.encryptedContent)).toMatchObject({
      userId: people[1],
      availability: 'Busy',
      activity: 'InACall',
    });
  });

  test('name only the person without a certificate, and announce the end of a subscription', async () => {
    const { id } = await graph.createPresenceSubscription(vendors.tenant, 0, asked());
    vendors.graph.setPersonPresence(people[2] ?? '', { availability: 'Away', activity: 'Away' });
    vendors.graph.lifecycle(id, 'reauthorizationRequired');
    await vendors.idle();
    expect(posted('/notifications')).toMatchObject([
      { changes: [{ subscriptionId: id, userId: people[2] }], lifecycleEvents: [], validationTokens: [] },
    ]);
    expect(posted('/lifecycle')).toMatchObject([
      {
        lifecycleEvents: [
          { lifecycleEvent: 'reauthorizationRequired', subscriptionId: id, clientState: 'state' },
        ],
      },
    ]);
  });
});

describe('presence', () => {
  test('is set for hours, read and taken back', async () => {
    const { tenant } = vendors;
    const [ada = '', grace = ''] = people;
    vendors.graph.setPersonPresence(ada, { availability: 'Available', activity: 'Available' });
    await graph.writePresences(tenant, [busyFor(ada, 240)]);
    const presences = await graph.readPresences(tenant, [ada, grace]);
    expect(presences.find(({ userId }) => userId === ada)).toMatchObject({
      availability: 'Busy',
      activity: 'InACall',
    });
    expect(presences).toHaveLength(2);
    await graph.writePresences(tenant, [cleared(ada)]);
    await graph.writePresences(tenant, [cleared(ada)]);
    expect(await graph.readPresences(tenant, [ada])).toMatchObject([{ availability: 'Available' }]);
  });

  test('is written in batches, each part of which is throttled for itself and again by itself', async () => {
    const { tenant, simulation } = vendors;
    const [ada = '', grace = '', edsger = ''] = people;
    simulation.faults.add({
      vendor: 'graph',
      kind: 'throttle',
      retryAfterSeconds: 9,
      match: grace,
      count: 1,
    });
    const outcomes = await graph.writePresences(tenant, [
      busyFor(ada, 240),
      busyFor(grace, 240),
      cleared(edsger),
    ]);
    expect(outcomes).toMatchObject([undefined, { failure: 'throttled', retryAfterSeconds: 9 }, undefined]);
    expect(await graph.writePresences(tenant, [busyFor(grace, 240), cleared(ada)])).toEqual([
      undefined,
      undefined,
    ]);
    expect(vendors.graph.showPresence(grace)).toMatchObject({ availability: 'Busy' });
    expect(vendors.graph.showPresence(ada)).toMatchObject({ availability: 'Available' });
  });

  test('is refused outside what Graph allows, throttled and unavailable as Graph says', async () => {
    const { tenant, simulation } = vendors;
    const [ada = ''] = people;
    expect(await failureOf(graph.writePresences(tenant, [busyFor(ada, 4)]))).toMatchObject({
      failure: 'rejected',
    });
    simulation.faults.add({ vendor: 'graph', kind: 'throttle', retryAfterSeconds: 7, count: 1 });
    expect(await failureOf(graph.readPresences(tenant, [ada]))).toMatchObject({
      failure: 'throttled',
      retryAfterSeconds: 7,
    });
    simulation.faults.add({ vendor: 'graph', kind: 'status', status: 503, count: 1 });
    expect(await failureOf(graph.readPresences(tenant, [ada]))).toMatchObject({ failure: 'unavailable' });
    simulation.faults.add({ vendor: 'graph', kind: 'dropResponse', count: 1 });
    expect(await failureOf(graph.readPresences(tenant, [ada]))).toMatchObject({ failure: 'unavailable' });
  });
});

async function aCertificate() {
  const signingAlgorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Test',
      notBefore: new Date('2025-01-01T00:00:00Z'),
      notAfter: new Date('2035-01-01T00:00:00Z'),
      signingAlgorithm,
      keys,
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    id: 'key-1',
    derBase64: Buffer.from(made.rawData).toString('base64'),
    privateKeyPem: PemConverter.encode(key, 'PRIVATE KEY'),
  };
}
