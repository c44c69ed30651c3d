/** Tells what the person does on a side by themselves from what is shown there because of us. */
import { attribute, letGo, noteShown, shownAgain, withoutTaken } from './echoes.ts';
import type { Ledger } from './hold.ts';
import { holdSchema, strengthOf, type Status } from './presence.ts';
import {
  mergeReport,
  settingsOf,
  settingsParts,
  type RingCentralReport,
  type SettingsPart,
} from './ring-central-presence.ts';
import { likeOurs, readTeamsStatus, type TeamsReport } from './teams-presence.ts';

/** When something was told, and whether it was read. */
export interface Told {
  at: string;
  isRead: boolean;
}

/**
 * Teams shows the stronger of the person's own status and ours. What looks like ours tells nothing of a weaker status
 * beneath it, but that what was seen before has ended, if that is stronger, or as strong and showed otherwise. A person's own
 * call beneath our Busy stays hidden until Teams reports anew, or presence is read; a conference call never looks like ours.
 * `status` is what the report tells, if it is the person's.
 */
export function attributeTeams(
  { own, shown, ledger }: { own: Status; shown?: TeamsReport | undefined; ledger: Ledger },
  { report, status }: { report: TeamsReport; status: Status },
  told: Told,
): { own: Status; ledger: Ledger; isOurs: boolean } {
  const like = likeOurs(report);
  const whose = attribute(ledger, like, told);
  const stronger = strengthOf(own) - strengthOf(readTeamsStatus(report));
  const isReplaced = stronger === 0 && whose === 'standing' && !showsTheSame(shown, report);
  const hasEnded = stronger > 0 || isReplaced;
  return {
    own: whose === 'theirs' ? status : hasEnded ? 'unknown' : own,
    ledger: told.isRead ? ledger : noteShown(ledger, like, holdSchema.options),
    isOurs: whose !== 'theirs',
  };
}

function showsTheSame(one: TeamsReport | undefined, other: TeamsReport): boolean {
  return one?.availability === other.availability && one.activity === other.activity;
}

/**
 * RingCentral shows user status, call blocking and queue calls apart, so each is ours or the person's by itself; a phone
 * call is always the person's.
 */
export function attributeRingCentral(
  side: { own: RingCentralReport; shown: RingCentralReport; ledger: Ledger },
  report: RingCentralReport,
  told: Told,
): { own: RingCentralReport; ledger: Ledger; isOurs: boolean } {
  const { telephonyStatus, meetingStatus } = report;
  let own = mergeReport(side.own, { telephonyStatus, meetingStatus });
  let ledger = withoutTaken(side.ledger, told.at);
  let isOurs = false;
  for (const part of settingsParts(settingsOf(report))) {
    if (attribute(ledger, part.like, told) === 'theirs') {
      own = mergeReport(own, part.values);
      if (!told.isRead) ledger = without(ledger, part, { at: told.at, shown: side.shown });
    } else {
      isOurs = true;
      ledger = shownAgain(ledger, part.like);
    }
    if (!told.isRead) ledger = noteShown(ledger, part.like, part.about);
  }
  return { own, ledger, isOurs };
}

/** Something else is shown where we held something. Who blocks all calls over what we hold has not taken it away. */
function without(
  ledger: Ledger,
  { like, about }: SettingsPart,
  { at, shown }: { at: string; shown: RingCentralReport },
): Ledger {
  const before = settingsParts(settingsOf(shown)).map((part) => part.like);
  const taken = like === 'doNotDisturb' ? [] : about.filter((part) => part !== like);
  return taken.reduce((known, part) => letGo(known, part, { at, wasShown: before.includes(part) }), ledger);
}
