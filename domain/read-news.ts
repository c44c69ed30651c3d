/** What a read says that a person's state does not know yet. */
import { isPending } from './hold.ts';
import { mergeReport, readRingCentralStatus, type RingCentralReport } from './ring-central-presence.ts';
import { strengthOf, type Side } from './presence.ts';
import { likeOurs, readTeamsStatus, type TeamsReport } from './teams-presence.ts';
import type { UserPresence } from './user-presence-state.ts';
import { observeRingCentral, observeTeams } from './user-presence.ts';

/** What a side shows of a person. */
export type Shown =
  { side: 'teams'; report: TeamsReport } | { side: 'ringCentral'; report: RingCentralReport };

/**
 * False where the state would stay as it is if it were told what was read at the instant `at`, but for when it was told:
 * then it need not be told. Who is not served any more, or may be about to be, is always to be told.
 */
export function isNews(state: UserPresence, shown: Shown, at: string): boolean {
  if (state.service.left) return true;
  const read = { kind: 'read' } as const;
  const { state: after, wishes } =
    shown.side === 'teams'
      ? observeTeams(state, shown.report, read, at)
      : observeRingCentral(state, shown.report, read, at);
  return wishes.length > 0 || withoutTimes(after) !== withoutTimes(state);
}

/** What says when something was told, and nothing of what. */
const ofTime: ReadonlySet<string> = new Set([
  'order',
  'callOrder',
  'sequenceNumber',
  'told',
  'decidedAt',
  'journal',
]);

function withoutTimes(state: UserPresence): string {
  return JSON.stringify(state, (key, value: unknown) => (ofTime.has(key) ? undefined : value));
}

/**
 * True where a side shows something that matters and that nobody has told us of. Of whom nothing is known yet, nothing is missing.
 */
export function isUntold(state: UserPresence, shown: Shown): boolean {
  if (state.service.left) return false;
  if (shown.side === 'teams') {
    const { shown: known } = state.teams;
    return known !== undefined && readTeamsStatus(known) !== readTeamsStatus(shown.report);
  }
  const { shown: known } = state.ringCentral;
  if (Object.keys(known).length === 0) return false;
  return readRingCentralStatus(known) !== readRingCentralStatus(mergeReport(known, shown.report));
}

/**
 * True where Teams, as far as we were told, still shows what we have let go of. A call that began beneath our Busy looks just
 * like it, then and after, so that Teams has nothing to tell; only a read does.
 */
export function isUnheard({ service, teams }: UserPresence): boolean {
  const { shown, own, ledger } = teams;
  if (service.left || shown === undefined || ledger.asked !== null || isPending(ledger)) return false;
  return likeOurs(shown) !== undefined && strengthOf(own) < strengthOf(readTeamsStatus(shown));
}

/** True where the vendor has notified us of the person after the instant `since`. */
export function isToldSince(state: UserPresence, side: Side, since: string): boolean {
  return ordersOf(state, side).some(({ toldAt }) => toldAt !== undefined && toldAt > since);
}

/** True where the person was read, or told of, after the instant `since`. */
export function isSeenSince(state: UserPresence, side: Side, since: string): boolean {
  return ordersOf(state, side).some(({ seenAt }) => seenAt !== undefined && seenAt > since);
}

function ordersOf({ teams, ringCentral }: UserPresence, side: Side) {
  return side === 'teams' ? [teams.order] : [ringCentral.order, ringCentral.callOrder];
}
