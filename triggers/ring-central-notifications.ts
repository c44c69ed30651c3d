/**
 * The door for RingCentral's presence events. RingCentral silences an endpoint that refuses, so everything that could be
 * RingCentral's is answered 200, and what does not prove to be is discarded (RingCentral, webhook troubleshooting).
 */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { EntityId, getClient, input, type DurableClient } from 'durable-functions';
import {
  readRingCentralNotification,
  type RingCentralPresenceEvent,
} from '../clients/ring-central/notifications.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import { entityNames, resyncId, tenantIdSchema, userPresenceKey } from '../contracts/identities.ts';
import { resyncPresenceName } from '../contracts/resync-presence.ts';
import { toRingCentralReport, type UserPresenceOperation } from '../contracts/user-presence.ts';
import type { Store } from '../store/store.ts';
import { answerWithin, parseJson, problem, readText } from './answers.ts';

interface Dependencies {
  store: Store;
  addresses: WebhookAddresses;
  clock: () => Date;
}

/** RingCentral waits 3 seconds for an answer; a store that is slow counts as away. */
const longestLookUpMs = 1500;
const handshakeHeader = 'validation-token';
/** The documentation has named the header both ways; either may carry the secret of the subscription. */
const secretHeaders = ['verification-token', handshakeHeader];

export function registerRingCentralNotifications(dependencies: Dependencies): void {
  app.http('ringCentralNotifications', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'ringcentral/notifications/{tenantId}/{addressKey}',
    extraInputs: [input.durableClient()],
    handler: (request, context) => receive(dependencies, request, context),
  });
}

async function receive(
  dependencies: Dependencies,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const token = request.headers.get(handshakeHeader);
  const received: HttpResponseInit = {
    status: 200,
    headers: { 'content-type': 'application/json', ...(token !== null && { [handshakeHeader]: token }) },
  };
  const read = await readText(request);
  if ('refusal' in read) return read.refusal;
  const isHandshake = token !== null && read.text === '';
  if (isHandshake) return received;
  const recipient = addressee(dependencies.addresses, request);
  if (recipient === undefined) {
    context.warn('Discarded a RingCentral notification that was not ours.');
    return received;
  }
  const parsed = parseJson(read.text);
  if ('refusal' in parsed) return parsed.refusal;
  if (typeof parsed.body !== 'object' || parsed.body === null || !('event' in parsed.body)) {
    return problem(400, 'The body is no event.', { event: 'is missing' });
  }
  const event = readRingCentralNotification(parsed.body);
  if (event !== undefined) await passOn(dependencies, recipient, { event, context });
  return received;
}

function addressee(addresses: WebhookAddresses, request: HttpRequest): string | undefined {
  const tenantId = tenantIdSchema.safeParse(request.params['tenantId']);
  const secrets = secretHeaders.map((name) => request.headers.get(name)).filter((secret) => secret !== null);
  const { addressKey = '' } = request.params;
  if (!tenantId.success || !addresses.isForRingCentral(tenantId.data, addressKey, secrets)) return undefined;
  return tenantId.data;
}

async function passOn(
  { store, clock }: Dependencies,
  tenantId: string,
  { event, context }: { event: RingCentralPresenceEvent; context: InvocationContext },
): Promise<void> {
  const client = getClient(context);
  const asked = store.mappings.ofExtension(tenantId, event.presence.extensionId);
  const mapping = await answerWithin(longestLookUpMs, asked).catch(() => 'unknown');
  if (mapping === undefined) return;
  if (typeof mapping === 'string') {
    context.error(
      'A RingCentral event could not be attributed while the store is away; presence will be read.',
    );
    await readLater(client, tenantId, clock());
    return;
  }
  const { operation, input: observation } = observationOf(event, clock());
  const person = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, mapping.userId));
  await client.signalEntity(person, operation, observation);
}

/**
 * RingCentral does not send an event again, so that one we cannot place is made up for by reading everybody, once for
 * all events of a minute. The read waits until the store is back.
 */
async function readLater(client: DurableClient, tenantId: string, now: Date): Promise<void> {
  const minute = now.toISOString().slice(0, 16);
  const instanceId = resyncId(tenantId, 'ringCentral', minute);
  if ((await client.getStatus(instanceId).catch(() => undefined)) !== undefined) return;
  await client.startNew(resyncPresenceName, { instanceId, input: { tenantId, side: 'ringCentral' } });
}

function observationOf(
  { uuid, sequence, timestamp, presence }: RingCentralPresenceEvent,
  now: Date,
): Extract<UserPresenceOperation, { operation: 'observeRingCentral' }> {
  return {
    operation: 'observeRingCentral',
    input: {
      report: toRingCentralReport(presence),
      origin: {
        kind: 'notification',
        id: uuid.slice(0, 128),
        ...(sequence !== undefined && { sequence }),
        ...(timestamp !== undefined && { vendorTime: timestamp.toISOString() }),
      },
      at: now.toISOString(),
    },
  };
}
