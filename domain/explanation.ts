/** Why each side shows what it shows: the chain from the cause to what was written and seen, from one person's state. */
import { isPending, type Ledger } from './hold.ts';
import type { JournalEntry, Reason } from './journal.ts';
import { statusOn } from './mapping.ts';
import { strengthOf, type Hold, type Side, type Status } from './presence.ts';
import { isQuiet } from './quiet-hours.ts';
import { readRingCentralStatus, settingsOf, settingsParts } from './ring-central-presence.ts';
import { likeOurs, readTeamsStatus } from './teams-presence.ts';
import type { UserPresence } from './user-presence-state.ts';

export interface SideExplanation {
  /** What the side shows, as it has last told us. */
  shown: {
    status: Status;
    /** `unknown` where nothing was told, or where the person's own status would look the same as what we hold. */
    setBy: 'person' | 'us' | 'unknown';
    /** The vendor's own words. */
    values: Record<string, string | boolean>;
    /** When it was last told, and how. */
    at?: string;
    by?: 'notification' | 'read';
  };
  /** What the person does there by themselves, as far as it can be told. */
  own: Status;
  /** What is to be held there, because of what status on the other side, by which rules, and since when. */
  wanted?: { hold: Hold | null; from: Status; reasons: Reason[]; since: string };
  delivery: {
    /** `none`: nothing was ever asked for. `heldBack`: not to be written before `notBefore`. */
    state: 'none' | 'waiting' | 'heldBack' | 'written' | 'overtaken' | 'refused' | 'abandoned';
    hold: Hold | null;
    askedAt?: string;
    notBefore?: string;
    answeredAt?: string;
    /** The vendor's code for its refusal. */
    code?: string;
    /** When the side was first seen to show it. */
    confirmedAt?: string;
  };
}

export interface Explanation {
  /** The instant for which this is told (ISO). */
  at: string;
  served: boolean;
  rulesVersion: number;
  quiet: boolean;
  sides: Record<Side, SideExplanation>;
  /** The last of what has happened, oldest first. */
  journal: JournalEntry[];
}

/** Explains both sides of this person at the instant `at`, as far as the vendors have told us by then. */
export function explain(state: UserPresence, at: string): Explanation {
  const { service, rules, rulesVersion, journal } = state;
  return {
    at,
    served: !service.left,
    rulesVersion,
    quiet: isQuiet(rules.quietHours, at),
    sides: { teams: explainSide('teams', state, at), ringCentral: explainSide('ringCentral', state, at) },
    journal,
  };
}

function explainSide(side: Side, state: UserPresence, at: string): SideExplanation {
  const { because, told } = state[side];
  return {
    shown: {
      ...shownOn(side, state),
      setBy: setBy(side, state),
      ...(told && { at: told.at, by: told.by }),
    },
    own: statusOn(side, state),
    ...(because && { wanted: because }),
    delivery: deliveryOf(side, state, at),
  };
}

function shownOn(side: Side, state: UserPresence): Pick<SideExplanation['shown'], 'status' | 'values'> {
  const shown = state[side].shown ?? {};
  const { teams, ringCentral } = state;
  const status =
    side === 'ringCentral'
      ? readRingCentralStatus(ringCentral.shown)
      : teams.shown && readTeamsStatus(teams.shown);
  const values: Record<string, string | boolean> = {};
  for (const [field, value] of Object.entries(shown)) if (value !== undefined) values[field] = value;
  return { status: status ?? 'unknown', values };
}

/** What looks like what we hold is ours, unless the person's own would look the same, or be hidden beneath it. */
function setBy(side: Side, state: UserPresence): SideExplanation['shown']['setBy'] {
  const { teams, ringCentral } = state;
  const { touched } = state[side].ledger;
  const { status } = shownOn(side, state);
  const own = statusOn(side, state);
  if (status === 'unknown') return 'unknown';
  const like =
    side === 'teams'
      ? [teams.shown && likeOurs(teams.shown)]
      : settingsParts(settingsOf(ringCentral.shown)).map((part) => part.like);
  const isLikeOurs = like.some((part) => part !== undefined && touched.includes(part));
  if (isLikeOurs) return strengthOf(own) >= strengthOf(status) ? 'unknown' : 'us';
  // A late echo of what we held a moment ago is not the person's either.
  return strengthOf(status) > strengthOf(own) ? 'us' : 'person';
}

function deliveryOf(side: Side, state: UserPresence, at: string): SideExplanation['delivery'] {
  const { ledger, because } = state[side];
  const { asked: hold, heldBack } = ledger;
  if (ledger.revision === 0) return { state: 'none', hold };
  const asked = state.journal.findLast((entry) => entry.kind === 'asked' && entry.side === side);
  const askedAt = asked?.at ?? because?.since;
  const told = { hold, ...(askedAt !== undefined && { askedAt }) };
  if (isPending(ledger)) {
    if (heldBack === undefined || heldBack.until <= at) return { state: 'waiting', ...told };
    return { state: 'heldBack', ...told, notBefore: heldBack.until };
  }
  return { ...told, ...outcomeOf(ledger) };
}

type Outcome = Pick<SideExplanation['delivery'], 'state' | 'answeredAt' | 'code' | 'confirmedAt'>;

function outcomeOf({ answer, rejection, shownSince }: Ledger): Outcome {
  // What was answered before answers were noted was written.
  const outcome = answer?.outcome ?? 'done';
  return {
    state: outcomes[outcome],
    ...(answer && { answeredAt: answer.at }),
    ...(outcome === 'rejected' && rejection && { code: rejection.code }),
    ...(outcome === 'done' && shownSince !== undefined && { confirmedAt: shownSince }),
  };
}

const outcomes = {
  done: 'written',
  dropped: 'overtaken',
  rejected: 'refused',
  abandoned: 'abandoned',
} as const;
