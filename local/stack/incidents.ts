/** What a vendor does to a whole connection, beside the faults of single requests and notifications. */
import { z } from 'zod';
import { forgerySchema } from '../vendors/faults.ts';
import type { Vendors } from '../vendors/vendors.ts';

const entraRevoke = z.strictObject({
  vendor: z.literal('entra'),
  kind: z.literal('revoke'),
  microsoftTenantId: z.guid(),
  how: z.enum(['consent', 'sessions']).default('consent'),
});
const ofAccount = { vendor: z.literal('ringCentral'), ringCentralAccountId: z.string().min(1) };

export const incidentSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    vendor: z.literal('graph'),
    kind: z.literal('lifecycle'),
    microsoftTenantId: z.guid(),
    event: z.enum(['reauthorizationRequired', 'subscriptionRemoved', 'missed']),
  }),
  z.strictObject({
    vendor: z.literal('graph'),
    kind: z.literal('expireDeltaLinks'),
    microsoftTenantId: z.guid(),
  }),
  z.discriminatedUnion('vendor', [entraRevoke, z.strictObject({ ...ofAccount, kind: z.literal('revoke') })]),
  /** Subscriptions stand and are renewed, and tell of no change any more. */
  z.discriminatedUnion('vendor', [
    z.strictObject({ vendor: z.literal('graph'), kind: z.literal('silence'), microsoftTenantId: z.guid() }),
    z.strictObject({ ...ofAccount, kind: z.literal('silence') }),
  ]),
  z.strictObject({ ...ofAccount, kind: z.literal('blacklist') }),
  z.strictObject({ ...ofAccount, kind: z.literal('removeSubscription') }),
  /** Entra signs with a new key; what the earlier ones signed stays good unless they are withdrawn. */
  z.strictObject({
    vendor: z.literal('entra'),
    kind: z.literal('rotateKeys'),
    withdraw: z.boolean().default(false),
  }),
  /** A webhook behind which there is no operation, forged or not. */
  z.strictObject({
    vendor: z.literal('marketplace'),
    kind: z.literal('webhook'),
    subscriptionId: z.string().min(1),
    action: z.string().min(1),
    operationId: z.string().min(1).optional(),
    planId: z.string().optional(),
    quantity: z.int().optional(),
    forged: forgerySchema.optional(),
  }),
]);
export const incidentKinds: ReadonlySet<string> = new Set([
  'lifecycle',
  'expireDeltaLinks',
  'revoke',
  'silence',
  'blacklist',
  'removeSubscription',
  'rotateKeys',
  'webhook',
]);
export type Incident = z.infer<typeof incidentSchema>;

/** Makes it happen. Throws for ids the vendor does not know. */
export async function cause(vendors: Vendors, incident: Incident): Promise<void> {
  switch (incident.kind) {
    case 'lifecycle':
      vendors.lifecycle(incident.microsoftTenantId, incident.event);
      break;
    case 'expireDeltaLinks':
      vendors.expireDeltaLinks(incident.microsoftTenantId);
      break;
    case 'revoke':
      vendors.revoke(incident);
      break;
    case 'silence':
      if (incident.vendor === 'graph') vendors.silence(incident.microsoftTenantId);
      else
        for (const id of subscriptionIds(vendors, incident.ringCentralAccountId))
          vendors.ringCentral.silence(id);
      break;
    case 'blacklist':
      for (const id of subscriptionIds(vendors, incident.ringCentralAccountId))
        vendors.ringCentral.blacklist(id);
      break;
    case 'removeSubscription':
      for (const id of subscriptionIds(vendors, incident.ringCentralAccountId))
        vendors.removeSubscription(id);
      break;
    case 'rotateKeys':
      await vendors.rotateKeys(incident.withdraw ? 'withdraw' : 'keep');
      break;
    case 'webhook':
      vendors.marketplace.sendWebhook(incident);
      break;
  }
}

function subscriptionIds(vendors: Vendors, accountId: string): string[] {
  return vendors.ringCentral.subscriptions(accountId).map((subscription) => String(subscription['id']));
}
