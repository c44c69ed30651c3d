/** One person's presence on both sides: a pure reducer from what was seen to what each side should hold. */
import { z } from 'zod';
import {
  abandon,
  ask,
  confirm,
  drop,
  emptyLedger,
  isCertain,
  isLeftBehind,
  isPending,
  ledgerSchema,
  reject,
  type Ledger,
} from './hold.ts';
import { attributeRingCentral, attributeTeams } from './attribution.ts';
import { wantedHold } from './mapping.ts';
import { acceptReport, noReportsYet, orderSchema, type Origin } from './observation-order.ts';
import {
  statusSchema,
  strengthOf,
  strengthOfHold,
  urgencyOf,
  type Hold,
  type Side,
  type Status,
  type Urgency,
} from './presence.ts';
import {
  holdable,
  mergeReport,
  readRingCentralStatus,
  restoresDifferently,
  ringCentralReportSchema,
  ringCentralWrite,
  type RingCentralReport,
  type RingCentralWrite,
} from './ring-central-presence.ts';
import { defaultRules, syncRulesSchema, type SyncRules } from './sync-rules.ts';
import {
  readTeamsStatus,
  teamsHoldMinutes,
  teamsReportSchema,
  teamsWrite,
  type TeamsReport,
  type TeamsWrite,
} from './teams-presence.ts';

export const userPresenceSchema = z.object({
  version: z.literal(1),
  extensionId: z.string(),
  /**
   * The newest version of the subscription that we were told of, whether the service has ended for the person, and when we
   * were told: a seat may be lost and given back within a version.
   */
  service: z
    .object({ version: z.int(), left: z.boolean(), since: z.string().optional() })
    .default({ version: 0, left: false }),
  /** What the person's company wants for them, exceptions included, and the newest version of it that we were told of. */
  rules: syncRulesSchema.default(defaultRules),
  rulesVersion: z.int().default(0),
  teams: z.object({
    shown: teamsReportSchema.optional(),
    /** What the person does in Teams, our own session left out. */
    own: statusSchema,
    order: orderSchema,
    ledger: ledgerSchema,
  }),
  ringCentral: z.object({
    /** What RingCentral last reported, merged over its partial events. */
    shown: ringCentralReportSchema,
    /** The same with the person's own values where we hold something: what stood there before, to be put back. */
    own: ringCentralReportSchema,
    order: orderSchema,
    /** The order of what was said about calls, which only some events speak of. */
    callOrder: orderSchema,
    ledger: ledgerSchema,
  }),
});
export type UserPresence = z.infer<typeof userPresenceSchema>;

/** A write that should reach one side. */
export type Wish = {
  revision: number;
  /** What the side holds for us once it is written. */
  hold: Hold | null;
  /** What the side holds for us as long as nothing is written. */
  baseline: Hold | null;
  /** `baseline` can be relied on: every earlier wish has been answered, and none has an unknown fate. */
  certain: boolean;
  urgency: Urgency;
  /** When we were told of what asks for the write. */
  since: string;
} & ({ side: 'teams'; write: TeamsWrite } | { side: 'ringCentral'; write: RingCentralWrite });

const lapseMarginMinutes = 5;

export interface Decision {
  state: UserPresence;
  wishes: Wish[];
}

/** A person we have just begun to look after: nothing seen, nothing held. */
export function newUserPresence(extensionId: string): UserPresence {
  return {
    version: 1,
    extensionId,
    service: { version: 0, left: false },
    rules: defaultRules,
    rulesVersion: 0,
    teams: { own: 'unknown', order: noReportsYet, ledger: emptyLedger },
    ringCentral: {
      shown: {},
      own: {},
      order: noReportsYet,
      callOrder: noReportsYet,
      ledger: emptyLedger,
    },
  };
}

/**
 * The person has another extension now: lets go of what we hold on both sides for the old one. The counting of wishes goes
 * on, so that late answers about the old extension are told from those about the new.
 */
