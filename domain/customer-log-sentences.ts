/** Entries of the customer log in plain English, a sentence each. */
import type { Happening } from './customer-log.ts';
import type { Side } from './presence.ts';

const sideNames: Record<Side, string> = { teams: 'Microsoft Teams', ringCentral: 'RingCentral' };

/**
 * Tells what happened. `person` is the name of whom it is about, which the caller looks up by the entry's `userId`.
 * What this version does not know (undefined) is told as such.
 */
export function inPlainEnglish(happening: Happening | undefined, person = 'one person'): string {
  if (happening === undefined) return 'Something happened that this version does not know.';
  if (happening.kind === 'peopleEnrolled') {
    return `Presence Hub looks after ${people(happening.people)} in Microsoft Teams and RingCentral.`;
  }
  if (happening.kind === 'seatsExceeded') {
    return `There are seats for ${happening.seats} of ${people(happening.people)}: those who were assigned last are not looked after until there are more.`;
  }
  if (happening.kind === 'seatsRestored') {
    return `There are seats for everybody again, ${people(happening.people)} in all.`;
  }
  if (happening.kind === 'directoryChanged') return ofDirectory(happening);
  if (happening.kind === 'peopleUnplaced') {
    return `There is no room for ${people(happening.people)}: the accounts that read presence have ${happening.places} places in all, and one more has to be connected.`;
  }
  if (happening.kind === 'peopleUnclear') {
    return `Mail addresses are shared, in Microsoft 365 or in RingCentral, so that ${people(happening.people)} cannot be told apart and are not matched by them.`;
  }
  if (happening.kind === 'dataExported') {
    const whose = happening.userId === undefined ? 'the whole company' : person;
    return `The data held about ${whose} was exported.`;
  }
  if (happening.kind === 'rulesChanged') return ofRules(happening);
  if (happening.kind === 'exceptionChanged') return ofException(happening, person);
  if (happening.kind === 'notConverged' || happening.kind === 'notificationsSilent') {
    return ofTrust(happening, sideNames[happening.side]);
  }
  if (happening.kind === 'subscriptionChanged') return ofSubscription(happening);
  if (happening.kind === 'changeRefused') {
    return 'The change of plan was refused, because Presence Hub does not offer that plan any more.';
  }
  return ofSide(happening, sideNames[happening.side], person);
}

function ofRules({ version, restored }: Extract<Happening, { kind: 'rulesChanged' }>): string {
  return restored === undefined
    ? `The rules were changed: version ${version} holds now.`
    : `The rules of version ${restored} were brought back: they hold now as version ${version}.`;
}

function ofException({ removed }: Extract<Happening, { kind: 'exceptionChanged' }>, person: string): string {
  return removed
    ? `The rules of the company hold for ${person} again.`
    : `An exception to the rules was made for ${person}.`;
}

function ofDirectory({ joined, left, moved }: Extract<Happening, { kind: 'directoryChanged' }>): string {
  const changes = [
    joined > 0 ? `${people(joined)} joined` : '',
    left > 0 ? `${people(left)} left` : '',
    moved > 0 ? `${people(moved)} changed extension` : '',
  ].filter((change) => change !== '');
  return `By the directories, ${changes.join(', ')}.`;
}

function ofSubscription({ change, seats }: Extract<Happening, { kind: 'subscriptionChanged' }>): string {
  const forSeats = seats === undefined ? '' : ` for ${seats === 1 ? 'one seat' : `${seats} seats`}`;
  switch (change) {
    case 'purchased':
      return `Presence Hub was bought${forSeats}.`;
    case 'activated':
      return `The subscription is active${forSeats}.`;
    case 'planChanged':
      return `The plan was changed${forSeats}.`;
    case 'quantityChanged':
      return `The number of seats was changed${seats === undefined ? '' : ` to ${seats}`}.`;
    case 'suspended':
      return 'The subscription was suspended: nothing is read or written, and after 7 days what is stored is erased.';
    case 'reinstated':
      return 'The subscription was reinstated.';
    case 'renewed':
      return 'The subscription was renewed.';
    case 'cancelled':
      return 'The subscription was cancelled: after 24 hours what is stored is erased.';
  }
}

type OfTrust = Extract<Happening, { kind: 'notConverged' | 'notificationsSilent' }>;

/** What was found by looking after it. */
function ofTrust(happening: OfTrust, side: string): string {
  switch (happening.kind) {
    case 'notificationsSilent':
      return `${side} had stopped reporting changes of presence${group(happening)}; it is asked to report them anew, and presence is read again.`;
    case 'notConverged':
      return `For ${people(happening.people)} a change has been waiting to be set in ${side} for more than five minutes.`;
  }
}

function ofSide(
  happening: Exclude<Extract<Happening, { side: Side }>, OfTrust>,
  side: string,
  person: string,
): string {
  switch (happening.kind) {
    case 'connected':
      return `${side} is connected.`;
    case 'consentRevoked':
      return `${side} no longer lets Presence Hub in (${happening.code}): until you connect again nothing is read or written there.`;
    case 'subscriptionCreated':
      return `${side} now reports changes of presence${group(happening)}.`;
    case 'subscriptionRenewed':
      return `${side} goes on reporting changes of presence${group(happening)}.`;
    case 'subscriptionTrouble':
      return `${side} could not be had to report changes of presence${group(happening)} (${happening.code}); it is asked again.`;
    case 'notificationsMissed':
      return `${side} may not have reported all changes of presence${group(happening)}; presence is read again.`;
    case 'presenceWritten':
      return `Presence in ${side} was set for ${happening.userId === undefined ? people(happening.people) : person}.`;
    case 'presenceRefused':
      return `${side} refused to have presence set for ${person} (${happening.code}).`;
    case 'presenceRead':
      return `Presence of ${people(happening.people)} was read from ${side}.`;
    case 'presenceUnread':
      return `Presence could not be read from ${side} (${happening.code}).`;
    case 'directoryUnread':
      return `The directory of ${side} could not be read (${happening.code}); it is tried again the next night.`;
    case 'throttled':
      return `${side} asked for a pause${pause(happening.seconds)}; what was waiting comes later.`;
    case 'vendorUnavailable':
      return `${side} could not be reached${reason(happening.code)}; it is tried again.`;
  }
}

function people(count: number): string {
  return count === 1 ? 'one person' : `${count} people`;
}

function group({ shard }: { shard?: number | undefined }): string {
  return shard === undefined ? '' : ` of group ${shard + 1}`;
}

function pause(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  return seconds === 1 ? ' of one second' : ` of ${seconds} seconds`;
}

function reason(code: string | undefined): string {
  return code === undefined ? '' : ` (${code})`;
}
