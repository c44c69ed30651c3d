/**
 * The door for Graph's presence notifications. Authenticates each by itself, tells one `userPresence` per person, and
 * answers 202 also for what it discards, as Graph wants ("Receive change notifications through webhooks").
 */
import { createHash, randomUUID } from 'node:crypto';
import { EntityId, getClient, type DurableClient } from 'durable-functions';
import { z } from 'zod';
import type {
  GraphChange,
  GraphNotificationBatch,
  NotificationReader,
} from '../clients/graph/notifications.ts';
import type { WebhookAddresses } from '../clients/webhooks/addresses.ts';
import { entityNames, readId, userIdSchema, userPresenceKey } from '../contracts/identities.ts';
import { graphReadLimit, resyncPresenceName } from '../contracts/resync-presence.ts';
import type { UserPresenceOperation } from '../contracts/user-presence.ts';
import type { CounterAttributes, Telemetry } from '../domain/telemetry.ts';
import { isFailure } from '../domain/vendor-error.ts';
import { problem } from './answers.ts';
import { registerGraphDoor } from './graph-door.ts';

interface Dependencies {
  reader: NotificationReader;
  addresses: WebhookAddresses;
  telemetry: Telemetry;
  clock: () => Date;
}

type Outcome = CounterAttributes<'notifications'>['outcome'];
type Observation = Extract<UserPresenceOperation, { operation: 'observeTeams' }>;

/** What a batch holds for us: what people show, of whom we only know that they changed, and what became of each item. */
interface Authentic {
  observed: Map<string, Observation>;
  changed: Map<string, Set<string>>;
  outcomes: Outcome[];
}

export function registerGraphNotifications(dependencies: Dependencies): void {
  const told = (outcome: Outcome, many = 1): void =>
    dependencies.telemetry.count('notifications', { source: 'graphPresence', outcome }, many);
  registerGraphDoor('graphNotifications', 'graph/notifications', async (batch, context) => {
    try {
      const authentic = await authenticate(dependencies, batch);
      await passOn(getClient(context), authentic);
      for (const outcome of authentic.outcomes) told(outcome);
    } catch (error) {
      if (!isFailure(error, 'unavailable')) throw error;
      told('unverifiable', batch.changes.length);
      // Graph sends the batch again (for up to 4 hours), when its signing keys can be had.
      return problem(503, 'The notifications cannot be verified now.');
    }
    return { status: 202 };
  });
}

async function authenticate(
  { reader, addresses, clock }: Dependencies,
  batch: GraphNotificationBatch,
): Promise<Authentic> {
  const authentic: Authentic = { observed: new Map(), changed: new Map(), outcomes: [] };
  const isRich = batch.changes.some(
    (change) => change.encryptedContent !== undefined && addressee(addresses, change) !== undefined,
  );
  const vouched = isRich ? await reader.verifyValidationTokens([...batch.validationTokens]) : undefined;
  const at = clock().toISOString();
  const note = (change: GraphChange): Outcome => {
    const tenantId = addressee(addresses, change);
    if (tenantId === undefined) return 'notOurs';
    if (change.encryptedContent === undefined) return noteChanged(authentic, tenantId, change.userId);
    if (vouched?.tenantIds.has(change.microsoftTenantId ?? '') !== true) return 'unvouched';
    return noteObserved(authentic, tenantId, reader, { change, at });
  };
  for (const change of batch.changes) authentic.outcomes.push(note(change));
  return authentic;
}

function addressee(addresses: WebhookAddresses, change: GraphChange): string | undefined {
  const { clientState, microsoftTenantId } = change;
  if (clientState === undefined || microsoftTenantId === undefined) return undefined;
  return addresses.readGraphClientState(clientState, microsoftTenantId)?.tenantId;
}

function noteChanged(authentic: Authentic, tenantId: string, userId: string | undefined): Outcome {
  const person = userIdSchema.safeParse(userId);
  if (!person.success) return 'unreadable';
  const people = authentic.changed.get(tenantId) ?? new Set<string>();
  authentic.changed.set(tenantId, people.add(person.data));
  return 'accepted';
}

const signed = z.object({ dataSignature: z.string() });

/** Of several notifications about one person in a batch, the newest counts: the later, unless a number says otherwise. */
function noteObserved(
  authentic: Authentic,
  tenantId: string,
  reader: NotificationReader,
  { change, at }: { change: GraphChange; at: string },
): Outcome {
  const presence = reader.decrypt(change.encryptedContent);
  const person = userIdSchema.safeParse(presence?.userId ?? change.userId);
  const isAnothers = change.userId !== undefined && change.userId.toLowerCase() !== person.data;
  if (presence === undefined || !person.success || isAnothers) return 'unreadable';
  const { userId: _told, sequenceNumber: sequence, ...report } = presence;
  const id = digest(signed.parse(change.encryptedContent).dataSignature);
  const origin = { kind: 'notification' as const, id, ...(sequence !== undefined && { sequence }) };
  const key = userPresenceKey(tenantId, person.data);
  const known = authentic.observed.get(key)?.input.origin;
  const newest = known?.kind === 'notification' ? known.sequence : undefined;
  if (newest !== undefined && sequence !== undefined && newest > sequence) return 'accepted';
  authentic.observed.set(key, {
    operation: 'observeTeams',
    input: { report, origin, at },
  });
  return 'accepted';
}

async function passOn(client: DurableClient, { observed, changed }: Authentic): Promise<void> {
  const signals = [...observed].map(([key, { operation, input: observation }]) =>
    client.signalEntity(new EntityId(entityNames.userPresence, key), operation, observation),
  );
  const reads = [...changed].map(([tenantId, people]) => startRead(client, tenantId, [...people].toSorted()));
  await Promise.all([...signals, ...reads]);
}

/** A basic notification only says who changed; what they show has to be read, and not by a read already under way. */
async function startRead(client: DurableClient, tenantId: string, userIds: string[]): Promise<void> {
  for (let start = 0; start < userIds.length; start += graphReadLimit) {
    const people = userIds.slice(start, start + graphReadLimit);
    await client.startNew(resyncPresenceName, {
      instanceId: readId(tenantId, randomUUID()),
      input: { tenantId, side: 'teams', userIds: people },
    });
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
