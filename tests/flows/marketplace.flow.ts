/** What the marketplace says, and what becomes of the subscription: read from the app's own database and the vendor's books. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { forgerySchema, quirkSchema } from '../../local/vendors/faults.ts';
import { StackWithData } from '../support/stack-with-data.ts';

let world: StackWithData;
beforeAll(async () => {
  world = await StackWithData.start();
}, 60_000);
afterAll(() => world.end());
beforeEach(async () => {
  await world.stack.delete('/faults');
});

const purchaseSchema = z.object({ subscriptionId: z.guid(), purchaseToken: z.string() });
async function buy(request: object = { quantity: 5 }) {
  return purchaseSchema.parse(await world.stack.post('/marketplace/purchases', request));
}

async function api(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world.stack.app}/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Bought and activated. */
async function subscriber(request?: object): Promise<string> {
  const { subscriptionId, purchaseToken } = await buy(request);
  const answer = await api('marketplace/purchases/activate', { token: purchaseToken });
  expect(answer.status).toBe(202);
  await world.stack.advance('PT10S');
  return subscriptionId;
}

async function act(subscriptionId: string, action: string, body: object = {}): Promise<string> {
  const { operationId } = z
    .object({ operationId: z.string() })
    .parse(await world.stack.post(`/marketplace/${subscriptionId}/${action}`, body));
  await world.stack.idle();
  return operationId;
}

/** Somebody sends the app a webhook behind which there is nothing; with a good token, unless it is forged. */
async function webhook(sent: Record<string, string>): Promise<void> {
  await world.stack.fault({ vendor: 'marketplace', kind: 'webhook', ...sent });
  await world.stack.idle();
}

const attemptsSchema = z.array(
  z.looseObject({ subscriptionId: z.string(), forged: z.string().optional(), status: z.number() }),
);
const webhooksTo = async (subscriptionId: string) =>
  attemptsSchema
    .parse(await world.stack.get('/marketplace/webhooks'))
    .filter((each) => each.subscriptionId === subscriptionId);

const stateOf = (subscriptionId: string) =>
  world.rows(`select state, version, begun from subscriptions where tenant_id = '${subscriptionId}'`)[0];
const licenceOf = (subscriptionId: string) =>
  world.rows(`select plan_id, quantity from licences where tenant_id = '${subscriptionId}'`)[0];
const billingOf = (subscriptionId: string) =>
  world
    .rows(`select kind from billing_events where tenant_id = '${subscriptionId}' order by happened_at, rowid`)
    .map((row) => row['kind']);
const dueOf = (subscriptionId: string) =>
  world.rows(
    `select category, reason, due_at from due_deletions where tenant_id = '${subscriptionId}' order by due_at`,
  );
const operationsOf = async (subscriptionId: string) =>
  z
    .object({
      operations: z.array(z.looseObject({ id: z.string(), action: z.string(), status: z.string() })),
    })
    .parse(await world.stack.get(`/marketplace/${subscriptionId}`)).operations;

