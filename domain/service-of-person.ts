/** How the service begins and ends for one person. Each is told with a version of the subscription; what is older is late. */
import { isPending, type Ledger } from './hold.ts';
import { entered } from './journal.ts';
import { settingsOf } from './ring-central-presence.ts';
import { applyRules, moveTo, releaseBoth, type StatedRules } from './user-presence.ts';
import { newUserPresence, type Decision, type UserPresence } from './user-presence-state.ts';

interface Enrolment {
  extensionId: string;
  version: number;
  rules?: StatedRules | undefined;
}

/**
 * Takes the person on, or up again, mapped to this extension, with these rules; undefined when that is nothing new. Who
 * moves to another extension is let go of on the one they had.
 */
export function enrol(
  state: UserPresence | undefined,
  enrolment: Enrolment,
  at: string,
): Decision | undefined {
  const taken = takeOn(state, enrolment, at);
  const { rules } = enrolment;
  const known = taken?.state ?? state;
  if (rules === undefined || known === undefined) return taken;
  const ruled = applyRules(known, rules, at);
  if (ruled === undefined) return taken;
  return { state: ruled.state, wishes: [...(taken?.wishes ?? []), ...ruled.wishes] };
}

function takeOn(
  state: UserPresence | undefined,
  { extensionId, version }: Enrolment,
  at: string,
): Decision | undefined {
  const service = { version, left: false, since: at };
  if (state === undefined) {
    const journal = entered([], { kind: 'service', at, served: true });
    return { state: { ...newUserPresence(extensionId), service, journal }, wishes: [] };
  }
  const { version: known, left } = state.service;
  const moves = state.extensionId !== extensionId;
  if (isLate(state, version, at) || (version === known && !left && !moves)) return undefined;
  const met = left ? metAnew(state) : state;
  const { state: after, wishes } = moves ? moveTo(met, extensionId, at) : { state: met, wishes: [] };
  const journal = entered(after.journal, { kind: 'service', at, served: true });
  return { state: { ...after, service, journal }, wishes };
}

/**
 * Ends the service for the person: what we hold on both sides is let go of. What they choose meanwhile is still taken in, so
 * that no release puts an older choice back over it, and no more once all releases are answered. Told again, it asks
 * anew for what could not be released. Undefined when it is late.
 */
export function leave(state: UserPresence | undefined, version: number, at: string): Decision | undefined {
  // Who was never taken on is noted all the same: a late enrolment must not begin what has ended.
  const known = state ?? newUserPresence('');
  if (isLate(known, version, at)) return undefined;
  const journal = entered(known.journal, { kind: 'service', at, served: false });
  return releaseBoth({ ...known, service: { version, left: true, since: at }, journal }, at);
}

/**
 * Whether somebody who has left may be forgotten: what was held for them is taken back or refused, or nobody waits for that any
 * longer (`atOnce`). Who has been taken on again may not.
 */
export function mayForget({ service, teams, ringCentral }: UserPresence, atOnce: boolean): boolean {
  return service.left && (atOnce || !(isPending(teams.ledger) || isPending(ringCentral.ledger)));
}

/** Within a version, in which a seat may be lost and given back, the later word counts. */
function isLate({ service }: UserPresence, version: number, at: string): boolean {
  if (version !== service.version) return version < service.version;
  return service.since !== undefined && at < service.since;
}

/**
 * What was seen before may be outdated, so nothing of it counts; but what we may have left behind is known, with what stood
 * there before, and is released with the next report unless something is to be held.
 */
function metAnew({ teams, ringCentral, ...person }: UserPresence): UserPresence {
  const { own, ledger } = ringCentral;
  return {
    ...person,
    teams: {
      own: 'unknown',
      invisible: false,
      order: teams.order,
      ledger: askedNothing(teams.ledger),
    },
    ringCentral: {
      ...ringCentral,
      shown: {},
      own: ledger.touched.length === 0 ? {} : settingsOf(own),
      ledger: askedNothing(ledger),
    },
  };
}

/** A release that was refused is still taken for asked; now it is for nobody any more. */
function askedNothing(ledger: Ledger): Ledger {
  return { ...ledger, asked: null };
}
