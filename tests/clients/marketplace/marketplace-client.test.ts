/** The marketplace's client against the simulated marketplace, and against odd answers. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  makeMarketplaceClient,
  type MarketplaceClient,
} from '../../../clients/marketplace/marketplace-client.ts';
import { quirkSchema } from '../../../local/vendors/faults.ts';
import { aPublisher, type Publisher } from '../../local/vendors/marketplace-driver.ts';
import { failureOf } from '../fakes.ts';
import { openOddServer, type Answer, type OddServer, oddServerTimeoutMs } from '../odd-server.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

describe('at the simulated marketplace', () => {
  let publisher: Publisher;
  let client: MarketplaceClient;
  const clientWith = (settings: { clientId?: string; clientSecret?: string } = {}) =>
    makeMarketplaceClient({
      baseUrl: `${publisher.vendors.urls.marketplace}/`,
      authorityUrl: publisher.vendors.urls.entra,
      publisherTenantId: publisher.vendors.publisherTenantId,
      ...publisher.vendors.apps.marketplace,
      ...settings,
      clock: () => new Date(publisher.clock.now()),
      timeoutMs: 5_000,
    });
  const tokenRequests = () =>
    publisher.vendors.journal.list({ vendor: 'entra' }).filter(({ path }) => path.endsWith('/oauth2/token'));

  beforeEach(async () => {
    publisher = await aPublisher();
    client = clientWith();
  });
  afterEach(() => publisher.close());

  test('a purchase is resolved, activated, and then Subscribed', async () => {
    const { microsoftTenantId, users } = publisher.vendors.createCustomer({ users: 1 });
    const bought = publisher.marketplace.purchase({ quantity: 25, microsoftTenantId, name: 'Ours' });
    const resolved = await client.resolve(bought.purchaseToken);
    const party = { emailId: users[0]?.mail, objectId: users[0]?.userId, tenantId: microsoftTenantId };
    expect(resolved).toEqual({
      id: bought.subscriptionId,
      name: 'Ours',
      offerId: 'presence-hub',
      planId: 'standard',
      quantity: 25,
      status: 'PendingFulfillmentStart',
      beneficiary: party,
      purchaser: party,
      term: { unit: 'P1M' },
      autoRenew: true,
      isFreeTrial: false,
      isTest: false,
      allowedCustomerOperations: ['Read', 'Update', 'Delete'],
    });
    await client.activate(resolved.id, { planId: 'standard', quantity: resolved.quantity });
    await publisher.clock.advance(5 * second);
    expect(await client.getSubscription(resolved.id)).toMatchObject({
      status: 'Subscribed',
      term: {
        unit: 'P1M',
        startsAt: new Date('2030-01-01T00:00:00Z'),
        endsAt: new Date('2030-01-31T00:00:00Z'),
      },
    });
  });

  test('a token is taken with its pluses decoded once too often, and refused past its day', async () => {
    const { purchaseToken, subscriptionId } = publisher.marketplace.purchase({ quantity: 1 });
    expect(await client.resolve(purchaseToken.replaceAll('+', ' '))).toMatchObject({ id: subscriptionId });
    const requests = publisher.vendors.journal.list({ vendor: 'marketplace' }).length;
    for (const odd of ['', 'a\r\nx-ms-evil: 1', 'žeton', 'x'.repeat(5000)])
      expect(await failureOf(client.resolve(odd))).toMatchObject({
        failure: 'rejected',
        code: 'MalformedToken',
      });
    expect(publisher.vendors.journal.list({ vendor: 'marketplace' })).toHaveLength(requests);
    await publisher.clock.advance(day);
    expect(await failureOf(client.resolve(purchaseToken))).toMatchObject({
      failure: 'rejected',
      code: 'BadArgument',
    });
  });

  test('what was bought is listed to the last page', async () => {
    expect(await client.listSubscriptions()).toEqual({ subscriptions: [] });
    const bought = Array.from({ length: 201 }, () => publisher.marketplace.purchase({ quantity: 1 }));
    const ids: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.listSubscriptions(token);
      ids.push(...page.subscriptions.map(({ id }) => id));
      token = page.continuationToken;
    } while (token !== undefined);
    expect(ids).toEqual(bought.map(({ subscriptionId }) => subscriptionId));
  });

  test('plans are listed while the subscription lasts', async () => {
    const id = await publisher.subscribed();
    expect(await client.listPlans(id)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          planId: 'premium',
          isPricePerSeat: true,
          minQuantity: 5,
          maxQuantity: 1000,
        }),
        expect.objectContaining({ planId: 'early-adopter', isStopSell: true }),
      ]),
    );
    publisher.marketplace.act(id, 'unsubscribe');
    expect(await failureOf(client.listPlans(id))).toMatchObject({ failure: 'rejected', code: 'Forbidden' });
  });

  test('operations are read and acknowledged, once', async () => {
    const id = await publisher.subscribed();
    expect(await client.listOpenOperations(id)).toEqual([]);
    const { operationId } = publisher.marketplace.act(id, 'change-quantity', { quantity: 11 });
    const expected = {
      id: operationId,
      subscriptionId: id,
      action: 'ChangeQuantity',
      status: 'InProgress',
      planId: 'standard',
      quantity: 11,
      at: new Date(publisher.clock.now()),
    };
    expect(await client.getOperation(id, operationId)).toEqual(expected);
    expect(await client.getOperation(id.toUpperCase(), operationId.toUpperCase())).toEqual(expected);
    expect(await client.listOpenOperations(id)).toEqual([expected]);
    await client.acknowledge(id, operationId, 'Success');
    expect(await client.getSubscription(id)).toMatchObject({ quantity: 11 });
    expect(await failureOf(client.acknowledge(id, operationId, 'Success'))).toMatchObject({
      failure: 'conflict',
    });
  });

  test("what does not exist, or is another subscription's, is undefined", async () => {
    const [id, other] = [await publisher.subscribed(), await publisher.subscribed()];
    const { operationId } = publisher.marketplace.act(other, 'suspend');
    expect(await client.getOperation(id, operationId)).toBeUndefined();
    expect(await client.getOperation(id, '../../resolve')).toBeUndefined();
    expect(await client.getSubscription('4f1a4b7e-1111-4222-8333-944445555666')).toBeUndefined();
    expect(await client.getSubscription('..')).toBeUndefined();
  });

  test.each(quirkSchema.options)('the habit %s changes nothing of what is understood', async (quirk) => {
    const id = await publisher.subscribed({ termUnit: 'PAY' });
    const { operationId } = publisher.marketplace.act(id, 'change-quantity', { quantity: 11 });
    const [before, operation] = [
      await client.getSubscription(id),
      await client.getOperation(id, operationId),
    ];
    publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'quirk', quirk });
    const without = <T extends object>(value: T | undefined) =>
      quirk === 'missingQuantity' ? { ...value, quantity: undefined } : value;
    expect(await client.getSubscription(id)).toEqual(without(before));
    expect(await client.getOperation(id, operationId)).toEqual(without(operation));
    expect(before).toMatchObject({ status: 'Subscribed', quantity: 10, term: { unit: 'PAY' } });
  });

  test('one token serves until shortly before its end', async () => {
    const id = await publisher.subscribed();
    await Promise.all([client.getSubscription(id), client.listPlans(id), client.listSubscriptions()]);
    await publisher.clock.advance(50 * minute);
    await client.getSubscription(id);
    expect(tokenRequests()).toHaveLength(1);
    await publisher.clock.advance(50 * minute);
    await client.getSubscription(id);
    expect(tokenRequests()).toHaveLength(2);
  });

  test('what is wrong with our own registration is never the fault of a customer', async () => {
    const { microsoft } = publisher.vendors.apps;
    const id = await publisher.subscribed();
    const outdated = clientWith({ clientSecret: 'secret-outdated' });
    expect(await failureOf(outdated.getSubscription(id))).toMatchObject({
      failure: 'unavailable',
      code: 'AADSTS7000215',
    });
    expect(await failureOf(clientWith(microsoft).getSubscription(id))).toMatchObject({
      failure: 'unavailable',
      code: 'AADSTS700016',
    });
  });

  test.each([
    [
      { kind: 'throttle', retryAfterSeconds: 7 },
      { failure: 'throttled', retryAfterSeconds: 7 },
    ],
    [
      { kind: 'status', status: 429 },
      { failure: 'throttled', retryAfterSeconds: 60 },
    ],
    [
      { kind: 'status', status: 500 },
      { failure: 'unavailable', code: 'InternalServerError' },
    ],
    [{ kind: 'status', status: 409 }, { failure: 'conflict' }],
    [{ kind: 'timeout', holdMs: 1 }, { failure: 'unavailable' }],
    [{ kind: 'dropResponse' }, { failure: 'unavailable' }],
  ] as const)('the fault %j is told as %j', async (fault, failure) => {
    const id = await publisher.subscribed();
    publisher.vendors.faults.add({ vendor: 'marketplace', ...fault });
    expect(await failureOf(client.getSubscription(id))).toMatchObject(failure);
  });
});

describe('with odd answers', () => {
  let server: OddServer;
  let client: MarketplaceClient;
  let tokensGiven: number;
  let answer: (path: string) => Answer;
  const id = '6c1d7a70-3d2a-4a0e-8f53-0a1b2c3d4e5f';
  beforeEach(async () => {
    server = await openOddServer();
    tokensGiven = 0;
    server.answer = ({ path }) =>
      path.endsWith('/oauth2/token')
        ? { body: { access_token: `secret-token-${(tokensGiven += 1)}`, expires_in: '3599' } }
        : answer(path);
    client = makeMarketplaceClient({
      baseUrl: `${server.url}/api`,
      authorityUrl: server.url,
      publisherTenantId: 'publisher',
      clientId: 'our-app',
      clientSecret: 'secret-of-ours',
      clock: () => new Date('2026-01-05T10:00:00Z'),
      timeoutMs: oddServerTimeoutMs,
    });
  });
  afterEach(() => server.close());

  test('a token that is refused is replaced once', async () => {
    answer = () => ({ status: tokensGiven === 1 ? 401 : 200, body: { plans: [] } });
    expect(await client.listPlans(id)).toEqual([]);
    answer = () => ({ status: 401 });
    expect(await failureOf(client.listPlans(id))).toMatchObject({ failure: 'unavailable', code: 'HTTP401' });
    const used = server.received.flatMap(({ headers, path }) =>
      path.includes('/oauth2/') ? [] : [headers['authorization']],
    );
    expect(used).toEqual([1, 2, 2, 3].map((number) => `Bearer secret-token-${number}`));
  });

  test('the version is named in every call, and the token asked for as documented', async () => {
    answer = () => ({ body: { plans: [] } });
    await client.listPlans(id);
    const [token, plans] = server.received;
    expect(token?.path).toBe('/publisher/oauth2/token');
    expect(Object.fromEntries(new URLSearchParams(token?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'our-app',
      client_secret: 'secret-of-ours',
      resource: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7',
    });
    expect(plans?.path).toBe(`/api/saas/subscriptions/${id}/listAvailablePlans?api-version=2018-08-31`);
  });

  test.each(['', '  ', '{}', '{"subscriptions":null}', '{"subscriptions":[],"@nextLink":""}'])(
    'the list %j is empty',
    async (body) => {
      answer = () => ({ body });
      expect(await client.listSubscriptions()).toEqual({ subscriptions: [] });
    },
  );

  test('a page hides no subscription for the sake of one that cannot be read, and its link is not followed', async () => {
    const readable = { id, saasSubscriptionStatus: 'Subscribed' };
    const next =
      'https://elsewhere.example/api/saas/subscriptions/?continuationToken=a%2Bb&api-version=2018-08-31';
    answer = (path) =>
      path.includes('continuationToken')
        ? { body: { subscriptions: [readable] } }
        : { body: { subscriptions: [readable, { id: 'x' }, null], '@nextLink': next } };
    const page = await client.listSubscriptions();
    expect(page).toMatchObject({ subscriptions: [{ id }], continuationToken: 'a+b' });
    expect(await client.listSubscriptions(page.continuationToken)).toMatchObject({ subscriptions: [{ id }] });
    expect(server.received.at(-1)?.path).toBe(
      '/api/saas/subscriptions?continuationToken=a%2Bb&api-version=2018-08-31',
    );
    answer = () => ({ body: { subscriptions: [], '@nextLink': 'https://elsewhere.example/?page=2' } });
    expect(await failureOf(client.listSubscriptions())).toMatchObject({ code: 'UnreadableNextLink' });
  });

  test.each([
    [{ code: 'EntityNotFound', message: 'About Ada Lovelace' }, 'EntityNotFound'],
    [{ error: { code: 'Oops', message: 'About Ada Lovelace' } }, 'Oops'],
    [{ code: 'Ada Lovelace did it' }, 'HTTP400'],
    ['Ada Lovelace', 'HTTP400'],
  ])('an error %j tells its code and nobody', async (body, code) => {
    answer = () => ({ status: 400, body });
    expect(await failureOf(client.listPlans(id))).toMatchObject({ failure: 'rejected', code });
  });

  test.each([
    [{ fault: 'hang' }, 'Timeout'],
    [{ fault: 'hangUp' }, undefined],
    [{ fault: 'breakOff', body: { plans: [] } }, undefined],
    [{ body: 'no JSON' }, 'UnreadableAnswer'],
    [{ status: 302, headers: { location: 'https://elsewhere.example' } }, 'HTTP302'],
  ] as const)('the answer %j is no answer', async (odd, code) => {
    answer = () => odd;
    expect(await failureOf(client.listPlans(id))).toMatchObject({
      failure: 'unavailable',
      ...(code === undefined ? {} : { code }),
    });
  });

  test('an operation that says it is of another subscription is none of ours', async () => {
    const operation = { id, subscriptionId: '11111111-3d2a-4a0e-8f53-0a1b2c3d4e5f', action: 'Unsubscribe' };
    answer = () => ({ body: operation });
    expect(await client.getOperation(id, id)).toBeUndefined();
  });
});
