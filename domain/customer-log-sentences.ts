/** Entries of the customer log in plain English, a sentence each. */
import type { Happening } from './customer-log.ts';
import type { Side } from './presence.ts';

const sideNames: Record<Side, string> = { teams: 'Microsoft Teams', ringCentral: 'RingCentral' };

type Of<Kind extends Happening['kind']> = Extract<Happening, { kind: Kind }>;

const sentences: { [Kind in Happening['kind']]: (told: Of<Kind>, person: string) => string } = {
  connected: ({ side }) => `${sideNames[side]} is connected.`,
  consentRevoked: ({ side, code }) =>
    `${sideNames[side]} no longer lets Presence Hub in (${code}): until you connect again nothing is read or written there.`,
  subscriptionCreated: (told) => `${sideNames[told.side]} now reports changes of presence${group(told)}.`,
  subscriptionRenewed: (told) =>
    `${sideNames[told.side]} goes on reporting changes of presence${group(told)}.`,
  subscriptionTrouble: (told) =>
    `${sideNames[told.side]} could not be had to report changes of presence${group(told)} (${told.code}); it is asked again.`,
  notificationsMissed: (told) =>
    `${sideNames[told.side]} may not have reported all changes of presence${group(told)}; presence is read again.`,
  notificationsSilent: (told) =>
    `${sideNames[told.side]} had stopped reporting changes of presence${group(told)}; it is asked to report them anew, and presence is read again.`,
  notConverged: (told) =>
    `For ${people(told.people)} a change has been waiting to be set in ${sideNames[told.side]} for more than five minutes.`,
  presenceWritten: (told, person) =>
    `Presence in ${sideNames[told.side]} was set for ${told.userId === undefined ? people(told.people) : person}.`,
  presenceRefused: ({ side, code }, person) =>
    `${sideNames[side]} refused to have presence set for ${person} (${code}).`,
  presenceRead: (told) => `Presence of ${people(told.people)} was read from ${sideNames[told.side]}.`,
  presenceUnread: ({ side, code }) => `Presence could not be read from ${sideNames[side]} (${code}).`,
  directoryUnread: ({ side, code }) =>
    `The directory of ${sideNames[side]} could not be read (${code}); it is tried again the next night.`,
  throttled: ({ side, seconds }) =>
    `${sideNames[side]} asked for a pause${pause(seconds)}; what was waiting comes later.`,
  vendorUnavailable: ({ side, code }) =>
    `${sideNames[side]} could not be reached${reason(code)}; it is tried again.`,
  peopleEnrolled: (told) =>
    `Presence Hub looks after ${people(told.people)} in Microsoft Teams and RingCentral.`,
  directoryChanged: ofDirectory,
  departuresHeld: (told) =>
    `By the directories, ${told.leaving} of ${people(told.people)} would not be looked after any more, so nothing was changed: if that is right, have the directories read again, or wait for the next night.`,
  peopleUnplaced: (told) =>
    `There is no room for ${people(told.people)}: the accounts that read presence have ${told.places} places in all, and one more has to be connected.`,
  peopleUnclear: (told) =>
    `Mail addresses are shared, in Microsoft 365 or in RingCentral, so that ${people(told.people)} cannot be told apart and are not matched by them.`,
  rulesChanged: ({ version, restored }) =>
    restored === undefined
      ? `The rules were changed: version ${version} holds now.`
      : `The rules of version ${restored} were brought back: they hold now as version ${version}.`,
  exceptionChanged: ({ removed }, person) =>
    removed
      ? `The rules of the company hold for ${person} again.`
      : `An exception to the rules was made for ${person}.`,
  subscriptionChanged: ofSubscription,
  changeRefused: () =>
    'The change of plan was refused, because Presence Hub does not offer that plan any more.',
  seatsExceeded: (told) =>
    `There are seats for ${told.seats} of ${people(told.people)}: those who were assigned last are not looked after until there are more.`,
  seatsRestored: (told) => `There are seats for everybody again, ${people(told.people)} in all.`,
  dataExported: ({ userId }, person) =>
    `The data held about ${userId === undefined ? 'the whole company' : person} was exported.`,
};

/**
 * Tells what happened. `person` is the name of whom it is about, which the caller looks up by the entry's `userId`.
 * What this version does not know (undefined) is told as such.
 */
export function inPlainEnglish(happening: Happening | undefined, person = 'one person'): string {
  if (happening === undefined) return 'Something happened that this version does not know.';
  // The table has the sentence for just this kind, which the compiler cannot follow.
  const say = sentences[happening.kind] as (told: Happening, person: string) => string;
  return say(happening, person);
}

function ofDirectory({ joined, left, moved }: Of<'directoryChanged'>): string {
  const changes = [
    joined > 0 ? `${people(joined)} joined` : '',
    left > 0 ? `${people(left)} left` : '',
    moved > 0 ? `${people(moved)} changed extension` : '',
  ].filter((change) => change !== '');
  return `By the directories, ${changes.join(', ')}.`;
}

function ofSubscription({ change, seats }: Of<'subscriptionChanged'>): string {
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
