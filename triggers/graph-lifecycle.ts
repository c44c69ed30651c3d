/**
 * The door for what Graph says about our subscriptions: reauthorize, removed, missed. Notes it in the store and nudges
 * the keeper (Graph, "Reduce missing subscriptions and change notifications").
 */
import type { InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import type { GraphLifecycleEvent } from '../clients/graph/notifications.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import { graphKeeperId } from '../contracts/identities.ts';
import { attentionEvent } from '../contracts/vendor-subscriptions.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { Store } from '../store/store.ts';
import type { Attention } from '../store/vendor-subscriptions.ts';
import { registerGraphDoor } from './graph-door.ts';

interface Dependencies {
  store: Store;
  addresses: WebhookAddresses;
  telemetry: Telemetry;
}

const attentionFor: Record<string, Attention> = {
  reauthorizationRequired: 'reauthorize',
  subscriptionRemoved: 'removed',
  missed: 'missed',
};

export function registerGraphLifecycle(dependencies: Dependencies): void {
  registerGraphDoor('graphLifecycle', 'graph/lifecycle', async (batch, context) => {
    for (const event of batch.lifecycleEvents) await note(dependencies, event, context);
    return { status: 202 };
  });
}

async function note(
  { store, addresses, telemetry }: Dependencies,
  event: GraphLifecycleEvent,
  context: InvocationContext,
): Promise<void> {
  const attention = attentionFor[event.lifecycleEvent];
  const recipient =
    event.clientState === undefined || event.microsoftTenantId === undefined
      ? undefined
      : addresses.readGraphClientState(event.clientState, event.microsoftTenantId);
  if (attention === undefined || recipient === undefined) {
    const outcome = recipient === undefined ? 'notOurs' : 'unreadable';
    telemetry.count('notifications', { source: 'graphLifecycle', outcome });
    return;
  }
  telemetry.count('notifications', { source: 'graphLifecycle', outcome: 'accepted' });
  const key = { ...recipient, vendor: 'graph' as const };
  if (!(await store.vendorSubscriptions.noteAttention(key, event.subscriptionId, attention))) return;
  const keeper = graphKeeperId(recipient.tenantId, recipient.shard);
  try {
    await getClient(context).raiseEvent(keeper, attentionEvent, {});
  } catch (error) {
    // Noted all the same: the keeper finds it when it next looks by itself.
    telemetry.record('keeperNotNudged', { kind: errorKind(error) }, { tenantId: recipient.tenantId });
  }
}
