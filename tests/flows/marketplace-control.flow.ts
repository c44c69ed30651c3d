/** What other programs can make happen at the marketplace, through the control address. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { StackProcess } from '../../local/stack/stack-process.ts';

let stack: StackProcess;
beforeAll(async () => {
  stack = await StackProcess.start({ clock: 'virtual' });
}, 60_000);
afterAll(() => stack.stop());

const purchaseSchema = z.object({ subscriptionId: z.guid(), purchaseToken: z.string().min(1) });
const purchase = async (request: object) =>
  purchaseSchema.parse(await stack.post('/marketplace/purchases', request));
const webhooksSchema = z.array(z.looseObject({ action: z.string(), forged: z.string().optional() }));

test('a customer buys, comes back to the landing page, is suspended and cancels', async () => {
  const { subscriptionId, purchaseToken } = await purchase({ quantity: 5, subscribed: true });
  const again = z
    .object({ purchaseToken: z.string() })
    .parse(await stack.post(`/marketplace/${subscriptionId}/open`, {}));
  expect(again.purchaseToken).not.toBe(purchaseToken);
  const { operationId } = z
    .object({ operationId: z.guid() })
    .parse(await stack.post(`/marketplace/${subscriptionId}/suspend`, {}));
  await stack.idle();
  expect(await stack.get(`/marketplace/${subscriptionId}`)).toMatchObject({
    subscription: { saasSubscriptionStatus: 'Suspended', planId: 'standard', quantity: 5 },
    operations: [{ id: operationId, action: 'Suspend', status: 'Succeeded' }],
    webhooks: [{ operationId, action: 'Suspend', attempt: 1 }],
  });
  await stack.post(`/marketplace/${subscriptionId}/unsubscribe`, {});
  await stack.idle();
  expect(await stack.get(`/marketplace/${subscriptionId}`)).toMatchObject({
    subscription: { saasSubscriptionStatus: 'Unsubscribed' },
  });
});

test('a webhook is forged, keys are rotated, and both are seen', async () => {
  const { subscriptionId } = await purchase({ quantity: 5, subscribed: true });
  await stack.fault({
    vendor: 'marketplace',
    kind: 'webhook',
    subscriptionId,
    action: 'Unsubscribe',
    forged: 'wrongTenant',
  });
  await stack.fault({ vendor: 'entra', kind: 'rotateKeys', withdraw: true });
  const before = await stack.journal('marketplace');
  await stack.idle();
  const webhooks = webhooksSchema.parse(await stack.get('/marketplace/webhooks'));
  expect(webhooks.filter(({ forged }) => forged !== undefined)).toMatchObject([
    { subscriptionId, action: 'Unsubscribe', forged: 'wrongTenant' },
  ]);
  expect(await stack.journal('marketplace')).toEqual(before);
});

test.each([
  ['/marketplace/purchases', { seats: 5 }, 'seats'],
  ['/marketplace/purchases', { planId: 'team', quantity: 5 }, 'no seats'],
  ['/marketplace/6c1d7a70-3d2a-4a0e-8f53-0a1b2c3d4e5f/suspend', {}, 'not found'],
  ['/marketplace/6c1d7a70-3d2a-4a0e-8f53-0a1b2c3d4e5f/levitate', {}, 'no such call'],
])('%s is refused with %j', async (path, body, why) => {
  await expect(stack.post(path, body)).rejects.toThrow(why);
});
