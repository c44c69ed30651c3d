/** Decides what both sides of one person should hold, and what is to be written for it. */
import {
  ask,
  drop,
  isCertain,
  isLeftBehind,
  isPending,
  releaseHeldBack,
  unreleased,
  type HoldBack,
  type Ledger,
} from './hold.ts';
import { entered, type Journal, type Reason } from './journal.ts';
import { later } from './later.ts';
import { holdOfCall, statusOn, wantedHold, type Wanted } from './mapping.ts';
import { strengthOf, strengthOfHold, urgencyOf, type Hold, type Side, type Status } from './presence.ts';
import { restoresDifferently, ringCentralWrite } from './ring-central-presence.ts';
import { readTeamsStatus, teamsHoldMinutes, teamsWrite, type TeamsReport } from './teams-presence.ts';
import {
  isSeenInRingCentral,
  type Because,
  type Decision,
  type UserPresence,
  type Wish,
} from './user-presence-state.ts';

const lapseMarginMinutes = 5;

interface SideDecision {
  ledger: Ledger;
  because?: Because;
  wish?: Wish;
}

/** What is wanted of one side, and what there is to judge it by. */
interface Situation {
  side: Side;
  state: UserPresence;
  ledger: Ledger;
  wanted: Wanted;
  /** What the person does on that side by themselves. */
  own: Status;
  at: string;
}

/**
 * Decides what both sides should hold at the instant `at`: nothing, once the service has ended for the person. `before` is
 * the state before what was seen.
 */
export function decide(seen: UserPresence, at: string, before: UserPresence): Decision {
  const { decidedAt } = seen;
  const state = decidedAt === undefined || decidedAt < at ? { ...seen, decidedAt: at } : seen;
  const teams = decideTeams(state, at, before);
  const ringCentral = decideRingCentral(state, at, before);
  const wishes = [teams.wish, ringCentral.wish].filter((wish) => wish !== undefined);
  return {
    state: {
      ...state,
      teams: { ...state.teams, ...told(teams) },
      ringCentral: { ...state.ringCentral, ...told(ringCentral) },
      journal: [teams, ringCentral].reduce(withAsked, state.journal),
    },
    wishes,
  };
}

function told({ ledger, because }: SideDecision): { ledger: Ledger; because?: Because } {
  return { ledger, ...(because && { because }) };
}

function withAsked(journal: Journal, { wish, because }: SideDecision): Journal {
  if (wish === undefined || because === undefined) return journal;
  const { side, revision, hold, since: at, notBefore } = wish;
  const { from, reasons } = because;
  return entered(journal, {
    kind: 'asked',
    at,
    side,
    revision,
    hold,
    from,
    reasons,
    ...(notBefore !== undefined && { notBefore }),
  });
}

function decideTeams(state: UserPresence, at: string, before: UserPresence): SideDecision {
  const { own, shown, ledger: known } = state.teams;
  const ruled = wantedHold('teams', state, state.decidedAt ?? at);
  const isKept = ruled.hold === 'keep' || ruled.hold === known.asked;
  const isLapsed = isKept && hasLapsed(known, shown, at);
  const wanted = isLapsed ? { ...ruled, hold: known.asked } : ruled;
  const standing = isLapsed ? { ...known, asked: null } : known;
  const { ledger: next, reasons } = nextLedger({ side: 'teams', state, ledger: standing, wanted, own, at });
  // What has run out, and is not to be set anew, is let go of; it may not have run out after all.
  const ledger = isLapsed && next === standing ? ask(standing, null, at) : next;
  const because = becauseOf(state.teams.because, ledger, wanted, {
    reasons: isLapsed ? [...reasons, 'ranOut'] : reasons,
    at,
  });
  if (ledger === standing) return { ledger: known, because };
  if (isIdleRelease(standing, ledger)) return { ledger: withdrawn(ledger), because };
  const cause = { from: statusOn('ringCentral', before), to: wanted.from };
  const asked = question(standing, ledger, cause, at);
  const certain = asked.certain && !mayHaveRunOut(standing, at);
  return { ledger, because, wish: { side: 'teams', ...asked, certain, write: teamsWrite(ledger.asked) } };
}

