/** RingCentral presence in our words: merging its partial reports, and what to write for a hold. */
import { z } from 'zod';
import { partsOf, type Hold, type Status } from './presence.ts';

const openEnum = z.string().max(100).optional();

/** As RingCentral reports it: every field may be missing, and then keeps its last value (presence events). */
export const ringCentralReportSchema = z.object({
  userStatus: openEnum,
  dndStatus: openEnum,
  /** Only on accounts with the new call handling, where it replaces `dndStatus` (PresenceInfoRequest). */
  dndStatusPersonal: openEnum,
  /** The person's choice about calls of their call queues, which those accounts keep apart (PresenceInfoRequest). */
  acceptCallQueueCalls: z.boolean().optional(),
  telephonyStatus: openEnum,
  meetingStatus: openEnum,
});
export type RingCentralReport = z.infer<typeof ringCentralReportSchema>;

const blocksAllCalls = 'DoNotAcceptAnyCalls';
const blocksQueueCalls = 'DoNotAcceptDepartmentCalls';
const byUserStatus = new Map<string, Status>([
  ['Available', 'available'],
  ['Busy', 'busy'],
  ['Offline', 'offline'],
]);
const callStates = new Set(['CallConnected', 'OnHold', 'ParkedCall']);

/** The newer report laid over what was known; missing fields keep their value. */
export function mergeReport(known: RingCentralReport, newer: RingCentralReport): RingCentralReport {
  const merged: Record<string, unknown> = { ...known };
  for (const field in newer) {
    const value = newer[field as keyof RingCentralReport];
    if (value !== undefined) merged[field] = value;
  }
  return merged;
}

/** What the person may have set, without calls and meetings, which are over by themselves. */
export function settingsOf({
  telephonyStatus: _call,
  meetingStatus: _meeting,
  ...settings
}: RingCentralReport): RingCentralReport {
  return settings;
}

/** True when the report blocks all calls, in the old or in the new field. */
function isDoNotDisturb(report: RingCentralReport): boolean {
  return report.dndStatus === blocksAllCalls || report.dndStatusPersonal === blocksAllCalls;
}

/** True when the report tells of a call. */
export function isOnCall(report: RingCentralReport): boolean {
  return callStates.has(report.telephonyStatus ?? '');
}

/** True when the report tells of a phone that rings. */
export function isRinging(report: RingCentralReport): boolean {
  return report.telephonyStatus === 'Ringing';
}

/** A ringing phone is not a call yet: most rings end unanswered and would only make presence flicker. */
export function readRingCentralStatus(report: RingCentralReport): Status {
  if (isDoNotDisturb(report)) return 'doNotDisturb';
  if (isOnCall(report)) return 'inCall';
  if (report.meetingStatus === 'Connected') return 'inMeeting';
  return byUserStatus.get(report.userStatus ?? '') ?? 'unknown';
}

/** Settings that are shown, and put back, together. */
export interface SettingsPart {
  values: RingCentralReport;
  /** The part of a hold that they look like. */
  like: Hold | undefined;
  /** The parts of holds that are written here. */
  about: readonly Hold[];
}

/** The settings told, each with what of ours it could be. */
export function settingsParts(settings: RingCentralReport): SettingsPart[] {
  const { userStatus, dndStatus, dndStatusPersonal, acceptCallQueueCalls } = settings;
  const parts: SettingsPart[] = [];
  if (userStatus !== undefined) {
    const like = userStatus === 'Busy' ? 'busy' : undefined;
    parts.push({ values: { userStatus }, like, about: ['busy'] });
  }
  if (dndStatusPersonal !== undefined) {
    const like = isDoNotDisturb(settings) ? 'doNotDisturb' : undefined;
    parts.push({ values: { dndStatus, dndStatusPersonal }, like, about: ['doNotDisturb'] });
  } else if (dndStatus !== undefined) {
    const queue = dndStatus === blocksQueueCalls ? 'noQueueCalls' : undefined;
    const like = dndStatus === blocksAllCalls ? 'doNotDisturb' : queue;
    parts.push({ values: { dndStatus }, like, about: ['doNotDisturb', 'noQueueCalls'] });
  }
  if (acceptCallQueueCalls !== undefined) {
    const like = acceptCallQueueCalls ? undefined : 'noQueueCalls';
    parts.push({ values: { acceptCallQueueCalls }, like, about: ['noQueueCalls'] });
  }
  return parts;
}

