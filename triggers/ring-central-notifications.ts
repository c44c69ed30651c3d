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
import { startUnlessStarted } from '../clients/orchestrations.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import { entityNames, resyncId, tenantIdSchema, userPresenceKey } from '../contracts/identities.ts';
import { resyncPresenceName } from '../contracts/resync-presence.ts';
import { toRingCentralReport, type UserPresenceOperation } from '../contracts/user-presence.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { CounterAttributes, Telemetry } from '../domain/telemetry.ts';
import type { Store } from '../store/store.ts';
import { answerWithin, parseJson, problem, readText } from './answers.ts';

interface Dependencies {
  store: Store;
  addresses: WebhookAddresses;
  telemetry: Telemetry;
  clock: () => Date;
}

/** RingCentral waits 3 seconds for an answer; a store that is slow counts as away. */
const longestLookUpMs = 1500;
type Outcome = CounterAttributes<'notifications'>['outcome'];

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
  const told = (outcome: Outcome): void =>
    dependencies.telemetry.count('notifications', { source: 'ringCentral', outcome });
  const recipient = addressee(dependencies.addresses, request);
  if (recipient === undefined) {
    told('notOurs');
    return received;
  }
  const event = readEvent(read.text);
  if (event === undefined || 'refusal' in event) told('unreadable');
  else told(await passOn(dependencies, recipient, { event, context }));
  return event !== undefined && 'refusal' in event ? event.refusal : received;
}

/** The event, the refusal to send, or undefined when it is an event that says nothing to us. */
function readEvent(text: string): RingCentralPresenceEvent | { refusal: HttpResponseInit } | undefined {
  const parsed = parseJson(text);
  if ('refusal' in parsed) return parsed;
  if (typeof parsed.body !== 'object' || parsed.body === null || !('event' in parsed.body)) {
    return { refusal: problem(400, 'The body is no event.', { event: 'is missing' }) };
  }
  return readRingCentralNotification(parsed.body);
}

function addressee(addresses: WebhookAddresses, request: HttpRequest): string | undefined {
  const tenantId = tenantIdSchema.safeParse(request.params['tenantId']);
  const secrets = secretHeaders.map((name) => request.headers.get(name)).filter((secret) => secret !== null);
  const { addressKey = '' } = request.params;
  if (!tenantId.success || !addresses.isForRingCentral(tenantId.data, addressKey, secrets)) return undefined;
  return tenantId.data;
}

async function passOn(
  { store, telemetry, clock }: Dependencies,
  tenantId: string,
  { event, context }: { event: RingCentralPresenceEvent; context: InvocationContext },
): Promise<Outcome> {
  const client = getClient(context);
  const asked = store.seated.ofExtension(tenantId, event.presence.extensionId);
  const mapping = await answerWithin(longestLookUpMs, asked).catch((error: unknown) => ({
    kind: errorKind(error),
  }));
  if (mapping === undefined) return 'unmapped';
  if ('kind' in mapping) {
    telemetry.record('eventUnplaced', { kind: mapping.kind }, { tenantId });
    await readLater(client, tenantId, clock());
    return 'unplaced';
  }
  const { operation, input: observation } = observationOf(event, clock());
  const person = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, mapping.userId));
  await client.signalEntity(person, operation, observation);
  return 'accepted';
}

/** Events so close together are made up for by one read, which begins after them. */
const togetherMs = 10_000;

/**
 * RingCentral does not send an event again, so that one we cannot place is made up for by reading everybody. The read waits until
 * the store is back.
 */
async function readLater(client: DurableClient, tenantId: string, now: Date): Promise<void> {
  const after = new Date((Math.floor(now.getTime() / togetherMs) + 1) * togetherMs).toISOString();
  await startUnlessStarted(client, {
    name: resyncPresenceName,
    instanceId: resyncId(tenantId, 'ringCentral', after),
    input: { tenantId, side: 'ringCentral', notBefore: after, asked: after },
  });
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
