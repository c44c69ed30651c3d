/** What RingCentral posts to a webhook: presence events, and reminders that the subscription is about to end. */
import { z } from 'zod';
import { instant, openNumber } from '../lenient.ts';
import { idText, presenceOf, type RingCentralPresence } from './ring-central-presence.ts';

export interface RingCentralPresenceEvent {
  readonly kind: 'presence';
  /** Opaque, and the same when RingCentral sends the event twice. */
  readonly uuid: string;
  readonly subscriptionId: string;
  readonly timestamp?: Date;
  /** Grows with each event of an extension. */
  readonly sequence?: number;
  /** To be merged into what is known: events leave out what did not change. */
  readonly presence: RingCentralPresence;
}

export interface RingCentralReminder {
  readonly kind: 'reminder';
  readonly uuid: string;
  readonly subscriptionId: string;
  readonly expiresInSeconds?: number;
}

/** Undefined for whatever is neither, such as an empty body of the handshake. */
export function readRingCentralNotification(
  body: unknown,
): RingCentralPresenceEvent | RingCentralReminder | undefined {
  const { data: envelope } = notification.safeParse(body);
  if (envelope === undefined) return undefined;
  const { uuid, subscriptionId, event } = envelope;
  if (/\/subscription\//.test(event)) {
    const { data: reminder } = reminderBody.safeParse(envelope.body);
    const expiresIn = reminder?.expiresIn;
    return {
      kind: 'reminder',
      uuid,
      subscriptionId,
      ...(expiresIn === undefined ? {} : { expiresInSeconds: expiresIn }),
    };
  }
  return readPresence(envelope);
}

function readPresence({
  uuid,
  subscriptionId,
  event,
  timestamp,
  body,
}: Envelope): RingCentralPresenceEvent | undefined {
  const [, inPath] = /\/extension\/(\d+)\/presence/.exec(event) ?? [];
  const { data: said } = presenceBody.safeParse(body ?? {});
  const extensionId = said?.extensionId ?? inPath;
  if (!/\/presence(?:[/?]|$)/.test(event) || said === undefined || extensionId === undefined)
    return undefined;
  return {
    kind: 'presence',
    uuid,
    subscriptionId,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(said.sequence === undefined ? {} : { sequence: said.sequence }),
    presence: presenceOf(extensionId, body),
  };
}

const notification = z.object({
  uuid: idText,
  event: z.string(),
  subscriptionId: idText,
  timestamp: instant.optional().catch(undefined),
  body: z.unknown().optional(),
});
type Envelope = z.infer<typeof notification>;

const presenceBody = z.object({
  extensionId: idText.optional().catch(undefined),
  sequence: openNumber,
});

const reminderBody = z.object({ expiresIn: openNumber });
