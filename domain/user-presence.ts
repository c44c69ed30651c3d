/** One person's presence on both sides: a pure reducer from what was seen to what each side should hold. */
import { attributeRingCentral, attributeTeams, type Told } from './attribution.ts';
import { decide, question, type Cause } from './decide.ts';
import { withoutTaken } from './echoes.ts';
import { abandon, ask, confirm, drop, emptyLedger, isPending, isWorn, reject, type Ledger } from './hold.ts';
import { entered, type JournalEntry } from './journal.ts';
import { statusOn } from './mapping.ts';
import { acceptReport, type Origin } from './observation-order.ts';
import type { Hold, Side, Status } from './presence.ts';
import {
  isOnCall,
  isRinging,
  mergeReport,
  readRingCentralStatus,
  ringCentralWrite,
  type RingCentralReport,
} from './ring-central-presence.ts';
import type { SyncRules } from './sync-rules.ts';
import {
  isInvisibleInTeams,
  readTeamsStatus,
  seenInTeams,
  teamsWrite,
  type TeamsReport,
} from './teams-presence.ts';
import { newUserPresence, type Decision, type UserPresence, type Wish } from './user-presence-state.ts';

/**
 * The person has another extension now: lets go of what we hold on both sides for the old one. The counting of wishes goes
 * on, so that late answers about the old extension are told from those about the new.
 */
export function moveTo(state: UserPresence, extensionId: string, at: string): Decision {
  const { state: released, wishes } = releaseBoth(state, at);
  const { ringCentral } = newUserPresence(extensionId);
  const { revision } = released.ringCentral.ledger;
  const ledger = { ...emptyLedger, revision, answered: revision };
  return { state: { ...released, extensionId, ringCentral: { ...ringCentral, ledger } }, wishes };
}

/**
 * Lets go of what we hold on both sides. It is asked for also where it has been asked and not answered yet, because a
 * refusal may be on its way; the outbox sends nothing twice.
 */
export function releaseBoth(state: UserPresence, at: string): Decision {
  const { teams, ringCentral } = state;
  const wishes: Wish[] = [];
  const release = <S extends { ledger: Ledger }>(side: S): S =>
    holdsAnything(side.ledger) ? { ...side, ledger: ask(side.ledger, null, at) } : side;
  const after = { ...state, teams: release(teams), ringCentral: release(ringCentral) };
  if (after.teams !== teams) {
    const asked = question(
      teams.ledger,
      after.teams.ledger,
      ended(readRingCentralStatus(ringCentral.own)),
      at,
    );
    wishes.push({ side: 'teams', ...asked, write: teamsWrite(null) });
  }
  if (after.ringCentral !== ringCentral) {
    const asked = question(ringCentral.ledger, after.ringCentral.ledger, ended(teams.own), at);
    const write = ringCentralWrite(null, ringCentral.ledger.touched, ringCentral.own);
    wishes.push({ side: 'ringCentral', ...asked, write });
  }
  const journal = wishes.reduce(
    (known, { side, revision }) =>
      entered(known, {
        kind: 'asked',
        at,
        side,
        revision,
        hold: null,
        from: statusOn(side === 'teams' ? 'ringCentral' : 'teams', state),
        reasons: ['notServed'],
      }),
    state.journal,
  );
  return { state: { ...after, journal }, wishes };
}

function ended(status: Status): Cause {
  return { from: status, to: 'unknown' };
}

function holdsAnything(ledger: Ledger): boolean {
  return ledger.asked !== null || ledger.touched.length > 0;
}

/** The person is not served, and nothing of ours is under way any more that their reports could concern. */
function isGone({ service, teams, ringCentral }: UserPresence): boolean {
  return service.left && !isPending(teams.ledger) && !isPending(ringCentral.ledger);
}

/** Takes in what Teams shows of this person since `at` (ISO instant), and decides what both sides should hold. */
export function observeTeams(state: UserPresence, report: TeamsReport, origin: Origin, at: string): Decision {
  const side = state.teams;
  const order = acceptReport(side.order, { sequence: report.sequenceNumber, ...origin }, at);
  if (order === undefined || isGone(state)) return { state, wishes: [] };
  const status = seenInTeams(report, side.own, state.rules.ignoreInactivity);
  const told = toldBy(origin, at);
  const { own, ledger, isOurs } = attributeTeams(side, { report, status }, told);
  const after = {
    ...side,
    shown: report,
    own,
    invisible: isOurs ? side.invisible : isInvisibleInTeams(report),
    order,
    ledger: noteConfirmed(ledger, isOurs, at),
    told: { at, by: origin.kind },
    ...callEnd(side, { before: side.own === 'inCall', now: own === 'inCall' }, at),
  };
  const seen = { side: 'teams', status: isOurs ? readTeamsStatus(report) : status, isOurs } as const;
  return decide({ ...state, teams: after, journal: withSeen(state, seen, told) }, at, state);
}

