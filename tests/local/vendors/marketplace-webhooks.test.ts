/** The simulated marketplace's webhooks: what is told, what waits for an answer, and what can go wrong on the way. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { forgerySchema, quirkSchema } from '../../../local/vendors/faults.ts';
import { aPublisher, type Publisher } from './marketplace-driver.ts';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
const marketplaceId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/** What the publisher answers; a test may change it. */
let answer: (action: unknown) => number | Promise<number>;
let publisher: Publisher;
beforeEach(async () => {
  answer = () => 200;
  publisher = await aPublisher({ answer: ({ body }) => answer(body['action']) });
});
afterEach(() => publisher.close());

const shown = (id: string) => publisher.marketplace.show(id);
const planOf = (id: string) => shown(id).subscription as { planId: string; quantity?: number };
const act: Publisher['marketplace']['act'] = (...what) => publisher.marketplace.act(...what);
const settle = () => publisher.work.whenIdle();
const operation = (id: string, { operationId }: { operationId: string }) =>
  publisher.call('GET', `/${id}/operations/${operationId}`);
const acknowledge = (id: string, { operationId }: { operationId: string }, status: string) =>
  publisher.call('PATCH', `/${id}/operations/${operationId}`, { body: { status } });

describe('a webhook', () => {
  test('says what is asked for, how things stand, and who sends it', async () => {
    const id = await publisher.subscribed({ planId: 'standard', quantity: 10 });
    const { operationId } = act(id, 'change-plan', { planId: 'premium' });
    await settle();
    const [webhook] = publisher.received;
    expect(webhook?.body).toMatchObject({
      id: operationId,
      subscriptionId: id,
      action: 'ChangePlan',
      status: 'InProgress',
      planId: 'premium',
      quantity: 10,
      operationRequestSource: 'Azure',
      subscription: { planId: 'standard', saasSubscriptionStatus: 'Subscribed' },
      purchaseToken: null,
    });
    if (webhook === undefined) throw new Error('There is no webhook.');
    const { clientId } = publisher.vendors.apps.marketplace;
    const tenant = publisher.vendors.publisherTenantId;
    expect(await publisher.claimsOf(webhook)).toMatchObject({
      aud: clientId,
      tid: tenant,
      appid: marketplaceId,
      iss: `https://sts.windows.net/${tenant}/`,
    });
  });

  test('may carry a token of version 2.0, and is signed by the newest key', async () => {
    publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'quirk', quirk: 'tokenVersion2' });
    await publisher.vendors.rotateKeys('withdraw');
    act(await publisher.subscribed(), 'suspend');
    await settle();
    const [webhook] = publisher.received;
    if (webhook === undefined) throw new Error('There is no webhook.');
    const claims = await publisher.claimsOf(webhook);
    expect(claims).toMatchObject({ azp: marketplaceId, ver: '2.0' });
    expect(claims.iss).toBe(`https://login.microsoftonline.com/${publisher.vendors.publisherTenantId}/v2.0`);
  });

  test('is repeated for eight hours, 500 times in all, with a fresh token, when it is not answered 200', async () => {
    answer = () => 202;
    const id = await publisher.subscribed();
    const asked = act(id, 'change-quantity', { quantity: 11 });
    await publisher.clock.advance(7.9 * hour);
    expect((await operation(id, asked)).body['status']).toBe('InProgress');
    await publisher.clock.advance(hour);
    expect(publisher.received).toHaveLength(500);
    expect(new Set(publisher.received.map(({ authorization }) => authorization)).size).toBe(500);
    expect((await operation(id, asked)).body['status']).toBe('Failed');
    expect(planOf(id).quantity).toBe(10);
  }, 30_000);
});

