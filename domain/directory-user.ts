/** Who of a Microsoft directory is looked after, told by changes that may say only what has changed. */

/** The service plan of Microsoft Teams, TEAMS1 (Microsoft Entra, "Product names and service plan identifiers for licensing"). */
const teamsPlanId = '57ff2da0-773e-42df-b2af-ffb7a2317929';

interface AssignedPlan {
  servicePlanId: string;
  capabilityStatus: string;
}

/** What is kept of a person. */
export interface DirectoryUser {
  /** The Entra object id, in lower case. */
  userId: string;
  displayName: string;
  mail: string | null;
  userPrincipalName: string | null;
  givenName: string | null;
  surname: string | null;
  department: string | null;
  jobTitle: string | null;
  businessPhones: readonly string[];
}

/** What the directory says of a person; what it does not say is absent. */
export interface UserSaid extends Partial<Omit<DirectoryUser, 'userId' | 'displayName'>> {
  userId: string;
  displayName?: string | null;
  accountEnabled?: boolean | null;
  /** `Member` or `Guest`. */
  userType?: string | null;
  assignedPlans?: readonly AssignedPlan[];
}

/** What comes of it: the person as they are to be kept, or not to be kept, or to be asked about because too little was said. */
export type Taken = { kind: 'keep'; user: DirectoryUser } | { kind: 'drop' } | { kind: 'ask' };

/**
 * Takes in what was said of a person whom we know as `known`, if at all. `isWhole`: what is absent is empty. Only those are
 * known who are looked after, so that of somebody else a part does not tell enough.
 */
export function takeIn(known: DirectoryUser | undefined, said: UserSaid, isWhole: boolean): Taken {
  if (isExcluded(said)) return { kind: 'drop' };
  if (known !== undefined && !isWhole) return { kind: 'keep', user: merged(known, said) };
  if (!isWhole) return speaksOfBeingServed(said) ? { kind: 'ask' } : { kind: 'drop' };
  const isLookedAfter = said.accountEnabled === true && said.assignedPlans?.some(isTeams) === true;
  return isLookedAfter ? { kind: 'keep', user: merged(nobody(said.userId), said) } : { kind: 'drop' };
}

/** Disabled, without Teams, or a guest from another company. */
function isExcluded({ accountEnabled, assignedPlans, userType }: UserSaid): boolean {
  const isDisabled = accountEnabled === false || accountEnabled === null;
  const isUnlicensed = assignedPlans !== undefined && !assignedPlans.some(isTeams);
  return isDisabled || isUnlicensed || userType?.toLowerCase() === 'guest';
}

function speaksOfBeingServed({ accountEnabled, assignedPlans, userType }: UserSaid): boolean {
  return accountEnabled !== undefined || assignedPlans !== undefined || userType !== undefined;
}

function isTeams({ servicePlanId, capabilityStatus }: AssignedPlan): boolean {
  return servicePlanId.toLowerCase() === teamsPlanId && capabilityStatus === 'Enabled';
}

function nobody(userId: string): DirectoryUser {
  return {
    userId,
    displayName: '',
    mail: null,
    userPrincipalName: null,
    givenName: null,
    surname: null,
    department: null,
    jobTitle: null,
    businessPhones: [],
  };
}

function merged(known: DirectoryUser, said: UserSaid): DirectoryUser {
  const { userId } = known;
  return {
    userId,
    displayName: said.displayName ?? known.displayName,
    mail: told(said.mail, known.mail),
    userPrincipalName: told(said.userPrincipalName, known.userPrincipalName),
    givenName: told(said.givenName, known.givenName),
    surname: told(said.surname, known.surname),
    department: told(said.department, known.department),
    jobTitle: told(said.jobTitle, known.jobTitle),
    businessPhones: said.businessPhones ?? known.businessPhones,
  };
}

/** Null is said, and means that there is none. */
function told<T>(said: T | null | undefined, known: T | null): T | null {
  return said === undefined ? known : said;
}
