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
const byUserStatus: Record<string, Status> = { Available: 'available', Busy: 'busy', Offline: 'offline' };
const callStates = new Set(['CallConnected', 'OnHold', 'ParkedCall']);

/** The newer report laid over what was known; missing fields keep their value. */
export function mergeReport(known: RingCentralReport, newer: RingCentralReport): RingCentralReport {
  const present = Object.entries(newer).filter(([, value]) => value !== undefined);
  return { ...known, ...Object.fromEntries(present) };
}

/** True when the report blocks all calls, in the old or in the new field. */
export function isDoNotDisturb(report: RingCentralReport): boolean {
  return report.dndStatus === blocksAllCalls || report.dndStatusPersonal === blocksAllCalls;
}

/** A ringing phone is not a call yet: most rings end unanswered and would only make presence flicker. */
export function readRingCentralStatus(report: RingCentralReport): Status {
  if (isDoNotDisturb(report)) return 'doNotDisturb';
  if (callStates.has(report.telephonyStatus ?? '')) return 'inCall';
  if (report.meetingStatus === 'Connected') return 'inMeeting';
  return byUserStatus[report.userStatus ?? ''] ?? 'unknown';
}

export const ringCentralWriteSchema = z.object({
  userStatus: z.string().optional(),
  dndStatus: z.string().optional(),
  dndStatusPersonal: z.string().optional(),
});
/** A partial presence body: only the fields we mean to change. */
export type RingCentralWrite = z.infer<typeof ringCentralWriteSchema>;

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
  const dndField = own.dndStatusPersonal === undefined ? 'dndStatus' : 'dndStatusPersonal';
  if (hold === 'doNotDisturb') write[dndField] = blocksAllCalls;
  else if (touched.includes('doNotDisturb')) write[dndField] = own[dndField] ?? 'TakeAllCalls';
  return write;
}