describe('a change', () => {
  test('is taken as accepted ten seconds after its webhook', async () => {
    const id = await publisher.subscribed();
    const asked = act(id, 'change-quantity', { quantity: 11 });
    await publisher.clock.advance(9 * second);
    expect((await publisher.call('GET', `/${id}/operations`)).body).toMatchObject({
      operations: [{ id: asked.operationId, action: 'ChangeQuantity', status: 'InProgress' }],
    });
    expect(planOf(id).quantity).toBe(10);
    await publisher.clock.advance(second);
    expect((await operation(id, asked)).body['status']).toBe('Succeeded');
    expect(planOf(id).quantity).toBe(11);
    expect((await publisher.call('GET', `/${id}/operations`)).body).toEqual({});
    expect((await acknowledge(id, asked, 'Success')).status).toBe(409);
  });

  test('is accepted or refused by the publisher before', async () => {
    const id = await publisher.subscribed();
    const refused = act(id, 'change-plan', { planId: 'premium' });
    await settle();
    expect((await acknowledge(id, refused, 'Failure')).status).toBe(200);
    await publisher.clock.advance(day);
    expect((await operation(id, refused)).body['status']).toBe('Failed');
    expect(planOf(id).planId).toBe('standard');
    const accepted = act(id, 'change-plan', { planId: 'team' });
    await settle();
    expect((await acknowledge(id, accepted, 'Success')).status).toBe(200);
    expect(planOf(id)).toMatchObject({ planId: 'team' });
    expect(planOf(id)).not.toHaveProperty('quantity');
  });

  test('is refused by a 4xx answer, and not repeated', async () => {
    answer = () => 400;
    const id = await publisher.subscribed();
    const asked = act(id, 'change-quantity', { quantity: 11 });
    await publisher.clock.advance(day);
    expect(publisher.received).toHaveLength(1);
    expect((await operation(id, asked)).body['status']).toBe('Failed');
  });

  test('that is done makes an older one that waits a conflict', async () => {
    const id = await publisher.subscribed();
    const older = act(id, 'change-quantity', { quantity: 11 });
    const newer = act(id, 'change-quantity', { quantity: 12 });
    await settle();
    expect((await acknowledge(id, newer, 'Success')).status).toBe(200);
    expect((await acknowledge(id, older, 'Success')).status).toBe(409);
    await publisher.clock.advance(day);
    expect(planOf(id).quantity).toBe(12);
    expect((await operation(id, older)).body['status']).toBe('Conflict');
  });

  test('by the publisher is answered with where to look, and comes by webhook too', async () => {
    const id = await publisher.subscribed();
    const answered = await publisher.call('PATCH', `/${id}`, { body: { quantity: 12 } });
    expect(answered.status).toBe(202);
    const location = answered.headers.get('operation-location') ?? '';
    expect(location).toContain(`${publisher.vendors.urls.marketplace}/saas/subscriptions/${id}/operations/`);
    await publisher.clock.advance(10 * second);
    expect(publisher.received.map(({ body }) => body)).toMatchObject([
      { action: 'ChangeQuantity', operationRequestSource: 'Partner' },
    ]);
    expect(planOf(id).quantity).toBe(12);
  });

  test.each([{ quantity: 10 }, { quantity: 0 }, { planId: 'standard' }, { planId: 'none' }])(
    'is not made to %j',
    async (body) => {
      const id = await publisher.subscribed();
      expect((await publisher.call('PATCH', `/${id}`, { body })).status).toBe(400);
    },
  );

  test('is for who may make it, of what is Subscribed', async () => {
    const partners = await publisher.subscribed({ throughPartner: true });
    const body = { quantity: 11 };
    expect((await publisher.call('PATCH', `/${partners}`, { body })).status).toBe(400);
    expect((await publisher.call('DELETE', `/${partners}`)).status).toBe(400);
    act(partners, 'suspend');
    expect(() => act(partners, 'change-quantity', body)).toThrow('not Subscribed');
  });
});

describe('a suspension', () => {
  test('is told at once, and ends after 30 days for good', async () => {
    const id = await publisher.subscribed({ termUnit: 'P1Y' });
    act(id, 'suspend');
    await settle();
    expect(await publisher.statusOf(id)).toBe('Suspended');
    await publisher.clock.advance(30 * day);
    expect(await publisher.statusOf(id)).toBe('Unsubscribed');
    expect(publisher.received.map(({ body }) => body)).toMatchObject([
      { action: 'Suspend', status: 'Succeeded' },
      { action: 'Unsubscribe', status: 'Succeeded' },
    ]);
    expect(() => act(id, 'unsubscribe')).toThrow('already');
  });

  test('is lifted once the publisher has heard, and that cannot be refused', async () => {
    const id = await publisher.subscribed({ termUnit: 'P1Y' });
    act(id, 'suspend');
    answer = () => 404;
    const asked = act(id, 'reinstate');
    await publisher.clock.advance(hour);
    expect((await acknowledge(id, asked, 'Failure')).status).toBe(400);
    expect(await publisher.statusOf(id)).toBe('Suspended');
    answer = () => 200;
    await publisher.clock.advance(2 * 60 * second);
    expect(await publisher.statusOf(id)).toBe('Subscribed');
    await publisher.clock.advance(40 * day);
    expect(await publisher.statusOf(id)).toBe('Subscribed');
  });

  test('is lifted at once by the publisher', async () => {
    const id = await publisher.subscribed();
    act(id, 'suspend');
    const asked = act(id, 'reinstate');
    await settle();
    expect((await acknowledge(id, asked, 'Success')).status).toBe(200);
    expect(await publisher.statusOf(id)).toBe('Subscribed');
  });
});

