/** The part of the control address where customers buy, change and cancel at the marketplace. */
import { Hono } from 'hono';
import { z } from 'zod';
import { marketplaceActions } from '../vendors/marketplace/marketplace.ts';
import { purchaseSchema } from '../vendors/marketplace/purchases.ts';
import type { Vendors } from '../vendors/vendors.ts';
import { bodyOf, known } from './control-answers.ts';

const actionSchema = z.enum(marketplaceActions);

/** `marketplace/purchases` and `marketplace/{subscriptionId}/…`. */
export function marketplaceRoutes({ marketplace }: Pick<Vendors, 'marketplace'>): Hono {
  const routes = new Hono();
  routes.post('/marketplace/purchases', async (context) => {
    const request = purchaseSchema.parse(await bodyOf(context));
    return known(context, () => marketplace.purchase(request));
  });
  routes.get('/marketplace/webhooks', (context) => context.json(marketplace.webhooks()));
  routes.get('/marketplace/:subscriptionId', (context) =>
    known(context, () => marketplace.show(context.req.param('subscriptionId'))),
  );
  routes.post('/marketplace/:subscriptionId/open', (context) =>
    known(context, () => ({ purchaseToken: marketplace.purchaseToken(context.req.param('subscriptionId')) })),
  );
  routes.post('/marketplace/:subscriptionId/:action', async (context) => {
    const action = actionSchema.safeParse(context.req.param('action'));
    if (!action.success) return context.notFound();
    const body = await bodyOf(context);
    return known(context, () => marketplace.act(context.req.param('subscriptionId'), action.data, body));
  });
  return routes;
}