export const ringCentralWriteSchema = z.object({
  userStatus: z.string().optional(),
  dndStatus: z.string().optional(),
  dndStatusPersonal: z.string().optional(),
  acceptCallQueueCalls: z.boolean().optional(),
});
/** A partial presence body: only the fields we mean to change. */
export type RingCentralWrite = z.infer<typeof ringCentralWriteSchema>;

const yieldingUserStatuses = new Set(['Available', 'Busy']);
/** `TakeDepartmentCallsOnly` is legacy and not to be set any more (RingCentral, call queues presence). */
const restorableBlocking = new Set(['TakeAllCalls', blocksQueueCalls, blocksAllCalls]);

/** True when the person has made themselves invisible, and meant it: RingCentral's own Offline passes by itself. */
export function isInvisible(own: RingCentralReport): boolean {
  return own.userStatus === 'Offline';
}

/**
 * What may be held over the person's own values: nothing that we could not put back exactly. So nothing is held before
 * their values are known, over values that nobody knows, or over Offline. Who has opted out of queue calls keeps that.
 */
export function holdable(wanted: Hold | null, own: RingCentralReport): Hold | null {
  if (!yieldingUserStatuses.has(own.userStatus ?? '')) return null;
  if (wanted === 'noQueueCalls') return takesQueueCalls(own) ? wanted : 'busy';
  const isRestorable = restorableBlocking.has(own[blockingField(own)] ?? '');
  return wanted === 'doNotDisturb' && !isRestorable ? 'busy' : wanted;
}

/** The person is known to take queue calls: then they can be turned off, and on again. */
function takesQueueCalls(own: RingCentralReport): boolean {
  if (own.dndStatusPersonal !== undefined) return own.acceptCallQueueCalls === true;
  return own.dndStatus === 'TakeAllCalls';
}

/** True when putting back one value or the other would write something else. */
export function restoresDifferently(one: RingCentralReport, other: RingCentralReport): boolean {
  const field = blockingField(other);
  return (
    one.userStatus !== other.userStatus ||
    one[field] !== other[field] ||
    (field === 'dndStatusPersonal' && one.acceptCallQueueCalls !== other.acceptCallQueueCalls)
  );
}

/**
 * Accounts with the new call handling report `dndStatusPersonal` and take only that; RingCentral derives `dndStatus`
 * from it and from `acceptCallQueueCalls` (PresenceInfoRequest).
 */
function blockingField(own: RingCentralReport): 'dndStatus' | 'dndStatusPersonal' {
  return own.dndStatusPersonal === undefined ? 'dndStatus' : 'dndStatusPersonal';
}

/**
 * The write that takes a side from what we may have set before (`touched`) to `hold`, putting back the
 * person's `own` values where we let go. DND changes call routing, so its last other value is restored
 * exactly: a queue opt-out stays an opt-out.
 */
export function ringCentralWrite(
  hold: Hold | null,
  touched: readonly Hold[],
  own: RingCentralReport,
): RingCentralWrite {
  const write: RingCentralWrite = {};
  const parts = partsOf(hold);
  if (parts.includes('busy')) write.userStatus = 'Busy';
  else if (touched.includes('busy')) write.userStatus = own.userStatus ?? 'Available';
  return { ...write, ...callsWrite(parts, touched, own) };
}

function callsWrite(
  parts: readonly Hold[],
  touched: readonly Hold[],
  own: RingCentralReport,
): RingCentralWrite {
  const field = blockingField(own);
  const isNew = field === 'dndStatusPersonal';
  const isTouched = (part: Hold): boolean => touched.includes(part) && !parts.includes(part);
  const write: RingCentralWrite = {};
  if (parts.includes('doNotDisturb')) write[field] = blocksAllCalls;
  else if (!isNew && parts.includes('noQueueCalls')) write[field] = blocksQueueCalls;
  else if (isTouched('doNotDisturb') || (!isNew && isTouched('noQueueCalls'))) {
    write[field] = own[field] ?? 'TakeAllCalls';
  }
  if (!isNew) return write;
  if (parts.includes('noQueueCalls')) write.acceptCallQueueCalls = false;
  else if (isTouched('noQueueCalls')) write.acceptCallQueueCalls = own.acceptCallQueueCalls ?? true;
  return write;
}
