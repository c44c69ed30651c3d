/** One person's presence on both sides: a pure reducer from what was seen to what each side should hold. */
import { z } from 'zod';
import {
  ask,
  confirm,
  emptyLedger,
  isEcho,
  ledgerSchema,
  reject,
  showsLess,
  withoutEcho,
  type Ledger,
} from './hold.ts';
import { wantedHold } from './mapping.ts';
import { acceptReport, noReportsYet, orderSchema, type Origin } from './observation-order.ts';
import { statusSchema, strengthOf, strengthOfHold, type Hold, type Side, type Status } from './presence.ts';
import {
  mergeReport,
  readRingCentralStatus,
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
    ledger: ledgerSchema,
  }),
});
export type UserPresence = z.infer<typeof userPresenceSchema>;

/** A write that should reach one side. `hold` is what the side holds for us once it is done. */
export type Wish =
  | { side: 'teams'; revision: number; hold: Hold | null; baseline: Hold | null; write: TeamsWrite }
  | {
      side: 'ringCentral';
      revision: number;
      hold: Hold | null;
      baseline: Hold | null;
      write: RingCentralWrite;
    };

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
    ringCentral: { shown: {}, own: {}, order: noReportsYet, ledger: emptyLedger },
  };
}

/** Takes in what Teams shows of this person since `at` (ISO instant), and decides what both sides should hold. */
export function observeTeams(state: UserPresence, report: TeamsReport, origin: Origin, at: string): Decision {
  const order = acceptReport(state.teams.order, origin, at);
  if (order === undefined) return { state, wishes: [] };
  const status = readTeamsStatus(report);
  const ledger = state.teams.ledger;
  const echo = isEcho(ledger, status, at);
  const teams = {
    shown: report,
    order,
    own: echo ? state.teams.own : status,
    ledger: echo
      ? { ...withoutEcho(ledger, status), overridden: false }
      : { ...ledger, overridden: ledger.overridden || showsLess(ledger, status) },
  };
  return decide({ ...state, teams }, at);
}

/** Takes in what RingCentral shows of this person since `at` (ISO instant), and decides what both sides should hold. */
export function observeRingCentral(
  state: UserPresence,
  report: RingCentralReport,
  origin: Origin,
  at: string,
): Decision {
  const order = acceptReport(state.ringCentral.order, origin, at);
  if (order === undefined) return { state, wishes: [] };
  const { own, ledger } = attribute(state.ringCentral, report, at);
  const shown = mergeReport(state.ringCentral.shown, report);
  return decide({ ...state, ringCentral: { shown, own, order, ledger } }, at);
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
      return confirm(ledger, answer.hold, answer.revision);
    case 'dropped': {
      const confirmed = confirm(ledger, answer.hold, answer.revision);
      const nothingWasSent = answer.hold === null && answer.revision === ledger.revision;
      return nothingWasSent ? { ...confirmed, echoes: [] } : confirmed;
    }
    case 'rejected':
      return reject(ledger, answer.revision, answer.code, at);
  }
}

/**
 * RingCentral shows user status and call blocking apart, so each field is ours or the person's by itself;
 * a phone call is always the person's.
 */
function attribute(
  side: UserPresence['ringCentral'],
  report: RingCentralReport,
  at: string,
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
    const standing = strengthOf(status) > 0;
    if (standing && ledger.touched.includes(hold)) {
      ledger = withoutEcho(ledger, status);
    } else if (standing && ledger.echoes.some((echo) => echo.hold === hold && echo.until > at)) {
      ledger = withoutEcho(ledger, status);
    } else {
      own = mergeReport(own, part);
      if (ledger.confirmed === hold) ledger = letGo(ledger, hold);
    }
  }
  return { own, ledger };
}

/** The person has taken a value of ours away; it is no longer ours to put back. */
function letGo(ledger: Ledger, hold: Hold): Ledger {
  return { ...ledger, overridden: true, touched: ledger.touched.filter((touched) => touched !== hold) };
}

function decide(state: UserPresence, at: string): Decision {
  const teams = decideTeams(state, at);
  const ringCentral = decideRingCentral(state, at);
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
  const before = state.teams.ledger;
  const wanted = wantedHold(readRingCentralStatus(state.ringCentral.own));
  const side = { own: state.teams.own, mayHold: true, expiresAfterMinutes: teamsHoldMinutes };
  const ledger = nextLedger(before, wanted, side, at);
  if (ledger === before) return { ledger };
  return { ledger, wish: { side: 'teams', ...question(before, ledger), write: teamsWrite(ledger.asked) } };
}

function decideRingCentral(state: UserPresence, at: string): { ledger: Ledger; wish?: Wish } {
  const { own, ledger: before } = state.ringCentral;
  const wanted = wantedHold(state.teams.own);
  // A person who made themselves invisible in RingCentral meant it; RingCentral keeps a manual Offline, too.
  const side = { own: readRingCentralStatus(own), mayHold: own.userStatus !== 'Offline' };
  const ledger = nextLedger(before, wanted, side, at);
  if (ledger === before) return { ledger };
  const write = ringCentralWrite(ledger.asked, ledger.touched, own);
  // Where nothing of ours stands on the side any more, there is nothing to ask the vendor for.
  if (Object.keys(write).length === 0) return { ledger: confirm(ledger, null, ledger.revision) };
  return { ledger, wish: { side: 'ringCentral', ...question(before, ledger), write } };
}

/** The ledger with what is wanted asked for, or the very same ledger when nothing is to be done. */
function nextLedger(
  ledger: Ledger,
  wanted: Hold | null,
  side: { own: Status; mayHold: boolean; expiresAfterMinutes?: number },
  at: string,
): Ledger {
  if (wanted === null) return ledger.asked === null ? ledger : ask(ledger, null, at);
  if (ledger.asked === wanted)
    return hasLapsed(ledger, side.expiresAfterMinutes, at) ? ask(ledger, wanted, at) : ledger;
  const alreadyShown = ledger.asked === null && strengthOf(side.own) >= strengthOfHold(wanted);
  return alreadyShown || !side.mayHold ? ledger : ask(ledger, wanted, at);
}

/** What we set has run out at the vendor, and the side shows that it has. */
function hasLapsed(ledger: Ledger, expiresAfterMinutes: number | undefined, at: string): boolean {
  if (!ledger.overridden || expiresAfterMinutes === undefined || ledger.askedAt === undefined) return false;
  return Date.parse(at) - Date.parse(ledger.askedAt) >= expiresAfterMinutes * 60_000;
}

function question(
  before: Ledger,
  after: Ledger,
): { revision: number; hold: Hold | null; baseline: Hold | null } {
  return { revision: after.revision, hold: after.asked, baseline: before.confirmed };
}
