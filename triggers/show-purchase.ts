/** Shows the landing page what a purchase's token stands for (Partner Center, "Build the landing page for your SaaS offer"). */
import { app } from '@azure/functions';
import type { MarketplaceClient } from '../clients/marketplace/marketplace-client.ts';
import { noStore } from './answers.ts';
import { overview, withPurchase } from './purchase-door.ts';

export function registerShowPurchase({ marketplace }: { marketplace: MarketplaceClient }): void {
  app.http('showPurchase', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'marketplace/purchases',
    handler: (request) =>
      withPurchase(marketplace, request, (purchase) =>
        Promise.resolve({ jsonBody: overview(purchase), headers: noStore }),
      ),
  });
}
