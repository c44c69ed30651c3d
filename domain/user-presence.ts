/** One person's presence on both sides: a pure reducer from what was seen to what each side should hold. */
import { z } from 'zod';
import {
  ask,
  attribute,
  confirm,
  drop,
  emptyLedger,
  isPending,
  ledgerSchema,
  letGo,
  noteShown,
  reject,
  type Ledger,
} from './hold.ts';
import { wantedHold } from './mapping.ts';
import { acceptReport, noReportsYet, orderSchema, type Origin } from './observation-order.ts';
import {
  holdSchema,
  statusSchema,
  strengthOf,
  strengthOfHold,
  type Hold,
  type Side,
  type Status,
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
  /** Every earlier wish has been answered, so that nothing unknown stands behind `baseline`. */
  certain: boolean;
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

/** Takes in what Teams shows of this person since `at` (ISO instant), and decides what both sides should hold. */
export function observeTeams(state: UserPresence, report: TeamsReport, origin: Origin, at: string): Decision {
  const stamped = { sequence: report.sequenceNumber, ...origin };
  const order = acceptReport(state.teams.order, stamped, at);
  if (order === undefined) return { state, wishes: [] };
  const status = readTeamsStatus(report);
  const { own, ledger } = attributeTeams(state.teams, status, origin.kind === 'read' ? undefined : at);
  return decide({ ...state, teams: { shown: report, own, order, ledger } }, at);
}

/**
 * Teams shows the stronger of the person's own status and ours. What looks like ours tells nothing of a weaker status
 * beneath it, but that what was seen before and is no weaker has ended. A person's own call beneath our Busy stays
 * hidden until Teams reports anew, or presence is read.
 */
function attributeTeams(
  { own, ledger }: UserPresence['teams'],
  status: Status,
  at: string | undefined,
): { own: Status; ledger: Ledger } {
  const whose = attribute(ledger, status, at);
  const hasEnded = whose === 'standing' && strengthOf(own) >= strengthOf(status);
  return {
    own: whose === 'theirs' ? status : hasEnded ? 'unknown' : own,
    ledger: at === undefined ? ledger : noteShown(ledger, status, holdSchema.options),
  };
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
  if (order === undefined && callOrder === undefined) return { state, wishes: [] };
  const news = { ...(order && settings), ...(callOrder && { telephonyStatus }) };
  const { own, ledger } = attributeRingCentral(side, news, origin.kind === 'read' ? undefined : at);
  const after = {
    shown: mergeReport(side.shown, news),
    own,
    order: order ?? side.order,
    callOrder: callOrder ?? side.callOrder,
    ledger,
  };
  return decide({ ...state, ringCentral: after }, at, { ownBefore: side.own });
}

/**
 * RingCentral shows user status and call blocking apart, so each field is ours or the person's by itself;
 * a phone call is always the person's.
 */
function attributeRingCentral(
  side: UserPresence['ringCentral'],
  report: RingCentralReport,
  at: string | undefined,
): { own: RingCentralReport; ledger: Ledger } {
  const { userStatus, dndStatus, dndStatusPersonal, ...theirs } = report;
  let own = mergeReport(side.own, theirs);
  let ledger = side.ledger;
  const fields: [Hold, RingCentralReport][] = [
    ['busy', { userStatus }],
    ['doNotDisturb', { dndStatus, dndStatusPersonal }],
  ];
  for (const [hold, part] of fields) {
    if (Object.values(part).every((value) => value === undefined)) continue;
    const status = readRingCentralStatus(part);
    if (attribute(ledger, status, at) === 'theirs') {
      own = mergeReport(own, part);
      if (at !== undefined && strengthOf(status) === 0) ledger = letGo(ledger, hold, at);
    }
    if (at !== undefined) ledger = noteShown(ledger, status, [hold]);
  }
  return { own, ledger };
}

/** What became of a wish: written, overtaken before it was written, or refused with the vendor's code. */
export type Answer = { revision: number; hold: Hold | null } & (
  { outcome: 'done' } | { outcome: 'dropped' } | { outcome: 'rejected'; code: string }
);

/** Takes in what became of a wish for one side. */
export function settle(state: UserPresence, side: Side, answer: Answer, at: string): UserPresence {
  return { ...state, [side]: { ...state[side], ledger: settled(state[side].ledger, answer, at) } };
}

function settled(ledger: Ledger, answer: Answer, at: string): Ledger {
  switch (answer.outcome) {
    case 'done':
      return confirm(ledger, answer, at);
    case 'dropped':
      return drop(ledger, answer);
    case 'rejected':
      return reject(ledger, answer.revision, answer.code, at);
  }
}

function decide(state: UserPresence, at: string, news: { ownBefore?: RingCentralReport } = {}): Decision {
  const teams = decideTeams(state, at);
  const ringCentral = decideRingCentral(state, at, news.ownBefore ?? state.ringCentral.own);
  return {
    state: {
      ...state,
      teams: { ...state.teams, ledger: teams.ledger },
      ringCentral: { ...state.ringCentral, ledger: ringCentral.ledger },
    },
    wishes: [teams.wish, ringCentral.wish].filter((wish) => wish !== undefined),
  };
}

function decideTeams(state: UserPresence, at: string): { ledger: Ledger; wish?: Wish } {
  const { own, shown, ledger: known } = state.teams;
  const wanted = wantedHold(readRingCentralStatus(state.ringCentral.own));
  const isLapsed = wanted === known.asked && hasLapsed(known, shown, at);
  const before = isLapsed ? { ...known, asked: null, confirmed: null } : known;
  const ledger = nextLedger(before, wanted, own, at);
  if (ledger === before) return { ledger: known };
  if (isIdleRelease(before, ledger))
    return { ledger: drop(ledger, { hold: null, revision: ledger.revision }) };
  return { ledger, wish: { side: 'teams', ...question(before, ledger), write: teamsWrite(ledger.asked) } };
}

/**
 * What waits to be written is made from the person's own values: where they have changed one of them meanwhile, the
 * wish is made anew, so that a value is never put back over a newer choice.
 */
function decideRingCentral(
  state: UserPresence,
  at: string,
  ownBefore: RingCentralReport,
): { ledger: Ledger; wish?: Wish } {
  const { own, ledger: before } = state.ringCentral;
  const wanted = holdable(wantedHold(state.teams.own), own);
  const next = nextLedger(before, wanted, readRingCentralStatus(own), at);
  const isStale = next === before && isPending(before) && restoresDifferently(ownBefore, own);
  const ledger = isStale ? ask(before, before.asked, at) : next;
  if (ledger === before) return { ledger };
  if (isIdleRelease(before, ledger))
    return { ledger: drop(ledger, { hold: null, revision: ledger.revision }) };
  const write = ringCentralWrite(ledger.asked, ledger.touched, own);
  return { ledger, wish: { side: 'ringCentral', ...question(before, ledger), write } };
}

/** The ledger with what is wanted asked for, or the very same ledger when nothing is to be done. */
function nextLedger(ledger: Ledger, wanted: Hold | null, own: Status, at: string): Ledger {
  if (wanted === ledger.asked) return ledger;
  const isShown = ledger.asked === null && strengthOf(own) >= strengthOfHold(wanted);
  return isShown ? ledger : ask(ledger, wanted, at);
}

/** Nothing of ours stands on the side or is on its way to it, so there is nothing to ask the vendor for. */
function isIdleRelease(before: Ledger, after: Ledger): boolean {
  return after.asked === null && after.touched.length === 0 && !isPending(before);
}

/**
 * What we set has run out at the vendor, and the side shows that it has. A side that shows less before that time does
 * so by the person's choice, which stands. The answer comes a little later than the write, hence the margin.
 */
function hasLapsed(ledger: Ledger, shown: TeamsReport | undefined, at: string): boolean {
  const { asked, confirmed, heldSince } = ledger;
  if (asked === null || asked !== confirmed || heldSince === undefined || shown === undefined) return false;
  if (strengthOf(readTeamsStatus(shown)) >= strengthOfHold(asked)) return false;
  return Date.parse(at) - Date.parse(heldSince) >= (teamsHoldMinutes - lapseMarginMinutes) * 60_000;
}

function question(
  before: Ledger,
  after: Ledger,
): { revision: number; hold: Hold | null; baseline: Hold | null; certain: boolean } {
  return {
    revision: after.revision,
    hold: after.asked,
    baseline: before.confirmed,
    certain: !isPending(before),
  };
}
