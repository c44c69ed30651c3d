/** Teams presence in our words: reading what Microsoft Graph reports, and what to write for a hold. */
import { z } from 'zod';
import type { Hold, Status } from './presence.ts';

/** As Graph reports it; both fields are open strings, because Graph's lists differ between versions. */
export const teamsReportSchema = z.object({
  availability: z.string().max(100),
  activity: z.string().max(100),
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

/** Reads a report case-insensitively; do-not-disturb outranks the activity, and values nobody knows are `unknown`. */
export function readTeamsStatus(report: TeamsReport): Status {
  const availability = byAvailability.get(report.availability.toLowerCase());
  if (availability === 'doNotDisturb' || availability === 'offline') return availability;
  return byActivity.get(report.activity.toLowerCase()) ?? availability ?? 'unknown';
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
      return { kind: 'set', availability: 'Busy', activity: 'InACall' };
    case 'doNotDisturb':
      return { kind: 'set', availability: 'DoNotDisturb', activity: 'Presenting' };
  }
}
