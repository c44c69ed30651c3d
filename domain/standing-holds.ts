/** What stands on a side because of us, and when it is to be set again in Teams, because Graph keeps it for four hours at most. */
import { z } from 'zod';
import { later } from './later.ts';
import type { Hold, Side } from './presence.ts';
import { teamsHoldMinutes } from './teams-presence.ts';

const instant = z.iso.datetime({ offset: true });

export const renewalsSchema = z.object({
  /** By whom they address. What stands in RingCentral does not run out. */
  standing: z.record(
    z.string(),
    z.object({ userId: z.string(), since: instant.optional(), renewAt: instant.optional() }),
  ),
  /** Counts the alarms set; each is an orchestration of its own, and only the newest counts. */
  alarms: z.int(),
  /** When the newest alarm goes off. */
  alarmAt: instant.optional(),
});
export type Renewals = z.infer<typeof renewalsSchema>;

/** A hold is set again this long before it would run out: time for an outage of the vendor, or of ours. */
const marginMinutes = 10;
const renewAfterMs = (teamsHoldMinutes - marginMinutes) * 60_000;
/** What is due so soon is taken along, and what cannot be renewed now is looked at again after this time. */
const togetherMs = 2 * 60_000;
/** An alarm that has been due for so long is taken for lost. */
const lostAfterMs = 60_000;

interface Written {
  userId: string;
  targetId: string;
  hold: Hold | null;
}

/** Notes what these writes, carried out on a side by the instant `at`, have left standing. */
export function standing(renewals: Renewals, side: Side, done: readonly Written[], at: string): Renewals {
  if (done.length === 0) return renewals;
  const stands = { ...renewals.standing };
  for (const { userId, targetId, hold } of done) {
    if (hold === null) delete stands[targetId];
    else
      stands[targetId] = { userId, since: at, ...(side === 'teams' && { renewAt: later(at, renewAfterMs) }) };
  }
  return { ...renewals, standing: stands };
}

/** How many have had something of ours for so many milliseconds at least. */
export function heldFor({ standing: stands }: Renewals, ms: number, at: string): number {
  const longAgo = later(at, -ms);
  return Object.values(stands).filter(({ since }) => since === undefined || since <= longAgo).length;
}

/**
 * The alarm number `alarm` has gone off: answers of whom a hold is about to run out. Who is `busy`, by whom they address,
 * has a write under way that may settle it, and is looked at again soon.
 */
export function renewalsDue(
  renewals: Renewals,
  alarm: number,
  busy: (targetId: string) => boolean,
  at: string,
): { renewals: Renewals; userIds: string[] } {
  if (alarm !== renewals.alarms) return { renewals, userIds: [] };
  const soon = later(at, togetherMs);
  const userIds: string[] = [];
  const stands: Renewals['standing'] = {};
  for (const [targetId, hold] of Object.entries(renewals.standing)) {
    if (hold.renewAt === undefined || hold.renewAt > soon) stands[targetId] = hold;
    else if (busy(targetId)) stands[targetId] = { ...hold, renewAt: soon };
    else userIds.push(hold.userId);
  }
  const { alarmAt: _over, ...rest } = renewals;
  return { renewals: { ...rest, standing: stands }, userIds };
}

/**
 * Sets the alarm for the hold that runs out first, unless one is set: what is set later runs out later. Answers undefined
 * where none is to be set now.
 */
export function nextAlarm(renewals: Renewals, at: string): (Renewals & { alarmAt: string }) | undefined {
  const { alarmAt, alarms, standing: stands } = renewals;
  if (alarmAt !== undefined && later(alarmAt, lostAfterMs) > at) return undefined;
  const [first] = Object.values(stands)
    .flatMap(({ renewAt }) => renewAt ?? [])
    .toSorted();
  return first === undefined ? undefined : { standing: stands, alarms: alarms + 1, alarmAt: first };
}
