/** What RingCentral posts to a webhook about people's presence. */
import { z } from 'zod';
import { instant, openNumber } from '../lenient.ts';
import { idText, presenceOf, type RingCentralPresence } from './ring-central-presence.ts';

export interface RingCentralPresenceEvent {
  /** Opaque, and the same when RingCentral sends the event twice. */
  readonly uuid: string;
  readonly subscriptionId: string;
  readonly timestamp?: Date;
  /** Grows with each event of an extension. */
  readonly sequence?: number;
  /** To be merged into what is known: events leave out what did not change. */
  readonly presence: RingCentralPresence;
}

/** Undefined for whatever else is posted, such as a reminder that the subscription is about to end. */
export function readRingCentralNotification(posted: unknown): RingCentralPresenceEvent | undefined {
  const { data: envelope } = notification.safeParse(posted);
  if (envelope === undefined) return undefined;
  const { uuid, subscriptionId, event, timestamp, body } = envelope;
  const [, inPath] = /\/extension\/(\d+)\/presence/.exec(event) ?? [];
  const { data: said } = presenceBody.safeParse(body ?? {});
  const extensionId = said?.extensionId ?? inPath;
  if (!/\/presence(?:[/?]|$)/.test(event) || said === undefined || extensionId === undefined)
    return undefined;
  return {
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

const presenceBody = z.object({
  extensionId: idText.optional().catch(undefined),
  sequence: openNumber,
});
