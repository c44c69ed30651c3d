/** Creating, reading, changing, renewing and deleting webhook subscriptions. */
import type { Context, Hono } from 'hono';
import type { Clock } from '../../clock/clock.ts';
import type { Gate } from './gate.ts';
import type { Subscription } from './model.ts';
import { jsonBody, originOf, queryOf } from './requests.ts';
import { describeSubscription, parseSubscription, parseUpdate } from './subscription-rules.ts';
import type { Subscriptions } from './subscriptions.ts';

const path = '/restapi/v1.0/subscription';
const scope = 'SubscriptionWebhook';

export function addSubscriptionRoutes(
  app: Hono,
  gate: Gate,
  parts: { subscriptions: Subscriptions; clock: Clock },
): void {
  const { subscriptions, clock } = parts;
  const light = { group: 'Light', scope } as const;
  const medium = { group: 'Medium', scope } as const;
  const describe = (context: Context, subscription: Subscription): Record<string, unknown> =>
    describeSubscription(subscription, originOf(context), clock.now());
  const idOf = (context: Context): string => context.req.param('subscriptionId') ?? '';

  app.post(
    path,
    gate.guard(medium, async (context, caller) => {
      const request = parseSubscription(await jsonBody(context));
      return context.json(describe(context, await subscriptions.create(caller, request)));
    }),
  );

  app.get(
    path,
    gate.guard(light, (context, caller) => {
      queryOf(context, []);
      const records = subscriptions.ownedBy(caller).map((each) => describe(context, each));
      return context.json({ uri: `${originOf(context)}${path}`, records });
    }),
  );

  app.get(
    `${path}/:subscriptionId`,
    gate.guard(light, (context, caller) =>
      context.json(describe(context, subscriptions.get(caller, idOf(context)))),
    ),
  );

  app.put(
    `${path}/:subscriptionId`,
    gate.guard(medium, async (context, caller) => {
      const update = parseUpdate(await jsonBody(context));
      return context.json(describe(context, subscriptions.update(caller, idOf(context), update)));
    }),
  );

  app.post(
    `${path}/:subscriptionId/renew`,
    gate.guard(light, (context, caller) =>
      context.json(describe(context, subscriptions.update(caller, idOf(context), {}))),
    ),
  );

  app.delete(
    `${path}/:subscriptionId`,
    gate.guard(medium, (context, caller) => {
      subscriptions.delete(caller, idOf(context));
      return context.body(null, 204);
    }),
  );
}
