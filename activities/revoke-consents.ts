/**
 * Gives a customer's consents back. RingCentral ends the session of a token (RingCentral, "Token revocation"); Entra ID lets
 * no application revoke a user's grant, so there it is forgotten, and of use to nobody. Called by `cancelTenant`.
 */
import type { Tokens } from '../clients/tokens.ts';
import type { revokeConsents } from '../contracts/lifecycle.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Store;
  tokens: Pick<Tokens, 'removeGraphGrant' | 'revokeRingCentralGrant'>;
}

export function makeRevokeConsents({ store, tokens }: Dependencies): Effect<typeof revokeConsents> {
  return async ({ tenantId }) => {
    const serviceUsers = await store.serviceUsers.all(tenantId);
    for (const { shard } of serviceUsers) await tokens.removeGraphGrant(tenantId, shard);
    // Last, because RingCentral may be away.
    await tokens.revokeRingCentralGrant(tenantId);
    return { removed: serviceUsers.length + 1 };
  };
}
