/** What one company's people do on both sides, and what each side must therefore show once all is at rest. */
import { strengthOf, type Status } from '../../domain/presence.ts';
import { readRingCentralStatus } from '../../domain/ring-central-presence.ts';
import { defaultMapping } from '../../domain/sync-rules.ts';
import { readTeamsStatus } from '../../domain/teams-presence.ts';

export interface Pair {
  availability: string;
  activity: string;
}

/** A person's own doing, ours left out. */
export interface PersonModel {
  /** What they have picked by hand in Teams, and what their client reports beneath it. */
  preferred: Pair | undefined;
  client: Pair;
  ringCentral: { userStatus: string; dndStatus: string; telephonyStatus: string };
}

export interface Model {
  readonly people: readonly PersonModel[];
  suspended: boolean;
  /** How many more restarts and suspensions, which take their time, are worth it in this run. */
  patience: number;
}

export const available: Pair = { availability: 'Available', activity: 'Available' };

export function newModel(people: number): Model {
  return {
    people: Array.from({ length: people }, () => ({
      preferred: undefined,
      client: available,
      ringCentral: { userStatus: 'Available', dndStatus: 'TakeAllCalls', telephonyStatus: 'NoCall' },
    })),
    suspended: false,
    patience: 3,
  };
}

/** The person `n`th of the model. */
export function personOf({ people }: Model, n: number): PersonModel {
  const found = people[n];
  if (found === undefined) throw new Error(`The model has no person ${n}.`);
  return found;
}

interface Shown {
  teams: Pair;
  ringCentral: { userStatus: string; dndStatus: string; telephonyStatus: string };
}

/**
 * How strongly each side asks not to be disturbed, and in RingCentral, where nothing is to be held, the very values that
 * the person chose.
 */
export function told({ teams, ringCentral }: Shown, { holds }: { holds: boolean }) {
  const { userStatus, dndStatus } = ringCentral;
  return {
    teams: strengthOf(readTeamsStatus(teams)),
    ringCentral: strengthOf(readRingCentralStatus(ringCentral)),
    ...(holds ? {} : { userStatus, dndStatus }),
  };
}

/** What each side must show: the person's own, or what the other side asks for if that is stronger; suspended only the own. */
export function expected(
  { preferred, client, ringCentral }: PersonModel,
  { suspended }: { suspended: boolean },
): { shown: ReturnType<typeof told>; holds: boolean } {
  // Who is invisible in RingCentral stays so, and what is picked by hand in Teams shows there, whatever we hold.
  const isInvisible = ringCentral.userStatus === 'Offline';
  const onRingCentral = suspended || isInvisible ? 0 : strengthAsked(readTeamsStatus(preferred ?? client));
  const onTeams =
    suspended || preferred !== undefined ? 0 : strengthAsked(readRingCentralStatus(ringCentral));
  const holds = onRingCentral > 0;
  const own = told({ teams: preferred ?? client, ringCentral }, { holds });
  const shown = {
    ...own,
    teams: Math.max(own.teams, onTeams),
    ringCentral: Math.max(own.ringCentral, onRingCentral),
  };
  return { holds, shown };
}

/** How strongly a status asks, by the default rules, not to be disturbed on the other side. */
function strengthAsked(status: Status): number {
  const cell = defaultMapping[status];
  return cell === 'busy' || cell === 'doNotDisturb' ? strengthOf(cell) : 0;
}
