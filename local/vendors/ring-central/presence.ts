/** What RingCentral shows of a person: the stored presence, how it is aggregated, and its form in answers and events. */
import { z } from 'zod';

const activeCallSchema = z.object({
  id: z.string(),
  direction: z.string(),
  queueCall: z.boolean(),
  from: z.string(),
  fromName: z.string(),
  to: z.string(),
  toName: z.string(),
  startTime: z.string(),
  telephonyStatus: z.string(),
  sessionId: z.string(),
  telephonySessionId: z.string(),
  partyId: z.string(),
});

/** Presence as kept; strings rather than enums, since a vendor adds values over time and tests want to see that. */
export const presenceSchema = z.object({
  userStatus: z.string(),
  dndStatus: z.string(),
  dndStatusPersonal: z.string(),
  acceptCallQueueCalls: z.boolean(),
  telephonyStatus: z.string(),
  meetingStatus: z.string(),
  message: z.string().optional(),
  allowSeeMyPresence: z.boolean(),
  callerIdVisibility: z.string(),
  ringOnMonitoredCall: z.boolean(),
  pickUpCallsOnHold: z.boolean(),
  activeCalls: z.array(activeCallSchema),
});

export type ActiveCall = z.infer<typeof activeCallSchema>;
export type Presence = z.infer<typeof presenceSchema>;

export const initialPresence: Presence = {
  userStatus: 'Available',
  dndStatus: 'TakeAllCalls',
  dndStatusPersonal: 'TakeAllCalls',
  acceptCallQueueCalls: true,
  telephonyStatus: 'NoCall',
  meetingStatus: 'Disconnected',
  allowSeeMyPresence: true,
  callerIdVisibility: 'All',
  ringOnMonitoredCall: false,
  pickUpCallsOnHold: false,
  activeCalls: [],
};

/** Who looks, and at what kind of account. */
export interface Viewpoint {
  /** The account has the new communication handling service, which splits `dndStatus` in two fields. */
  readonly newCallHandling: boolean;
  /** The person looks at their own presence, which is shown even when publication is off. */
  readonly own: boolean;
}

/**
 * The status everybody sees. The vendor publishes no algorithm; known: a person who chose Offline stays Offline, and a
 * connected call makes Busy of Available. A meeting and "do not disturb" count as Busy here.
 */
function aggregatePresenceStatus(presence: Presence): string {
  if (presence.userStatus === 'Offline') return 'Offline';
  const onCall = presence.telephonyStatus === 'CallConnected' || presence.telephonyStatus === 'OnHold';
  const inMeeting = presence.meetingStatus === 'Connected';
  if (onCall || inMeeting || presence.dndStatus === 'DoNotAcceptAnyCalls') return 'Busy';
  return presence.userStatus;
}

/** The presence as a certain viewer gets it: whoever does not publish presence looks offline to others. */
function asSeen(presence: Presence, viewpoint: Viewpoint): Presence {
  if (presence.allowSeeMyPresence || viewpoint.own) return presence;
  const { message: _message, ...rest } = presence;
  return {
    ...rest,
    userStatus: 'Offline',
    telephonyStatus: 'NoCall',
    meetingStatus: 'Disconnected',
    activeCalls: [],
  };
}

function dndFields(presence: Presence, viewpoint: Viewpoint): Record<string, unknown> {
  if (!viewpoint.newCallHandling) return { dndStatus: presence.dndStatus };
  const { dndStatus, dndStatusPersonal, acceptCallQueueCalls } = presence;
  return { dndStatus, dndStatusPersonal, acceptCallQueueCalls };
}

/** The fields of PresenceInfoResponse that say something about a person, without address and extension. */
export function describePresence(
  presence: Presence,
  viewpoint: Viewpoint,
  detailed: boolean,
): Record<string, unknown> {
  const seen = asSeen(presence, viewpoint);
  return {
    presenceStatus: aggregatePresenceStatus(seen),
    userStatus: seen.userStatus,
    ...dndFields(seen, viewpoint),
    ...(seen.message === undefined ? {} : { message: seen.message }),
    telephonyStatus: seen.telephonyStatus,
    aggregatedTelephonyStatus: seen.telephonyStatus,
    meetingStatus: seen.meetingStatus,
    allowSeeMyPresence: seen.allowSeeMyPresence,
    callerIdVisibility: seen.callerIdVisibility,
    ringOnMonitoredCall: seen.ringOnMonitoredCall,
    pickUpCallsOnHold: seen.pickUpCallsOnHold,
    ...(detailed ? { activeCalls: seen.activeCalls } : {}),
  };
}

/** The events' own view: neither the status message nor the caller id setting is part of it. */
function eventFields(presence: Presence, viewpoint: Viewpoint): Record<string, unknown> {
  return {
    presenceStatus: aggregatePresenceStatus(presence),
    userStatus: presence.userStatus,
    meetingStatus: presence.meetingStatus,
    ...dndFields(presence, viewpoint),
    allowSeeMyPresence: presence.allowSeeMyPresence,
    ringOnMonitoredCall: presence.ringOnMonitoredCall,
    pickUpCallsOnHold: presence.pickUpCallsOnHold,
  };
}

/** The latest active calls in a detailed event are at most so many. */
const mostActiveCalls = 7;

export interface PresenceChange {
  readonly before: Presence;
  readonly after: Presence;
}

/**
 * The changing part of an ExtensionPresenceEvent (or DetailedExtensionPresenceEvent) body, or undefined when the viewer
 * has nothing new to see. `telephonyStatus` is there only when it changed, as the event's schema says.
 */
export function presenceEventFields(
  change: PresenceChange,
  viewpoint: Viewpoint,
  detailed: boolean,
): Record<string, unknown> | undefined {
  const before = asSeen(change.before, viewpoint);
  const after = asSeen(change.after, viewpoint);
  const called = before.telephonyStatus !== after.telephonyStatus;
  const fields = eventFields(after, viewpoint);
  const same = JSON.stringify(eventFields(before, viewpoint)) === JSON.stringify(fields);
  const sameCalls = !detailed || JSON.stringify(before.activeCalls) === JSON.stringify(after.activeCalls);
  if (same && sameCalls && !called) return undefined;
  return {
    ...(called ? { telephonyStatus: after.telephonyStatus } : {}),
    ...fields,
    ...(detailed
      ? {
          totalActiveCalls: after.activeCalls.length,
          activeCalls: after.activeCalls.slice(-mostActiveCalls),
        }
      : {}),
  };
}
