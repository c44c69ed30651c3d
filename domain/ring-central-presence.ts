/** RingCentral presence in our words: merging its partial reports, and what to write for a hold. */
import { z } from 'zod';
import type { Hold, Status } from './presence.ts';

const openEnum = z.string().max(100).optional();

/** As RingCentral reports it: every field may be missing, and then keeps its last value (presence events). */
export const ringCentralReportSchema = z.object({
  userStatus: openEnum,
  dndStatus: openEnum,
  /** Only on accounts with the new call handling, where it replaces `dndStatus` (PresenceInfoRequest). */
  dndStatusPersonal: openEnum,
  telephonyStatus: openEnum,
  meetingStatus: openEnum,
});
export type RingCentralReport = z.infer<typeof ringCentralReportSchema>;

const blocksAllCalls = 'DoNotAcceptAnyCalls';
const byUserStatus = new Map<string, Status>([
  ['Available', 'available'],
  ['Busy', 'busy'],
  ['Offline', 'offline'],
]);
const callStates = new Set(['CallConnected', 'OnHold', 'ParkedCall']);

/** The newer report laid over what was known; missing fields keep their value. */
export function mergeReport(known: RingCentralReport, newer: RingCentralReport): RingCentralReport {
  const present = Object.entries(newer).filter(([, value]) => value !== undefined);
  return { ...known, ...Object.fromEntries(present) };
}

/** True when the report blocks all calls, in the old or in the new field. */
function isDoNotDisturb(report: RingCentralReport): boolean {
  return report.dndStatus === blocksAllCalls || report.dndStatusPersonal === blocksAllCalls;
}

/** A ringing phone is not a call yet: most rings end unanswered and would only make presence flicker. */
export function readRingCentralStatus(report: RingCentralReport): Status {
  if (isDoNotDisturb(report)) return 'doNotDisturb';
  if (callStates.has(report.telephonyStatus ?? '')) return 'inCall';
  if (report.meetingStatus === 'Connected') return 'inMeeting';
  return byUserStatus.get(report.userStatus ?? '') ?? 'unknown';
}

export const ringCentralWriteSchema = z.object({
  userStatus: z.string().optional(),
  dndStatus: z.string().optional(),
  dndStatusPersonal: z.string().optional(),
});
/** A partial presence body: only the fields we mean to change. */
export type RingCentralWrite = z.infer<typeof ringCentralWriteSchema>;

const yieldingUserStatuses = new Set(['Available', 'Busy']);
/** `TakeDepartmentCallsOnly` is legacy and not to be set any more (RingCentral, call queues presence). */
const restorableBlocking = new Set(['TakeAllCalls', 'DoNotAcceptDepartmentCalls', blocksAllCalls]);

/**
 * What may be held over the person's own values: nothing that we could not put back exactly. So nothing is held before
 * their values are known, over values that nobody knows, or over Offline: who made themselves invisible meant it.
 */
export function holdable(wanted: Hold | null, own: RingCentralReport): Hold | null {
  if (!yieldingUserStatuses.has(own.userStatus ?? '')) return null;
  const isRestorable = restorableBlocking.has(own[blockingField(own)] ?? '');
  return wanted === 'doNotDisturb' && !isRestorable ? 'busy' : wanted;
}

/** True when putting back one value or the other would write something else. */
export function restoresDifferently(one: RingCentralReport, other: RingCentralReport): boolean {
  const field = blockingField(other);
  return one.userStatus !== other.userStatus || one[field] !== other[field];
}

/**
 * Accounts with the new call handling report `dndStatusPersonal` and take only that; RingCentral derives `dndStatus`
 * from it and from the queue setting, which we leave alone (PresenceInfoRequest).
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
  if (hold === 'busy') write.userStatus = 'Busy';
  else if (touched.includes('busy')) write.userStatus = own.userStatus ?? 'Available';
  const dndField = blockingField(own);
  if (hold === 'doNotDisturb') write[dndField] = blocksAllCalls;
  else if (touched.includes('doNotDisturb')) write[dndField] = own[dndField] ?? 'TakeAllCalls';
  return write;
}
