/** What the marketplace's samples and the wild have shown is read; what cannot be read is left out. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { subscription, webhookBody } from '../../../clients/marketplace/marketplace-answers.ts';

const id = '6c1d7a70-3d2a-4a0e-8f53-0a1b2c3d4e5f';
const operationId = '0b1d7a70-3d2a-4a0e-8f53-0a1b2c3d4e5f';
const bare = { id, saasSubscriptionStatus: 'Subscribed' };
const webhook = { id: operationId, subscriptionId: id, action: 'Renew' };

describe('a subscription', () => {
  test.each([
    ['Subscribed', 'Subscribed'],
    [' Subscribed ', 'Subscribed'],
    ['subscribed', 'Subscribed'],
    ['PendingFulfillmentStart\t', 'PendingFulfillmentStart'],
    ['SomethingNew ', 'SomethingNew'],
  ])('with the status %j is %s', (said, status) => {
    expect(subscription.parse({ id, saasSubscriptionStatus: said })).toMatchObject({ status });
  });

  test.each([
    [5, 5],
    ['5', 5],
    [' 5 ', 5],
    [0, 0],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['many', undefined],
    [{}, undefined],
  ])('with the quantity %j has %j seats', (quantity, seats) => {
    expect(subscription.parse({ ...bare, quantity }).quantity).toBe(seats);
  });

  test.each([
    ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000Z'],
    ['2026-02-10T18:48:58.4449019Z', '2026-02-10T18:48:58.444Z'],
    ['2026-03-01T00:00:00', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T02:00:00+02:00', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00', undefined],
    ['0001-01-01T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['soon', undefined],
    [null, undefined],
  ])('with the end %j ends at %j', (endDate, at) => {
    const { term } = subscription.parse({ ...bare, term: { endDate, termUnit: 'PAY' } });
    expect([term.unit, term.endsAt?.toISOString()]).toEqual(['PAY', at]);
  });

  test('needs no more than an id, which has one spelling, and a status', () => {
    expect(subscription.parse({ ...bare, id: id.toUpperCase() })).toEqual({
      id,
      status: 'Subscribed',
      beneficiary: {},
      purchaser: {},
      term: {},
      isFreeTrial: false,
      isTest: false,
      allowedCustomerOperations: [],
    });
    expect(subscription.safeParse({ id }).success).toBe(false);
    expect(subscription.safeParse({ ...bare, id: 'x' }).success).toBe(false);
  });

  test('is read whatever the rest of it is', () => {
    const names = [
      'name',
      'planId',
      'quantity',
      'beneficiary',
      'purchaser',
      'term',
      'autoRenew',
      'isFreeTrial',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (rest) => {
        expect(subscription.parse({ ...rest, ...bare })).toMatchObject({ id, status: 'Subscribed' });
      }),
    );
  });
});

describe("a webhook's body", () => {
  test('is read without what it tells of people', () => {
    const person = { emailId: 'ada@contoso.example' };
    const whole = {
      ...webhook,
      action: 'ChangePlan',
      activityId: id,
      planId: 'pro',
      quantity: '10',
      status: 'InProgress',
      timeStamp: '2026-02-10T18:48:58.44Z',
      operationRequestSource: 'Azure',
      subscription: { ...bare, purchaser: person, beneficiary: person },
      purchaseToken: null,
      schemaVersion: 'next',
    };
    const read = webhookBody.parse(whole);
    expect(read).toEqual({
      operationId,
      subscriptionId: id,
      action: 'ChangePlan',
      status: 'InProgress',
      planId: 'pro',
      quantity: 10,
      at: new Date('2026-02-10T18:48:58.440Z'),
    });
  });

  test.each([
    ['Suspend', 'Suspend'],
    ['Suspended', 'Suspend'],
    [' unsubscribe ', 'Unsubscribe'],
    ['Levitate', 'Levitate'],
  ])('with the action %j means %s', (action, meant) => {
    expect(webhookBody.parse({ ...webhook, action })).toMatchObject({ action: meant });
  });

  test.each([
    [null],
    [[]],
    [{}],
    [{ ...webhook, id: 'x' }],
    [{ ...webhook, subscriptionId: '../x' }],
    [{ ...webhook, action: '' }],
    [{ ...webhook, action: 7 }],
  ])('is refused when it is %j', (body) => {
    expect(webhookBody.safeParse(body).success).toBe(false);
  });
});