export function moveTo(state: UserPresence, extensionId: string, at: string): Decision {
  const { state: released, wishes } = releaseBoth(state, at);
  const fresh = newUserPresence(extensionId);
  const { revision } = released.ringCentral.ledger;
  return {
    state: {
      ...fresh,
      service: state.service,
      rules: state.rules,
      rulesVersion: state.rulesVersion,
      teams: released.teams,
      ringCentral: { ...fresh.ringCentral, ledger: { ...emptyLedger, revision, answered: revision } },
    },
    wishes,
  };
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
  return { state: after, wishes };
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
  const stamped = { sequence: report.sequenceNumber, ...origin };
  const order = acceptReport(state.teams.order, stamped, at);
  if (order === undefined || isGone(state)) return { state, wishes: [] };
  const status = readTeamsStatus(report);
  const { own, ledger } = attributeTeams(state.teams, status, origin.kind === 'read' ? undefined : at);
  return decide({ ...state, teams: { shown: report, own, order, ledger } }, at, state);
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
  const { own, ledger } = attributeRingCentral(side, news, origin.kind === 'read' ? undefined : at);
  const after = {
    shown: mergeReport(side.shown, news),
    own,
    order: order ?? side.order,
    callOrder: callOrder ?? side.callOrder,
    ledger,
  };
  return decide({ ...state, ringCentral: after }, at, state);
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

/** Takes in what became of a wish for one side. */
export function settle(state: UserPresence, side: Side, answer: Answer, at: string): Decision {
  const after = { ...state, [side]: { ...state[side], ledger: settled(state[side].ledger, answer, at) } };
  return { state: after, wishes: [] };
}

/** What a person's company wants for them, exceptions included. */
export interface StatedRules {
  rules: SyncRules;
  version: number;
}

/** Takes in rules, and at once decides by them; undefined when newer ones are known. */
export function applyRules(state: UserPresence, stated: StatedRules, at: string): Decision | undefined {
  if (stated.version < state.rulesVersion) return undefined;
  return reconsider({ ...state, rules: stated.rules, rulesVersion: stated.version }, at);
}

/** Decides anew at the instant `at`: nothing was seen, but quiet hours may have begun or ended. */
export function reconsider(state: UserPresence, at: string): Decision {
  return isGone(state) ? { state, wishes: [] } : decide(state, at, state);
}

/** Answers come in the order of their wishes; one that is older is told twice, or is about an extension left since. */
function settled(ledger: Ledger, answer: Answer, at: string): Ledger {
  if (answer.revision <= ledger.answered) return ledger;
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

/**
 * Decides what both sides should hold at the instant `at`: nothing, once the service has ended for the person. `before` is
 * the state before what was seen.
 */
function decide(state: UserPresence, at: string, before: UserPresence): Decision {
  const teams = decideTeams(state, at, before);
  const ringCentral = decideRingCentral(state, at, before);
  return {
    state: {
      ...state,
      teams: { ...state.teams, ledger: teams.ledger },
      ringCentral: { ...state.ringCentral, ledger: ringCentral.ledger },
    },
    wishes: [teams.wish, ringCentral.wish].filter((wish) => wish !== undefined),
  };
}

function decideTeams(state: UserPresence, at: string, before: UserPresence): { ledger: Ledger; wish?: Wish } {
  const { own, shown, ledger: known } = state.teams;
  const status = readRingCentralStatus(state.ringCentral.own);
  const wanted = state.service.left || !isSeen(state) ? null : wantedHold(status);
  const isLapsed = wanted === known.asked && hasLapsed(known, shown, at);
  const standing = isLapsed ? { ...known, asked: null } : known;
  const ledger = nextLedger(standing, wanted, own, at);
  if (ledger === standing) return { ledger: known };
  if (isIdleRelease(standing, ledger))
    return { ledger: drop(ledger, { hold: null, revision: ledger.revision }) };
  const cause = { from: readRingCentralStatus(before.ringCentral.own), to: status };
  const asked = question(standing, ledger, cause, at);
  const certain = asked.certain && !mayHaveRunOut(standing, at);
  return { ledger, wish: { side: 'teams', ...asked, certain, write: teamsWrite(ledger.asked) } };
}

/** RingCentral has told of the person since they were taken on; what is known from before only serves to put it back. */
function isSeen({ ringCentral }: UserPresence): boolean {
  return Object.keys(ringCentral.shown).length > 0;
}

/**
 * What waits to be written is made from the person's own values: where they have changed one of them meanwhile, the
 * wish is made anew, so that a value is never put back over a newer choice.
 */
function decideRingCentral(
  state: UserPresence,
  at: string,
  before: UserPresence,
): { ledger: Ledger; wish?: Wish } {
  const { own, ledger: standing } = state.ringCentral;
  if (!state.service.left && !isSeen(state)) return { ledger: standing };
  const wanted = state.service.left ? null : holdable(wantedHold(state.teams.own), own);
  const next = nextLedger(standing, wanted, readRingCentralStatus(own), at);
  const isStale =
    next === standing && isPending(standing) && restoresDifferently(before.ringCentral.own, own);
  const ledger = isStale ? ask(standing, standing.asked, at) : next;
  if (ledger === standing) return { ledger };
  if (isIdleRelease(standing, ledger))
    return { ledger: drop(ledger, { hold: null, revision: ledger.revision }) };
  const cause = { from: before.teams.own, to: state.teams.own };
  const write = ringCentralWrite(ledger.asked, ledger.touched, own);
  return { ledger, wish: { side: 'ringCentral', ...question(standing, ledger, cause, at), write } };
}

/**
 * The ledger with what is wanted asked for, or the very same ledger when nothing is to be done. What was left behind is
 * released even though nobody asks for it: nobody may be left stuck.
 */
function nextLedger(ledger: Ledger, wanted: Hold | null, own: Status, at: string): Ledger {
  if (wanted === ledger.asked)
    return wanted === null && isLeftBehind(ledger) ? ask(ledger, null, at) : ledger;
  const isShown = ledger.asked === null && strengthOf(own) >= strengthOfHold(wanted);
  return isShown ? ledger : ask(ledger, wanted, at);
}

/** Nothing of ours stands on the side or is on its way to it, so there is nothing to ask the vendor for. */
function isIdleRelease(before: Ledger, after: Ledger): boolean {
  return after.asked === null && after.touched.length === 0 && !isPending(before);
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
interface Cause {
  from: Status;
  to: Status;
}

function question(
  before: Ledger,
  after: Ledger,
  cause: Cause,
  since: string,
): Pick<Wish, 'revision' | 'hold' | 'baseline' | 'certain' | 'urgency' | 'since'> {
  return {
    revision: after.revision,
    hold: after.asked,
    baseline: before.confirmed,
    certain: isCertain(before),
    urgency: urgencyOf(cause, { from: before.asked, to: after.asked }),
    since,
  };
}