describe('a cancellation', () => {
  test('by the publisher waits for what is under way, and is done a little later', async () => {
    const id = await publisher.subscribed();
    act(id, 'change-quantity', { quantity: 11 });
    await settle();
    expect((await publisher.call('DELETE', `/${id}`)).status).toBe(409);
    await publisher.clock.advance(10 * second);
    expect((await publisher.call('DELETE', `/${id}`)).status).toBe(202);
    expect(await publisher.statusOf(id)).toBe('Subscribed');
    await publisher.clock.advance(2 * second);
    expect(await publisher.statusOf(id)).toBe('Unsubscribed');
    expect(publisher.received.at(-1)?.body).toMatchObject({
      action: 'Unsubscribe',
      operationRequestSource: 'Partner',
    });
  });

  test('turns what waits for an answer into a conflict', async () => {
    const id = await publisher.subscribed();
    const asked = act(id, 'change-quantity', { quantity: 11 });
    act(id, 'unsubscribe');
    await publisher.clock.advance(day);
    expect((await operation(id, asked)).body['status']).toBe('Conflict');
    expect(planOf(id).quantity).toBe(10);
  });
});

describe('on request', () => {
  test('webhooks are late, doubled, out of order and lost', async () => {
    const id = await publisher.subscribed();
    const { faults } = publisher.vendors;
    const of = { vendor: 'marketplace', count: 1 } as const;
    faults.add({ ...of, kind: 'late', delaySeconds: 3600, match: '"Renew"' });
    faults.add({ ...of, kind: 'double', match: '"Transfer"' });
    faults.add({ ...of, kind: 'reorder', match: '"Suspend"' });
    faults.add({ ...of, kind: 'drop', match: '"Reinstate"' });
    act(id, 'renew');
    act(id, 'transfer');
    await settle();
    act(id, 'suspend');
    act(id, 'reinstate');
    act(id, 'unsubscribe');
    await publisher.clock.advance(hour);
    const actions = publisher.received.map(({ body }) => body['action']);
    expect(actions).toEqual(['Transfer', 'Transfer', 'Unsubscribe', 'Suspend', 'Renew']);
  });

  test('an impostor sends the same too', async () => {
    publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'forge', how: 'algNone', count: 1 });
    const id = await publisher.subscribed();
    const asked = act(id, 'change-quantity', { quantity: 11 });
    await publisher.clock.advance(10 * second);
    const [one, other] = publisher.received;
    expect(one?.body).toEqual(other?.body);
    expect(
      shown(id)
        .webhooks.map(({ forged }) => forged ?? 'genuine')
        .sort(),
    ).toEqual(['algNone', 'genuine']);
    expect((await operation(id, asked)).body['status']).toBe('Succeeded');
  });

  test.each(forgerySchema.options)('only an impostor does, its token with %s', async (how) => {
    publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'forge', how });
    publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'drop' });
    const id = await publisher.subscribed();
    answer = () => 401;
    const asked = act(id, 'change-quantity', { quantity: 11 });
    await publisher.clock.advance(hour);
    expect(shown(id).webhooks).toMatchObject([{ forged: how, status: 401, attempt: 1 }]);
    expect((await operation(id, asked)).body['status']).toBe('InProgress');
  });

  test('a webhook comes out of the blue, once', async () => {
    answer = () => 500;
    const id = await publisher.subscribed();
    publisher.marketplace.sendWebhook({ subscriptionId: id, action: 'Levitate', forged: 'algNone' });
    publisher.marketplace.sendWebhook({ subscriptionId: id, action: 'Unsubscribe', operationId: 'x' });
    await publisher.clock.advance(hour);
    expect(publisher.received.map(({ body }) => body)).toMatchObject([
      { subscriptionId: id, action: 'Levitate' },
      { subscriptionId: id, action: 'Unsubscribe', id: 'x' },
    ]);
    expect(await publisher.statusOf(id)).toBe('Subscribed');
  });

  test('the marketplace has its habits', async () => {
    for (const quirk of quirkSchema.options)
      publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'quirk', quirk });
    const id = await publisher.subscribed();
    const flat = await publisher.subscribed({ planId: 'team', quantity: undefined });
    const asked = act(id, 'suspend');
    await settle();
    expect(publisher.received[0]?.body).toMatchObject({ action: ' Suspended  ', schemaVersion: 'next' });
    expect((await operation(id, asked)).status).toBe(404);
    expect(await publisher.statusOf(id)).toBe(' Suspended  ');
    expect(planOf(id)).not.toHaveProperty('quantity');
    publisher.vendors.faults.clear();
    for (const quirk of ['textQuantity', 'emptyQuantity'] as const)
      publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'quirk', quirk });
    expect([planOf(id).quantity, planOf(flat).quantity]).toEqual(['10', '']);
    publisher.vendors.faults.clear();
    expect(planOf(id).quantity).toBe(10);
  });
});
