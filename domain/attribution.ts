/** Tells what the person does on a side by themselves from what is shown there because of us. */
import { attribute, letGo, noteShown, type Ledger } from './hold.ts';
import { holdSchema, strengthOf, type Hold, type Status } from './presence.ts';
import { mergeReport, readRingCentralStatus, type RingCentralReport } from './ring-central-presence.ts';

/**
 * Teams shows the stronger of the person's own status and ours. What looks like ours tells nothing of a weaker status
 * beneath it, but that what was seen before and is no weaker has ended. A person's own call beneath our Busy stays
 * hidden until Teams reports anew, or presence is read. `at` is absent for a read.
 */
export function attributeTeams(
  { own, ledger }: { own: Status; ledger: Ledger },
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

/**
 * RingCentral shows user status and call blocking apart, so each field is ours or the person's by itself;
 * a phone call is always the person's. `at` is absent for a read.
 */
export function attributeRingCentral(
  side: { own: RingCentralReport; ledger: Ledger },
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
