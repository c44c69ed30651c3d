/** What everybody sees of a person in Teams, made from the person's choice and sessions (Microsoft Graph, "Manage presence state"). */

export interface Presence {
  readonly availability: string;
  readonly activity: string;
}

/** A state with its times in milliseconds since 1970. */
interface TimedPresence extends Presence {
  readonly setAt: number;
  /** Absent: until changed. */
  readonly expiresAt?: number;
}

export interface PresenceState {
  /** What the person chose; it shows only while there is a session. */
  readonly preferred?: TimedPresence | undefined;
  /** By session id; the person's own Teams client is `client`, an application's session bears its id. */
  readonly sessions: Readonly<Record<string, TimedPresence>>;
}

export const clientSession = 'client';

const offline: Presence = { availability: 'Offline', activity: 'Offline' };

const setPairs = [
  'Available/Available',
  'Busy/InACall',
  'Busy/InAConferenceCall',
  'Away/Away',
  'DoNotDisturb/Presenting',
];
const preferredPairs = [
  'Available/Available',
  'Busy/Busy',
  'DoNotDisturb/DoNotDisturb',
  'BeRightBack/BeRightBack',
  'Away/Away',
  'Offline/OffWork',
];

/** Whether an application may set this pair (presence: setPresence). */
export function isSettable({ availability, activity }: Presence): boolean {
  return setPairs.includes(`${availability}/${activity}`);
}

/** Whether this pair can be preferred (presence: setUserPreferredPresence). */
export function isPreferable({ availability, activity }: Presence): boolean {
  return preferredPairs.includes(`${availability}/${activity}`);
}

const dayMs = 24 * 3_600_000;

/** How long a preferred presence lasts unless told: a day for Busy and DoNotDisturb, else a week. */
export function preferredLifeMs(availability: string): number {
  return availability === 'Busy' || availability === 'DoNotDisturb' ? dayMs : 7 * dayMs;
}

const fadeMs = 5 * 60_000;

/** An application's Available fades to inactive after 5 minutes and to Away after 10, whatever its expiry. */
function faded(id: string, session: TimedPresence, now: number): Presence {
  if (id === clientSession || session.availability !== 'Available') return session;
  if (now >= session.setAt + 2 * fadeMs) return { availability: 'Away', activity: 'Away' };
  if (now >= session.setAt + fadeMs) return { availability: 'Available', activity: 'AvailableInactive' };
  return session;
}

/** DoNotDisturb beats Busy beats Available beats Away; what is unknown ranks just above Available. */
const ranks: Readonly<Record<string, number>> = {
  donotdisturb: 5,
  busy: 4,
  busyidle: 4,
  available: 2,
  availableidle: 2,
  away: 1,
  berightback: 1,
  offline: 0,
};

function rank({ availability }: Presence): number {
  return ranks[availability.toLowerCase()] ?? 3;
}

/** What everybody sees at `now`. */
export function visiblePresence(state: PresenceState, now: number): Presence {
  const sessions = Object.entries(state.sessions)
    .filter(([, session]) => isAlive(session, now))
    .map(([id, session]) => ({ ...faded(id, session, now), setAt: session.setAt }))
    .sort((one, other) => rank(other) - rank(one) || other.setAt - one.setAt);
  const [first] = sessions;
  if (first === undefined) return offline;
  const { availability, activity } =
    state.preferred !== undefined && isAlive(state.preferred, now) ? state.preferred : first;
  return { availability, activity };
}

/** The state without what has expired by `now`. */
export function withoutExpired({ preferred, sessions }: PresenceState, now: number): PresenceState {
  const alive = Object.entries(sessions).filter(([, session]) => isAlive(session, now));
  return {
    ...(preferred !== undefined && isAlive(preferred, now) ? { preferred } : {}),
    sessions: Object.fromEntries(alive),
  };
}

/** When time alone may next change what everybody sees. */
export function nextChangeAt({ preferred, sessions }: PresenceState, now: number): number | undefined {
  const times = [preferred?.expiresAt];
  for (const [id, { setAt, expiresAt, availability }] of Object.entries(sessions)) {
    times.push(expiresAt);
    if (id !== clientSession && availability === 'Available') times.push(setAt + fadeMs, setAt + 2 * fadeMs);
  }
  const ahead = times.filter((time) => time !== undefined).filter((time) => time > now);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

function isAlive({ expiresAt }: TimedPresence, now: number): boolean {
  return expiresAt === undefined || expiresAt > now;
}

/** Milliseconds of an ISO 8601 duration in days, hours, minutes and seconds; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (parts === null || /[PT]$/.test(text)) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = parts;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
}