/** Takes in what RingCentral shows of this person since `at` (ISO instant), and decides what both sides should hold. */
export function observeRingCentral(
  state: UserPresence,
  report: RingCentralReport,
  origin: Origin,
  at: string,
): Decision {
  const side = state.ringCentral;
  const { telephonyStatus, ...settings } = report;
  const order = acceptReport(side.order, origin, at);
  // Only a change of the call is told, so that an event overtaken by a newer one may be the only one to tell it.
  const callOrder = telephonyStatus === undefined ? undefined : acceptReport(side.callOrder, origin, at);
  if ((order === undefined && callOrder === undefined) || isGone(state)) return { state, wishes: [] };
  const news = { ...(order && settings), ...(callOrder && { telephonyStatus }) };
  const told = toldBy(origin, at);
  const { own, ledger, isOurs } = attributeRingCentral(side, news, told);
  const { ringingSince = at, ...known } = side;
  const shown = mergeReport(side.shown, news);
  const after = {
    ...known,
    shown,
    own,
    order: order ?? side.order,
    callOrder: callOrder ?? side.callOrder,
    ledger: order === undefined ? ledger : noteConfirmed(ledger, isOurs, at),
    told: { at, by: origin.kind },
    ...(isRinging(own) && { ringingSince }),
    ...callEnd(side, { before: isOnCall(side.own), now: isOnCall(own) }, at),
  };
  const seen = { side: 'ringCentral', status: readRingCentralStatus(shown), isOurs } as const;
  return decide({ ...state, ringCentral: after, journal: withSeen(state, seen, told) }, at, state);
}

function toldBy(origin: Origin, at: string): Told {
  return { at, isRead: origin.kind === 'read' };
}

function callEnd(
  side: { callEndedAt?: string | undefined },
  call: { before: boolean; now: boolean },
  at: string,
): { callEndedAt?: string } {
  if (call.before && !call.now) return { callEndedAt: at };
  return side.callEndedAt === undefined ? {} : { callEndedAt: side.callEndedAt };
}

/** The side shows for the first time what was last asked for: ours, or nothing of ours. */
function noteConfirmed(ledger: Ledger, isOurs: boolean, at: string): Ledger {
  const isAsAsked = isOurs === (ledger.asked !== null);
  return isAsAsked && ledger.shownSince === undefined && ledger.revision > 0
    ? { ...ledger, shownSince: at }
    : ledger;
}

function withSeen(
  { journal }: UserPresence,
  { side, status, isOurs }: { side: Side; status: Status; isOurs: boolean },
  { at, isRead }: Told,
): UserPresence['journal'] {
  const by = isRead ? 'read' : 'notification';
  return entered(journal, { kind: 'seen', at, side, by, status, whose: isOurs ? 'us' : 'person' });
}

/**
 * What became of a wish: written, overtaken before it was written, refused with the vendor's code, or abandoned because the
 * service has ended, and then it may have been carried out all the same.
 */
export type Answer = { revision: number; hold: Hold | null } & (
  | { outcome: 'done' }
  | { outcome: 'dropped' }
  | { outcome: 'rejected'; code: string }
  | { outcome: 'abandoned' }
);

/**
 * Takes in what became of a wish for one side. Answers come in the order of their wishes; one that is older is told twice, or
 * is about an extension left since.
 */
export function settle(state: UserPresence, side: Side, answer: Answer, at: string): Decision {
  const { ledger: known } = state[side];
  if (answer.revision <= known.answered) return { state, wishes: [] };
  const { outcome, revision } = answer;
  const answered = { ...settled(known, answer, at), answer: { outcome, at } };
  const ledger = withoutTaken(answered, at);
  const entry: JournalEntry = { kind: 'answered', at, side, revision, outcome };
  const code = answer.outcome === 'rejected' ? { code: answer.code } : {};
  const isQueueRefused = answer.outcome === 'rejected' && answer.hold === 'noQueueCalls';
  const { ringCentral } = state;
  const after = {
    ...state,
    ringCentral: isQueueRefused ? { ...ringCentral, queueRefused: true } : ringCentral,
    journal: entered(state.journal, { ...entry, ...code }),
  };
  const settledState = { ...after, [side]: { ...after[side], ledger } };
  // What is left behind, or has to be less now, is asked for at once; but nobody is asked for ever.
  const isOver = answer.outcome !== 'rejected' || state.service.left || isWorn(ledger);
  return isOver ? { state: settledState, wishes: [] } : decide(settledState, at, settledState);
}

function settled(ledger: Ledger, answer: Answer, at: string): Ledger {
  switch (answer.outcome) {
    case 'done':
      return confirm(ledger, answer, at);
    case 'dropped':
      return drop(ledger, answer);
    case 'rejected':
      return reject(ledger, answer, at);
    case 'abandoned':
      return abandon(ledger, answer.revision);
  }
}

/** What a person's company wants for them, exceptions included. */
export interface StatedRules {
  rules: SyncRules;
  version: number;
}

/** Takes in rules, and at once decides by them; undefined when newer ones are known. */
export function applyRules(
  state: UserPresence,
  { rules, version }: StatedRules,
  at: string,
): Decision | undefined {
  if (version < state.rulesVersion) return undefined;
  const ruled = {
    ...state,
    rules,
    rulesVersion: version,
    // What was refused may have been allowed since.
    ringCentral: { ...state.ringCentral, queueRefused: false },
    journal: entered(state.journal, { kind: 'rules', at, version }),
  };
  return reconsider(ruled, at);
}

/** Decides anew at the instant `at`: nothing was seen, but quiet hours may have begun or ended. */
export function reconsider(state: UserPresence, at: string): Decision {
  return isGone(state) ? { state, wishes: [] } : decide(state, at, state);
}
