/** Teams presence in our words: reading what Microsoft Graph reports, and what to write for a hold. */
import { z } from 'zod';
import type { Hold, Status } from './presence.ts';

/** As Graph reports it; both fields are open strings, because Graph's lists differ between versions. */
export const teamsReportSchema = z.object({
  availability: z.string().max(100),
  activity: z.string().max(100),
  /** The automatic reply is on (Graph, `outOfOfficeSettings`), which the activity tells only where nothing else does. */
  isOutOfOffice: z.boolean().optional(),
  /** A sortable version stamp, where Graph sends one (Graph, resource type presence, `sequenceNumber`). */
  sequenceNumber: z.string().max(100).optional(),
});
export type TeamsReport = z.infer<typeof teamsReportSchema>;

const byActivity = new Map<string, Status>([
  ['inacall', 'inCall'],
  ['inaconferencecall', 'inCall'],
  ['inameeting', 'inMeeting'],
  ['presenting', 'doNotDisturb'],
  ['focusing', 'doNotDisturb'],
  ['urgentinterruptionsonly', 'doNotDisturb'],
]);

const byAvailability = new Map<string, Status>([
  ['available', 'available'],
  ['availableidle', 'available'],
  ['away', 'away'],
  ['berightback', 'away'],
  ['busy', 'busy'],
  ['busyidle', 'busy'],
  ['donotdisturb', 'doNotDisturb'],
  ['focusing', 'doNotDisturb'],
  ['presenting', 'doNotDisturb'],
  ['inacall', 'inCall'],
  ['inameeting', 'inMeeting'],
  ['offline', 'offline'],
]);

const yieldsToOutOfOffice: ReadonlySet<Status> = new Set(['available', 'away', 'offline']);
const inactive = new Set(['inactive', 'availableinactive', 'busyinactive']);
const idle = new Set(['availableidle', 'busyidle']);
/** Busy or do-not-disturb for reasons that are never ours: we set InACall and Presenting. */
const neverOurs = new Set(['inaconferencecall', 'inameeting', 'focusing', 'urgentinterruptionsonly']);

/**
 * Reads a report case-insensitively; do-not-disturb outranks the activity, a call or a meeting goes on out of office, too,
 * and values nobody knows are `unknown`.
 */
export function readTeamsStatus(report: TeamsReport): Status {
  const status = readAvailability(report);
  const isOut = report.isOutOfOffice === true || report.activity.toLowerCase() === 'outofoffice';
  return isOut && yieldsToOutOfOffice.has(status) ? 'outOfOffice' : status;
}

function readAvailability(report: TeamsReport): Status {
  const availability = byAvailability.get(report.availability.toLowerCase());
  if (availability === 'doNotDisturb' || availability === 'offline') return availability;
  return byActivity.get(report.activity.toLowerCase()) ?? availability ?? 'unknown';
}

/**
 * What the report tells of the person who was seen as `before`. Inactivity, where Teams tells it from a chosen Away, means
 * away, or is ignored: then what was seen before counts on, as far as it can last through inactivity.
 */
export function seenInTeams(report: TeamsReport, before: Status, ignoreInactivity: boolean): Status {
  const status = readTeamsStatus(report);
  if (!isInactive(report)) return status;
  if (!ignoreInactivity) return status === 'available' ? 'away' : status;
  if (status === 'busy') return before === 'inMeeting' ? before : status;
  if (before === 'available' || before === 'away') return before;
  return status === 'away' ? 'available' : status;
}

function isInactive({ availability, activity }: TeamsReport): boolean {
  return idle.has(availability.toLowerCase()) || inactive.has(activity.toLowerCase());
}

/** True when the person appears offline because they have chosen so (Graph, manage presence state: offline, off work). */
export function isInvisibleInTeams({ availability, activity }: TeamsReport): boolean {
  return availability.toLowerCase() === 'offline' && activity.toLowerCase() === 'offwork';
}

/** The hold that the report looks like; Busy/InACall may come back as Busy/Busy. */
export function likeOurs(report: TeamsReport): Hold | undefined {
  if (neverOurs.has(report.activity.toLowerCase())) return undefined;
  const status = readAvailability(report);
  if (status === 'doNotDisturb') return 'doNotDisturb';
  return status === 'busy' || status === 'inCall' ? 'busy' : undefined;
}

export const teamsWriteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set'), availability: z.string(), activity: z.string() }),
  z.object({ kind: z.literal('clear') }),
]);
/** One write to our application's own presence session in Teams. */
export type TeamsWrite = z.infer<typeof teamsWriteSchema>;

/** How long a session we set lasts, in minutes: the longest Graph allows (presence: setPresence, PT4H). */
export const teamsHoldMinutes = 240;

/** The write for a hold, as one of the legal pairs of Graph's `presence: setPresence`. */
export function teamsWrite(hold: Hold | null): TeamsWrite {
  switch (hold) {
    case null:
      return { kind: 'clear' };
    case 'busy':
    case 'noQueueCalls':
      return { kind: 'set', availability: 'Busy', activity: 'InACall' };
    case 'doNotDisturb':
      return { kind: 'set', availability: 'DoNotDisturb', activity: 'Presenting' };
  }
}