/**
 * What we put back comes back to us, and looks like the person's newer choice while something is under way: made anew for
 * that, the wish would go round with its own echo. So after a few times what stands there is left, but for what we may hold;
 * and after two more, in which no answer has come, that, too.
 */
const mostRestated = 3;

/**
 * What waits to be written is made from the person's own values: where they have changed one of them meanwhile, the
 * wish is made anew, so that a value is never put back over a newer choice.
 */
function decideRingCentral(state: UserPresence, at: string, before: UserPresence): SideDecision {
  const { own, ledger: standing } = state.ringCentral;
  if (!state.service.left && !isSeenInRingCentral(state)) return { ledger: standing };
  const wanted = wantedHold('ringCentral', state, state.decidedAt ?? at);
  const situation = { side: 'ringCentral', state, ledger: standing, wanted, at } as const;
  const { ledger: next, reasons } = nextLedger({ ...situation, own: statusOn('ringCentral', state) });
  const isStale =
    next === standing && isPending(standing) && restoresDifferently(before.ringCentral.own, own);
  const restated = (standing.restated ?? 0) + 1;
  const ledger = isStale ? { ...askAnew(standing, at), restated } : next;
  const because = becauseOf(state.ringCentral.because, ledger, wanted, { reasons, at });
  if (ledger === standing) return { ledger, because };
  if (isIdleRelease(standing, ledger)) return { ledger: withdrawn(ledger), because };
  const cause = { from: before.teams.own, to: wanted.from };
  const goesRound = isStale && restated > mostRestated && !restoresDifferently(state.ringCentral.shown, own);
  const left = restated > mostRestated + 2 ? [] : unreleased(standing);
  const write = ringCentralWrite(ledger.asked, goesRound ? left : ledger.touched, own);
  return {
    ledger,
    because,
    wish: { side: 'ringCentral', ...question(standing, ledger, cause, at), write },
  };
}

/**
 * The ledger with what is wanted asked for, or the very same ledger when nothing is to be done. What was left behind is
 * released even though nobody asks for it: nobody may be left stuck.
 */
function nextLedger(situation: Situation): { ledger: Ledger; reasons: Reason[] } {
  const { ledger, wanted, at } = situation;
  const hold = wanted.hold === 'keep' ? kept(ledger, at) : wanted.hold;
  const holdBack = holdBackOf(situation, hold);
  const reasons = holdBack === undefined ? wanted.reasons : [...wanted.reasons, ...reasonOf(holdBack)];
  if (hold === ledger.asked) {
    const isDue = isLeftBehind(ledger) || mayBeSooner(ledger, holdBack, at);
    return { ledger: isDue ? ask(ledger, hold, at, holdBack) : ledger, reasons: refused(ledger, reasons) };
  }
  const against = hold === null ? undefined : whatStandsAgainst(situation, hold);
  if (against !== undefined) return { ledger, reasons: [...wanted.reasons, against] };
  return { ledger: ask(ledger, hold, at, holdBack), reasons };
}

function askAnew(ledger: Ledger, at: string): Ledger {
  const { asked, heldBack } = ledger;
  return ask(ledger, asked, at, heldBack !== undefined && at < heldBack.until ? heldBack : undefined);
}

/** A phone that has stopped ringing before it counted has changed nothing. */
function kept({ asked, heldBack }: Ledger, at: string): Hold | null {
  return heldBack?.why === 'ringing' && at < heldBack.until ? heldBack.instead : asked;
}

/** The reason for which the hold, other than what is asked for, is not to be set over what the person does there. */
function whatStandsAgainst({ side, state, ledger, wanted, own }: Situation, hold: Hold): Reason | undefined {
  const isNew = ledger.asked === null;
  if (isNew && strengthOf(own) >= strengthOfHold(hold)) return 'shownAlready';
  if (!isNew && strengthOfHold(hold) <= strengthOfHold(ledger.asked)) return undefined;
  if (isNew && side === 'teams' && state.teams.invisible) return 'invisible';
  const yields = own === 'available' || own === 'away' || (!isNew && own === 'unknown');
  return wanted.from === 'inCall' && !state.rules.callsOutrankManual && !yields ? 'manualStands' : undefined;
}

