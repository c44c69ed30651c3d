/** Which hold the rules want on one side, because of what the person does on the other. */
import type { Reason } from './journal.ts';
import { later } from './later.ts';
import { strengthOfHold, type Hold, type Side, type Status } from './presence.ts';
import { isQuiet } from './quiet-hours.ts';
import { holdable, isInvisible, isRinging, readRingCentralStatus } from './ring-central-presence.ts';
import { defaultMapping, type Cell, type SyncRules } from './sync-rules.ts';
import { isSeenInRingCentral, type UserPresence } from './user-presence-state.ts';

export interface Wanted {
  /** `keep`: what we hold stays as it is, whatever that is. */
  hold: Hold | null | 'keep';
  /** The person's own status on the other side. */
  from: Status;
  reasons: Reason[];
  /** The hold is because a phone rings, and counts from this instant on. */
  ringsUntil?: string;
}

/** What the rules want to be held on `side` at the instant `at`. */
export function wantedHold(side: Side, state: UserPresence, at: string): Wanted {
  const from = statusOn(other(side), state);
  const nothing = (reason: Reason): Wanted => ({ hold: null, from, reasons: [reason] });
  const { rules, service } = state;
  if (service.left) return nothing('notServed');
  if (!isSeen(other(side), state)) return nothing('nothingKnown');
  if (!receives(side, rules)) return nothing('direction');
  if (isQuiet(rules.quietHours, at)) return nothing('quietHours');
  const mapped = ringing(side, state, byTable(side, rules, from, state));
  return side === 'teams' ? mapped : overOwnValues(mapped, state);
}

/** What a call on the other side leads to on `side`. */
export function holdOfCall(side: Side, state: UserPresence): Hold | null | 'keep' {
  return byTable(side, state.rules, 'inCall', state).hold;
}

/** What the person does on a side by themselves. */
export function statusOn(side: Side, { teams, ringCentral }: UserPresence): Status {
  return side === 'teams' ? teams.own : readRingCentralStatus(ringCentral.own);
}

function other(side: Side): Side {
  return side === 'teams' ? 'ringCentral' : 'teams';
}

function isSeen(side: Side, state: UserPresence): boolean {
  return side === 'teams' ? state.teams.shown !== undefined : isSeenInRingCentral(state);
}

function receives(side: Side, { direction }: SyncRules): boolean {
  return (
    direction === 'both' || direction === (side === 'teams' ? 'ringCentralToTeams' : 'teamsToRingCentral')
  );
}

function byTable(side: Side, rules: SyncRules, from: Status, state: UserPresence): Wanted {
  const table = side === 'teams' ? rules.toTeams : rules.toRingCentral;
  const cell: Cell = table[from] ?? defaultMapping[from];
  if (cell === 'noChange') return { hold: 'keep', from, reasons: ['keeps'] };
  if (cell === 'doNotDisturb' && side === 'ringCentral') return doNotDisturb(rules, from, state);
  return { hold: cell === 'release' ? null : cell, from, reasons: ['mapping'] };
}

function doNotDisturb(rules: SyncRules, from: Status, { ringCentral }: UserPresence): Wanted {
  switch (rules.dndPolicy) {
    case 'blockAllCalls':
      return { hold: 'doNotDisturb', from, reasons: ['mapping'] };
    case 'showOnly':
      return { hold: 'busy', from, reasons: ['mapping', 'dndShowsOnly'] };
    case 'blockQueueCalls':
      return ringCentral.queueRefused
        ? { hold: 'busy', from, reasons: ['mapping', 'dndQueueCalls', 'queueRefused'] }
        : { hold: 'noQueueCalls', from, reasons: ['mapping', 'dndQueueCalls'] };
  }
}

/** A ringing phone is as good as a call once it has rung for long enough, unless something as strong is wanted anyway. */
function ringing(side: Side, state: UserPresence, wanted: Wanted): Wanted {
  const { own, ringingSince } = state.ringCentral;
  const seconds = state.rules.ringingCountsAfterSeconds;
  if (side !== 'teams' || seconds === null || ringingSince === undefined || !isRinging(own)) return wanted;
  const call = byTable(side, state.rules, 'inCall', state);
  if (call.hold === null || call.hold === 'keep') return wanted;
  if (wanted.hold !== 'keep' && strengthOfHold(wanted.hold) >= strengthOfHold(call.hold)) return wanted;
  const ringsUntil = later(ringingSince, seconds * 1000);
  return { ...call, reasons: ['ringing', ...call.reasons], ringsUntil };
}

function overOwnValues(wanted: Wanted, { ringCentral: { own, ledger, queueRefused } }: UserPresence): Wanted {
  if (wanted.hold === null) return wanted;
  if (wanted.hold === 'keep') {
    if (isInvisible(own)) return { ...wanted, hold: null, reasons: ['invisible'] };
    const isRefused = queueRefused && ledger.asked === 'noQueueCalls';
    return isRefused ? { ...wanted, hold: 'busy', reasons: [...wanted.reasons, 'queueRefused'] } : wanted;
  }
  const hold = holdable(wanted.hold, own);
  if (hold === wanted.hold) return wanted;
  const reason = hold === null && isInvisible(own) ? 'invisible' : 'notRestorable';
  return { ...wanted, hold, reasons: [...wanted.reasons, reason] };
}
