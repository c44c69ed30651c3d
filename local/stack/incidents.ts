/** What a vendor does to a whole connection, beside the faults of single requests and notifications. */
import { z } from 'zod';
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
  z.discriminatedUnion('vendor', [entraRevoke, z.strictObject({ ...ofAccount, kind: z.literal('revoke') })]),
  z.strictObject({ ...ofAccount, kind: z.literal('blacklist') }),
  z.strictObject({ ...ofAccount, kind: z.literal('removeSubscription') }),
]);
export const incidentKinds: ReadonlySet<string> = new Set([
  'lifecycle',
  'revoke',
  'blacklist',
  'removeSubscription',
]);
export type Incident = z.infer<typeof incidentSchema>;

/** Makes it happen. Throws for ids the vendor does not know. */
export function cause(vendors: Vendors, incident: Incident): void {
  switch (incident.kind) {
    case 'lifecycle':
      vendors.lifecycle(incident.microsoftTenantId, incident.event);
      break;
    case 'revoke':
      vendors.revoke(incident);
      break;
    case 'blacklist':
      for (const id of subscriptionIds(vendors, incident.ringCentralAccountId))
        vendors.ringCentral.blacklist(id);
      break;
    case 'removeSubscription':
      for (const id of subscriptionIds(vendors, incident.ringCentralAccountId))
        vendors.removeSubscription(id);
      break;
  }
}

function subscriptionIds(vendors: Vendors, accountId: string): string[] {
  return vendors.ringCentral.subscriptions(accountId).map((subscription) => String(subscription['id']));
}
