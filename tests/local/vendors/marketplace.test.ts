/** The simulated marketplace's API: who may call, what is sold, and how a purchase lives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aPublisher, type Publisher } from './marketplace-driver.ts';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

let publisher: Publisher;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  publisher = await aPublisher();
});
afterEach(async () => {
  await publisher.close();
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const actionsOf = ({ received }: Publisher) => received.map(({ body }) => body['action']);

describe('callers', () => {
  test('are the publisher with a token for the marketplace; all others are forbidden', async () => {
    const { vendors, call, tokenFor } = publisher;
    const graphToken = await tokenFor({
      client_id: vendors.apps.marketplace.clientId,
      client_secret: vendors.apps.marketplace.clientSecret,
      resource: 'https://graph.microsoft.com',
    });
    expect(graphToken).not.toBe('');
    for (const authorization of ['', 'Bearer x.y.z', `Bearer ${graphToken}`]) {
      const { status, body } = await call('GET', '', { headers: { authorization } });
      expect([status, body['code']]).toEqual([403, 'Forbidden']);
    }
    expect((await call('GET', '')).status).toBe(200);
  });

  test('need a token that has not ended', async () => {
    const { clientId, clientSecret } = publisher.vendors.apps.marketplace;
    const token = await publisher.tokenFor({ client_id: clientId, client_secret: clientSecret });
    const headers = { authorization: `Bearer ${token}` };
    expect((await publisher.call('GET', '', { headers })).status).toBe(200);
    await publisher.clock.advance(91 * 60 * second);
    expect((await publisher.call('GET', '', { headers })).status).toBe(403);
  });

  test('see nothing of what another publisher sold', async () => {
    const { subscriptionId } = publisher.marketplace.purchase({ quantity: 5, publisherId: 'somebody-else' });
    expect((await publisher.call('GET', `/${subscriptionId}`)).status).toBe(403);
    expect((await publisher.call('GET', '')).body).toEqual({});
  });

  test('name the version, no unknown parameter, no unknown field, and JSON', async () => {
    const { call } = publisher;
    const id = await publisher.subscribed();
    expect((await call('GET', `/${id}?x=1`)).status).toBe(400);
    expect((await call('GET', `/${id}?api-version=2019-01-01`)).status).toBe(400);
    expect((await call('GET', `/${id}?api-version=2018-08-31&expand=1`)).status).toBe(400);
    const both = { planId: 'premium', quantity: 6 };
    expect((await call('PATCH', `/${id}`, { body: both })).status).toBe(400);
    const headers = { 'content-type': 'text/plain' };
    expect((await call('PATCH', `/${id}`, { body: { quantity: 6 }, headers })).status).toBe(415);
    expect((await call('GET', '/6e1f4b7e-1111-4222-8333-944445555666')).status).toBe(404);
  });

  test('get their request ids back, or new ones', async () => {
    const headers = { 'x-ms-requestid': 'r-1' };
    const answer = await publisher.call('GET', '', { headers });
    expect(answer.headers.get('x-ms-requestid')).toBe('r-1');
    expect(answer.headers.get('x-ms-correlationid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a purchase', () => {
  const resolve = (token: string) =>
    publisher.call('POST', '/resolve', { headers: { 'x-ms-marketplace-token': token } });

  test('is resolved by its token for 24 hours', async () => {
    const { subscriptionId, purchaseToken } = publisher.marketplace.purchase({ quantity: 25 });
    expect((await resolve(purchaseToken)).body).toMatchObject({
      id: subscriptionId,
      planId: 'standard',
      quantity: 25,
      subscription: {
        id: subscriptionId,
        offerId: 'presence-hub',
        saasSubscriptionStatus: 'PendingFulfillmentStart',
        allowedCustomerOperations: ['Read', 'Update', 'Delete'],
        term: { termUnit: 'P1M' },
      },
    });
    expect((await resolve(encodeURIComponent(purchaseToken))).status).toBe(400);
    await publisher.clock.advance(day);
    expect((await resolve(purchaseToken)).status).toBe(400);
    expect((await resolve(publisher.marketplace.purchaseToken(subscriptionId))).status).toBe(200);
  });

  test('belongs to the customer that bought it, or to the one a partner bought it for', async () => {
    const { microsoftTenantId, users } = publisher.vendors.createCustomer({ users: 1 });
    const request = { quantity: 1, microsoftTenantId };
    const own = publisher.marketplace.purchase(request);
    const partners = publisher.marketplace.purchase({ ...request, throughPartner: true });
    const person = { tenantId: microsoftTenantId, objectId: users[0]?.userId, emailId: users[0]?.mail };
    expect((await publisher.call('GET', `/${own.subscriptionId}`)).body).toMatchObject({
      beneficiary: person,
      purchaser: person,
    });
    const { body } = await publisher.call('GET', `/${partners.subscriptionId}`);
    expect(body).toMatchObject({
      beneficiary: person,
      sandboxType: 'Csp',
      allowedCustomerOperations: ['Read'],
    });
    expect(body['purchaser']).not.toMatchObject({ tenantId: microsoftTenantId });
  });

  test('becomes Subscribed a little after it is activated, and says so by webhook', async () => {
    const { subscriptionId } = publisher.marketplace.purchase({ quantity: 25 });
    const activate = (body: unknown) => publisher.call('POST', `/${subscriptionId}/activate`, { body });
    expect((await activate({ planId: 'premium', quantity: 25 })).status).toBe(400);
    expect((await activate({ planId: 'standard', quantity: 24 })).status).toBe(400);
    expect((await activate({ planId: 'standard', quantity: 25, seats: 1 })).status).toBe(400);
    expect(await activate({ planId: 'standard', quantity: 25 })).toMatchObject({ status: 200, body: {} });
    expect(await publisher.statusOf(subscriptionId)).toBe('PendingFulfillmentStart');
    await publisher.clock.advance(5 * second);
    expect(await publisher.statusOf(subscriptionId)).toBe('Subscribed');
    expect((await publisher.call('GET', `/${subscriptionId}`)).body['term']).toMatchObject({
      startDate: '2030-01-01T00:00:00Z',
      endDate: '2030-01-31T00:00:00Z',
    });
    expect(publisher.received.map(({ body }) => body)).toMatchObject([
      { subscriptionId, action: 'Subscribe', status: 'Succeeded' },
    ]);
  });

  test('ends when what follows the activation fails, or when nobody activates it for 30 days', async () => {
    const failing = publisher.marketplace.purchase({ quantity: 2, activationFails: true });
    const body = { planId: 'standard', quantity: 2 };
    await publisher.call('POST', `/${failing.subscriptionId}/activate`, { body });
    await publisher.clock.advance(5 * second);
    expect(await publisher.statusOf(failing.subscriptionId)).toBe('Unsubscribed');
    const forgotten = publisher.marketplace.purchase({ quantity: 2 });
    await publisher.clock.advance(30 * day - 1);
    expect(publisher.marketplace.show(forgotten.subscriptionId).subscription).toMatchObject({
      saasSubscriptionStatus: 'PendingFulfillmentStart',
    });
    await publisher.clock.advance(1);
    expect(publisher.marketplace.show(forgotten.subscriptionId).subscription).toMatchObject({
      saasSubscriptionStatus: 'Unsubscribed',
    });
    expect(actionsOf(publisher)).toEqual(['Unsubscribe', 'Unsubscribe']);
  });

  test.each([
    [{ planId: 'none', quantity: 5 }],
    [{ planId: 'premium', quantity: 4 }],
    [{ planId: 'premium' }],
    [{ planId: 'team', quantity: 4 }],
    [{ planId: 'early-adopter', quantity: 4 }],
    [{ planId: 'premium', quantity: 5, isFreeTrial: true }],
    [{ termUnit: 'P1W', quantity: 5 }],
  ])('is not made of %j', (request) => {
    expect(() => publisher.marketplace.purchase(request)).toThrow();
  });

  test('shows the plans that its customer could have, one with its offers', async () => {
    const id = await publisher.subscribed({ planId: 'team', quantity: undefined });
    const { body } = await publisher.call('GET', `/${id}/listAvailablePlans`);
    expect(body['plans']).toMatchObject([
      { planId: 'standard', isPricePerSeat: true, minQuantity: 1 },
      { planId: 'premium', minQuantity: 5, maxQuantity: 1000 },
      { planId: 'team', isPricePerSeat: false },
      { planId: 'preview' },
      { planId: 'early-adopter', isStopSell: true },
    ]);
    const path = `/${id}/listAvailablePlans?api-version=2018-08-31`;
    expect((await publisher.call('GET', `${path}&planId=premium`)).body['plans']).toMatchObject([
      { planId: 'premium', sourceOffers: [{ externalId: 'presence-hub' }] },
    ]);
    expect((await publisher.call('GET', `${path}&planId=none`)).body).toEqual({ plans: [] });
    publisher.marketplace.act(id, 'unsubscribe');
    expect((await publisher.call('GET', `/${id}/listAvailablePlans`)).status).toBe(403);
  });

  test('stands in a list of pages of a hundred, the unsubscribed too', async () => {
    expect((await publisher.call('GET', '')).body).toEqual({});
    const bought = Array.from({ length: 101 }, () => publisher.marketplace.purchase({ quantity: 1 }));
    publisher.marketplace.act(bought[0]?.subscriptionId ?? '', 'unsubscribe');
    const first = (await publisher.call('GET', '')).body;
    const next = String(first['@nextLink']);
    expect(next).toContain(`${publisher.vendors.urls.marketplace}/saas/subscriptions?continuationToken=`);
    const last = (await publisher.call('GET', `?${next.split('?')[1]}`)).body;
    expect(last).not.toHaveProperty('@nextLink');
    const ids = [first, last].flatMap(({ subscriptions }) =>
      (subscriptions as { id: string }[]).map(({ id }) => id),
    );
    expect(ids).toEqual(bought.map(({ subscriptionId }) => subscriptionId));
  });
});

describe('terms', () => {
  test('are renewed as long as they are, each with a webhook', async () => {
    const monthly = await publisher.subscribed();
    const yearly = await publisher.subscribed({ termUnit: 'P1Y' });
    const odd = await publisher.subscribed({ termUnit: 'PAY' });
    await publisher.clock.advance(59 * day);
    const renewals = publisher.received.map(({ body }) => [body['action'], body['subscriptionId']]);
    const expected = [
      ['Renew', monthly],
      ['Renew', odd],
    ];
    expect(renewals).toEqual([...expected, ...expected]);
    const termOf = (id: string) => publisher.marketplace.show(id).subscription;
    expect(termOf(monthly)).toMatchObject({
      term: { startDate: '2030-03-01T00:00:00Z', endDate: '2030-03-31T00:00:00Z' },
    });
    expect(termOf(yearly)).toMatchObject({ term: { endDate: '2030-12-31T00:00:00Z' } });
    expect(termOf(odd)).toMatchObject({ term: { termUnit: 'PAY', endDate: '2030-03-31T00:00:00Z' } });
  });

  test('begin with a free month, or end when they are not to be renewed', async () => {
    const trial = await publisher.subscribed({ isFreeTrial: true, termUnit: 'P1Y' });
    const last = await publisher.subscribed({ autoRenew: false });
    expect(publisher.marketplace.show(trial).subscription).toMatchObject({ isFreeTrial: true });
    await publisher.clock.advance(31 * day);
    expect(publisher.marketplace.show(trial).subscription).toMatchObject({
      isFreeTrial: false,
      term: { startDate: '2030-02-01T00:00:00Z', endDate: '2031-01-31T00:00:00Z' },
    });
    expect(publisher.marketplace.show(last).subscription).toMatchObject({
      saasSubscriptionStatus: 'Unsubscribed',
    });
  });

  test('that run out during a suspension are renewed when it is lifted', async () => {
    const id = await publisher.subscribed();
    await publisher.clock.advance(20 * day);
    publisher.marketplace.act(id, 'suspend');
    await publisher.clock.advance(20 * day);
    expect(actionsOf(publisher)).toEqual(['Suspend']);
    publisher.marketplace.act(id, 'reinstate');
    await publisher.clock.advance(20 * second);
    expect(actionsOf(publisher)).toEqual(['Suspend', 'Reinstate', 'Renew']);
  });
});

describe('a process that is killed', () => {
  // Closing would write nothing, so leaving the first one open is as good as killing it.
  test('goes on with its purchases, tokens, terms and unanswered webhooks', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'marketplace-'));
    cleanUps.push(() => rmSync(dataDir, { recursive: true }));
    const before = await aPublisher({ dataDir, answer: () => 503 });
    cleanUps.push(() => before.close());
    const { subscriptionId, purchaseToken } = before.marketplace.purchase({ quantity: 7 });
    const other = await before.subscribed();
    before.marketplace.act(other, 'change-quantity', { quantity: 11 });
    await before.work.whenIdle();
    expect(before.received).toHaveLength(1);

    const after = await aPublisher({ dataDir, start: new Date(before.clock.now() + hour) });
    cleanUps.push(() => after.close());
    await after.clock.advance(20 * second);
    expect(after.received.map(({ body }) => body)).toMatchObject([{ subscriptionId: other, quantity: 11 }]);
    expect(after.marketplace.show(other)).toMatchObject({
      subscription: { quantity: 11 },
      webhooks: [{ status: 503 }, { status: 200, attempt: 2 }],
    });
    const headers = { 'x-ms-marketplace-token': purchaseToken };
    expect((await after.call('POST', '/resolve', { headers })).body).toMatchObject({ id: subscriptionId });
    await after.clock.advance(30 * day);
    expect(await after.statusOf(subscriptionId)).toBe('Unsubscribed');
  });
});