describe('the landing page', () => {
  test('shows what a token stands for, and keeps nothing of who only looks', async () => {
    const { subscriptionId, purchaseToken } = await buy({ quantity: 7, termUnit: 'PAY' });
    const answer = await api('marketplace/purchases', { token: purchaseToken });
    expect(await answer.json()).toMatchObject({
      subscriptionId,
      planId: 'standard',
      quantity: 7,
      termUnit: 'PAY',
      nextStep: 'activate',
    });
    expect(stateOf(subscriptionId)).toBeUndefined();
  });

  test('activates, and billing begins', async () => {
    const id = await subscriber({ quantity: 7 });
    expect(stateOf(id)).toMatchObject({ state: 'active' });
    expect(licenceOf(id)).toEqual({ plan_id: 'standard', quantity: 7 });
    expect(billingOf(id)).toEqual(['purchased', 'activated']);
    expect(await world.stack.get(`/marketplace/${id}`)).toMatchObject({
      subscription: { saasSubscriptionStatus: 'Subscribed' },
    });
  });

  test('activates once, however often it is asked for', async () => {
    const { subscriptionId, purchaseToken } = await buy();
    const answers = await Promise.all(
      [1, 2, 3].map(() => api('marketplace/purchases/activate', { token: purchaseToken })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await world.stack.advance('PT10S');
    expect(billingOf(subscriptionId)).toEqual(['purchased', 'activated']);
  });

  test('ends what fails to be activated', async () => {
    const id = await subscriber({ quantity: 5, activationFails: true });
    expect(stateOf(id)).toMatchObject({ state: 'cancelled' });
    expect(dueOf(id)).toHaveLength(3);
  });

  test.each([
    ['{', 400, 'body'],
    [{}, 400, 'token'],
    [{ token: '' }, 400, 'token'],
    [{ token: 'nonsense' }, 400, 'token'],
    [{ token: 'x', more: 1 }, 400, 'token'],
  ])('refuses %j with %i and names the field', async (body, status, field) => {
    for (const path of ['marketplace/purchases', 'marketplace/purchases/activate']) {
      const answer = await api(path, body);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(
        Object.keys(z.object({ errors: z.record(z.string(), z.string()) }).parse(await answer.json()).errors),
      ).toEqual([field]);
    }
  });

  test('says that the marketplace is away', async () => {
    const { purchaseToken } = await buy();
    await world.stack.fault({ vendor: 'marketplace', kind: 'status', status: 500 });
    expect((await api('marketplace/purchases', { token: purchaseToken })).status).toBe(503);
  });
});

describe('changes', () => {
  test('of seats and plan are accepted, applied and billed', async () => {
    const id = await subscriber();
    const quantity = await act(id, 'change-quantity', { quantity: 9 });
    const plan = await act(id, 'change-plan', { planId: 'premium' });
    expect(licenceOf(id)).toEqual({ plan_id: 'premium', quantity: 9 });
    expect(billingOf(id)).toEqual(['purchased', 'activated', 'quantityChanged', 'planChanged']);
    expect(await operationsOf(id)).toMatchObject([
      { action: 'Subscribe' },
      { id: quantity, status: 'Succeeded' },
      { id: plan, status: 'Succeeded' },
    ]);
    const answers = await world.requests(
      'marketplace',
      new RegExp(`^PATCH .*/(${quantity}|${plan})\\S* 200`),
    );
    expect(answers).toHaveLength(2);
  });

  test('to a plan that the product does not know are refused, told, and leave all as it was', async () => {
    const id = await subscriber();
    const refused = await act(id, 'change-plan', { planId: 'preview' });
    await world.stack.advance('PT1M');
    expect(licenceOf(id)).toEqual({ plan_id: 'standard', quantity: 5 });
    expect((await operationsOf(id)).at(-1)).toMatchObject({ id: refused, status: 'Failed' });
    expect(
      world.rows(
        `select kind, details from log_entries where tenant_id = '${id}' order by sequence desc limit 1`,
      ),
    ).toEqual([{ kind: 'changeRefused', details: '{"reason":"planNotOffered"}' }]);
  });

  test('are applied once where the webhook comes twice, late or after the next one', async () => {
    const id = await subscriber();
    await world.stack.fault({ vendor: 'marketplace', kind: 'double', match: 'ChangeQuantity' });
    await act(id, 'change-quantity', { quantity: 6 });
    await world.stack.delete('/faults');
    await world.stack.fault({
      vendor: 'marketplace',
      kind: 'late',
      delaySeconds: 3600,
      match: '"quantity":7',
      count: 1,
    });
    await act(id, 'change-quantity', { quantity: 7 });
    await act(id, 'change-quantity', { quantity: 8 });
    await world.stack.advance('PT2H');
    expect(licenceOf(id)).toEqual({ plan_id: 'standard', quantity: 8 });
    expect(billingOf(id)).toEqual(['purchased', 'activated', 'quantityChanged', 'quantityChanged']);
  });

  test('are made up for by the daily comparison where the webhook is lost', async () => {
    const id = await subscriber();
    await world.stack.fault({ vendor: 'marketplace', kind: 'drop' });
    await act(id, 'suspend');
    await world.stack.advance('PT1H');
    expect(stateOf(id)).toMatchObject({ state: 'active' });
    await world.stack.advance('P1D');
    expect(stateOf(id)).toMatchObject({ state: 'suspended' });
    expect(billingOf(id)).toEqual(['purchased', 'activated', 'suspended']);
  });

  test('are seen through once the marketplace answers again', async () => {
    const id = await subscriber();
    await world.stack.fault({ vendor: 'marketplace', kind: 'status', status: 500 });
    await act(id, 'unsubscribe');
    await world.stack.advance('PT5H');
    expect(stateOf(id)).toMatchObject({ state: 'active' });
    await world.stack.delete('/faults');
    await world.stack.advance('PT30M');
    expect(stateOf(id)).toMatchObject({ state: 'cancelled' });
  });

  test('renewals are noted for billing, transfers and what nobody knows change nothing', async () => {
    const id = await subscriber();
    const before = stateOf(id);
    await act(id, 'renew');
    await act(id, 'transfer');
    await webhook({ subscriptionId: id, action: 'Levitate' });
    expect(stateOf(id)).toEqual(before);
    expect(billingOf(id)).toEqual(['purchased', 'activated', 'renewed']);
  });

  test.each(quirkSchema.options)('are read in spite of the marketplace’s habit %s', async (quirk) => {
    await world.stack.fault({ vendor: 'marketplace', kind: 'quirk', quirk });
    const id = await subscriber();
    await act(id, 'change-quantity', { quantity: 8 });
    await act(id, 'suspend');
    expect(stateOf(id)).toMatchObject({ state: 'suspended' });
    await act(id, 'reinstate');
    await world.stack.advance('PT15S');
    expect(stateOf(id)).toMatchObject({ state: 'active' });
    expect(licenceOf(id)).toEqual({
      plan_id: 'standard',
      quantity: quirk === 'missingQuantity' ? null : 8,
    });
  });
});

describe('what is due', () => {
  test('counts from the marketplace’s own time, also where the webhook is late', async () => {
    const id = await subscriber();
    await world.stack.fault({ vendor: 'marketplace', kind: 'late', delaySeconds: 7200, count: 1 });
    const began = Date.parse(await world.stack.now());
    await act(id, 'suspend');
    await world.stack.advance('PT3H');
    const [due] = dueOf(id);
    expect(due).toMatchObject({ category: 'service', reason: 'suspended' });
    expect(Date.parse(String(due?.['due_at'])) - began).toBeLessThan(7 * 24 * 3_600_000 + 60_000);
  });

  test('is called off by a reinstatement and replaced by a cancellation', async () => {
    const id = await subscriber();
    await act(id, 'suspend');
    expect(dueOf(id)).toHaveLength(1);
    await act(id, 'reinstate');
    await world.stack.advance('PT15S');
    expect(dueOf(id)).toEqual([]);
    await act(id, 'suspend');
    const began = Date.parse(await world.stack.now());
    await act(id, 'unsubscribe');
    expect(
      dueOf(id).map(({ category, reason, due_at }) => [
        category,
        reason,
        Math.round((Date.parse(String(due_at)) - began) / 3_600_000),
      ]),
    ).toEqual([
      ['service', 'cancelled', 24],
      ['licence', 'cancelled', 24 * 30],
      ['billing', 'cancelled', 24 * 90],
    ]);
  });
});

describe('what is not the marketplace’s', () => {
  test.each(forgerySchema.options)(
    'a webhook with %s is refused with 401 and leaves no trace',
    async (forged) => {
      const id = await subscriber();
      const before = [stateOf(id), billingOf(id), dueOf(id)];
      const asked = (await world.stack.journal('marketplace')).length;
      await webhook({ subscriptionId: id, action: 'Unsubscribe', forged });
      const attempts = (await webhooksTo(id)).filter((each) => each.forged !== undefined);
      expect(attempts).toMatchObject([{ forged, status: 401 }]);
      expect([stateOf(id), billingOf(id), dueOf(id)]).toEqual(before);
      expect(await world.stack.journal('marketplace')).toHaveLength(asked);
    },
  );

  test('an operation that there is not, or that is another’s, does nothing', async () => {
    const [mine, theirs] = [await subscriber(), await subscriber()];
    const operationId = await act(theirs, 'suspend');
    const before = [stateOf(mine), stateOf(theirs)];
    for (const id of [operationId, crypto.randomUUID()]) {
      await webhook({ subscriptionId: mine, operationId: id, action: 'Unsubscribe' });
    }
    await world.stack.advance('PT1H');
    expect([stateOf(mine), stateOf(theirs)]).toEqual(before);
  });

  test('a subscription of another publisher, or of nobody, is none of ours', async () => {
    const { subscriptionId } = await buy({ quantity: 5, publisherId: 'somebody-else', subscribed: true });
    for (const id of [subscriptionId, crypto.randomUUID()]) {
      await webhook({ subscriptionId: id, action: 'Suspend' });
      expect(stateOf(id)).toBeUndefined();
    }
  });

  test('a genuine webhook without readable ids is refused with 400, and named', async () => {
    await webhook({ subscriptionId: 'nobody', action: 'Suspend' });
    expect(await webhooksTo('nobody')).toMatchObject([{ status: 400 }]);
  });

  test('while the keys cannot be had, a webhook is answered 503 and comes again', async () => {
    const id = await subscriber();
    await world.stack.fault({ vendor: 'entra', kind: 'rotateKeys', withdraw: true });
    await world.stack.fault({ vendor: 'entra', kind: 'status', status: 500, match: 'keys', count: 3 });
    await act(id, 'suspend');
    await world.stack.advance('PT10M');
    expect(stateOf(id)).toMatchObject({ state: 'suspended' });
  });
});