/** Until when the hold is not to be written, at the instant `at`. */
function holdBackOf(situation: Situation, hold: Hold | null): HoldBack | undefined {
  const { ledger, wanted, at } = situation;
  const holdBack: HoldBack | undefined =
    wanted.ringsUntil === undefined
      ? (wrapUpOf(situation, hold) ?? (hold === null ? releaseHeldBack(ledger) : undefined))
      : { until: wanted.ringsUntil, why: 'ringing' };
  return holdBack !== undefined && at < holdBack.until ? holdBack : undefined;
}

/** What a call has led to is held a while longer; what the person does otherwise, and other rules, take effect at once. */
function wrapUpOf({ side, state, ledger, wanted }: Situation, hold: Hold | null): HoldBack | undefined {
  const { callEndedAt } = side === 'teams' ? state.ringCentral : state.teams;
  const isOfTable = wanted.reasons.length === 1 && wanted.reasons[0] === 'mapping';
  if (callEndedAt === undefined || !isOfTable) return undefined;
  const held = ledger.heldBack?.why === 'wrapUp' ? ledger.heldBack.instead : ledger.asked;
  const isOfCall = held !== null && held === holdOfCall(side, state);
  if (!isOfCall || strengthOfHold(hold) >= strengthOfHold(held)) return undefined;
  return { until: later(callEndedAt, state.rules.wrapUpSeconds * 1000), why: 'wrapUp' };
}

/** What was held back need not wait as long any more. */
function mayBeSooner({ heldBack }: Ledger, holdBack: HoldBack | undefined, at: string): boolean {
  if (heldBack === undefined || heldBack.until <= at) return false;
  return holdBack === undefined || holdBack.until < heldBack.until;
}

function reasonOf({ why }: HoldBack): Reason[] {
  return why === 'ringing' ? [] : [why];
}

function refused(ledger: Ledger, reasons: Reason[]): Reason[] {
  const isRefused = ledger.rejection !== undefined && ledger.asked !== null && !isPending(ledger);
  return isRefused ? [...reasons, 'refusedBefore'] : reasons;
}

/** The decision as it was, with the time since when, unless it is another now. */
function becauseOf(
  known: Because | undefined,
  { asked: hold }: Ledger,
  { from }: Wanted,
  { reasons, at }: { reasons: Reason[]; at: string },
): Because {
  const isSame = known?.hold === hold && known.from === from && known.reasons.join() === reasons.join();
  return isSame ? known : { hold, from, reasons, since: at };
}

/** Nothing of ours stands on the side or is on its way to it, so there is nothing to ask the vendor for. */
function isIdleRelease(before: Ledger, after: Ledger): boolean {
  return after.asked === null && after.touched.length === 0 && !isPending(before);
}

function withdrawn(ledger: Ledger): Ledger {
  return drop(ledger, { hold: null, revision: ledger.revision });
}

/**
 * What we set has run out at the vendor, and the side shows that it has. A side that shows less before that time does
 * so by the person's choice, which stands.
 */
function hasLapsed(ledger: Ledger, shown: TeamsReport | undefined, at: string): boolean {
  const { asked, confirmed } = ledger;
  if (asked === null || asked !== confirmed || shown === undefined) return false;
  return mayHaveRunOut(ledger, at) && strengthOf(readTeamsStatus(shown)) < strengthOfHold(asked);
}

/** We learn of a write a little after it was made, hence the margin. */
function mayHaveRunOut({ heldSince }: Ledger, at: string): boolean {
  const heldMs = heldSince === undefined ? 0 : Date.parse(at) - Date.parse(heldSince);
  return heldMs >= (teamsHoldMinutes - lapseMarginMinutes) * 60_000;
}

/** How the person's status on the other side has changed. */
export interface Cause {
  from: Status;
  to: Status;
}

/** What a wish says of what was asked for, of the ledger before and after. */
export function question(
  before: Ledger,
  after: Ledger,
  cause: Cause,
  since: string,
): Pick<Wish, 'revision' | 'hold' | 'baseline' | 'certain' | 'urgency' | 'since' | 'notBefore'> {
  return {
    revision: after.revision,
    hold: after.asked,
    baseline: before.confirmed,
    certain: isCertain(before),
    urgency: urgencyOf(cause, { from: before.asked, to: after.asked }),
    since,
    ...(after.heldBack && { notBefore: after.heldBack.until }),
  };
}
