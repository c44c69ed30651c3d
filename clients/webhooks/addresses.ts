/**
 * Webhook addresses and secrets that authenticate without a look-up: each carries a keyed MAC over whom it was made
 * for, so that a forged or foreign one is told apart before anything is read or started.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

interface GraphRecipient {
  tenantId: string;
  shard: number;
}

export interface WebhookAddresses {
  graphNotificationUrl: string;
  graphLifecycleUrl: string;
  /** The `clientState` of a shard's subscription: at most 128 characters (Graph, resource type subscription). */
  graphClientState(recipient: GraphRecipient, microsoftTenantId: string): string;
  /** Whom a notification for this Entra tenant is for, or undefined when the `clientState` is not ours. */
  readGraphClientState(clientState: string, microsoftTenantId: string): GraphRecipient | undefined;
  ringCentralUrl(tenantId: string): string;
  ringCentralVerificationToken(tenantId: string): string;
  /** True when the key in the address and the token in the header were made for this tenant. */
  isForRingCentral(tenantId: string, addressKey: string, verificationTokens: readonly string[]): boolean;
}

/** `publicBaseUrl` is where the vendors reach the app; `key` is the secret all MACs depend on. */
export function makeWebhookAddresses(publicBaseUrl: string, key: string): WebhookAddresses {
  const mac = (...parts: (string | number)[]): string =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
  const clientStateMac = ({ tenantId, shard }: GraphRecipient, microsoftTenantId: string): string =>
    mac('graph clientState', tenantId, shard, microsoftTenantId.toLowerCase());
  const addressKeyOf = (tenantId: string): string => mac('ringcentral address', tenantId);
  const verificationTokenOf = (tenantId: string): string => mac('ringcentral verification token', tenantId);
  return {
    graphNotificationUrl: `${publicBaseUrl}/api/graph/notifications`,
    graphLifecycleUrl: `${publicBaseUrl}/api/graph/lifecycle`,
    graphClientState: (recipient, microsoftTenantId) =>
      `${recipient.tenantId}.${recipient.shard}.${clientStateMac(recipient, microsoftTenantId)}`,
    readGraphClientState: (clientState, microsoftTenantId) => {
      const [, tenantId = '', shard = '', given = ''] =
        /^([0-9a-f-]{36})\.(0|[1-9]\d{0,5})\.([\w-]{43})$/.exec(clientState) ?? [];
      const recipient = { tenantId, shard: Number(shard) };
      return isSame(given, clientStateMac(recipient, microsoftTenantId)) ? recipient : undefined;
    },
    ringCentralUrl: (tenantId) =>
      `${publicBaseUrl}/api/ringcentral/notifications/${tenantId}/${addressKeyOf(tenantId)}`,
    ringCentralVerificationToken: verificationTokenOf,
    isForRingCentral: (tenantId, addressKey, verificationTokens) =>
      isSame(addressKey, addressKeyOf(tenantId)) &&
      verificationTokens.some((token) => isSame(token, verificationTokenOf(tenantId))),
  };
}

/** Compares in a time that does not tell where the two differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
