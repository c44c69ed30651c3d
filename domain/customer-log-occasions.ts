/**
 * When something is worth an entry of the customer log, and what tells the occasion from others: run twice, an activity
 * tells the same again. What goes on and on is told once an hour or once a day.
 */
import { plainCode, type Happening } from './customer-log.ts';
import type { HandedOut } from './outbox.ts';
import type { Side } from './presence.ts';
import type { Tenant } from './tenant.ts';
import type { VendorFailure } from './vendor-error.ts';

/** A happening, and the occasion by which the log knows it again. */
export interface Told {
  happening: Happening;
  once: string;
}

export type ConnectionHealth =
  { side: Side; health: 'connected' } | { side: Side; health: 'reconnectRequired'; code: string };

/**
 * How a connection is found, told where the tenant knows it otherwise. Whoever finds it first, and however many do before
 * the tenant has heard of it: the occasion is the end of the state that began at `since`.
 */
export function toldOfConnection(
  found: ConnectionHealth,
  known: Tenant['connections'][Side] | undefined,
): Told | undefined {
  if (known?.health === found.health) return undefined;
  const { side } = found;
  const happening: Happening =
    found.health === 'connected'
      ? { kind: 'connected', side }
      : { kind: 'consentRevoked', side, code: plainCode(found.code) };
  return { happening, once: `${side} ${known?.since ?? 'first'}` };
}

/** A vendor subscription, by the vendor's id. */
interface Standing {
  side: Side;
  shard?: number;
  subscriptionId: string;
}

export function toldOfCreation({ subscriptionId, ...subscription }: Standing): Told {
  return { happening: { kind: 'subscriptionCreated', ...subscription }, once: subscriptionId };
}

/** Graph's are renewed some thirty times a day, which would hide all else: a sign of life a day is enough. */
export function toldOfRenewal({ subscriptionId, ...subscription }: Standing, at: Date): Told {
  const happening = { kind: 'subscriptionRenewed', ...subscription } as const;
  return { happening, once: `${subscriptionId} ${dayOf(at)}` };
}

export function toldOfGap({ side, shard }: Pick<Standing, 'side' | 'shard'>, at: Date): Told {
  const happening = { kind: 'notificationsMissed', side, ...(shard !== undefined && { shard }) } as const;
  return { happening, once: `${side} ${shard ?? ''} ${hourOf(at)}` };
}

/** A subscription that stood, and told nothing. */
export function toldOfSilence({ subscriptionId, ...subscription }: Standing): Told {
  return { happening: { kind: 'notificationsSilent', ...subscription }, once: subscriptionId };
}

/** People for whom something waits longer than promised; while that lasts it is told once an hour. */
export function toldOfOverdue(side: Side, people: number, at: Date): Told {
  return { happening: { kind: 'notConverged', side, people }, once: `${side} ${hourOf(at)}` };
}

/** The people for whom a batch was written; told by what was ordered, because run again it finds the same done. */
export function toldOfWrites(
  side: Side,
  ordered: readonly HandedOut[],
  userIds: readonly string[],
): Told | undefined {
  const [userId] = userIds;
  if (userId === undefined) return undefined;
  const names = ordered.map(({ targetId, revision }) => `${targetId}:${revision}`).toSorted();
  const alone = userIds.length === 1 ? { userId } : {};
  return {
    happening: { kind: 'presenceWritten', side, people: userIds.length, ...alone },
    once: `${side} ${names.join(' ')}`,
  };
}

/** A page of a read of everybody, which `reading` names. */
export function toldOfRead(
  side: Side,
  people: number,
  page: { reading: string; page: number },
): Told | undefined {
  if (people === 0) return undefined;
  return { happening: { kind: 'presenceRead', side, people }, once: `${page.reading} ${page.page}` };
}

/** How many people a run of the onboarding has enrolled. */
export function toldOfEnrolment(people: number, run: string): Told | undefined {
  return people === 0 ? undefined : { happening: { kind: 'peopleEnrolled', people }, once: run };
}

/** The company's copy was made, because it was asked for at an instant, or else because the subscription was cancelled. */
export function toldOfExport(asked: string | undefined): Told {
  return { happening: { kind: 'dataExported' }, once: asked ?? 'cancelled' };
}

/** Rules hold now for everybody: once for each version. */
export function toldOfRules({ version, restored }: { version: number; restored?: number | undefined }): Told {
  const happening = { kind: 'rulesChanged', version, ...(restored !== undefined && { restored }) } as const;
  return { happening, once: String(version) };
}

/** `number` is that of the change. */
export function toldOfException(exception: { userId: string; removed: boolean }, number: number): Told {
  return { happening: { kind: 'exceptionChanged', ...exception }, once: String(number) };
}

interface Seated {
  seats: number | null;
  /** How many have a seat. */
  seated: number;
  unseated: readonly string[];
  newlySeated: readonly string[];
}

/** That people are without a seat is told by each run of the onboarding, that nobody is any more only where that is new. */
export function toldOfSeats({ seats, seated, unseated, newlySeated }: Seated, run: string): Told | undefined {
  if (unseated.length === 0 || seats === null) {
    return newlySeated.length === 0
      ? undefined
      : { happening: { kind: 'seatsRestored', people: seated }, once: run };
  }
  return { happening: { kind: 'seatsExceeded', people: seated + unseated.length, seats }, once: run };
}

interface Directory {
  joined: number;
  left: number;
  moved: number;
  unplaced: number;
  places: number;
  /** People who share a mail address. */
  unclear: number;
}

/** What a run of reading the directories has come to; what goes on is told once a day. */
export function toldOfDirectory(
  { joined, left, moved, unplaced, places, unclear }: Directory,
  run: number,
  at: Date,
): (Told | undefined)[] {
  const isChanged = joined + left + moved > 0;
  const changes: Happening = { kind: 'directoryChanged', joined, left, moved };
  return [
    isChanged ? { happening: changes, once: String(run) } : undefined,
    unplaced > 0 ? toldDaily({ kind: 'peopleUnplaced', people: unplaced, places }, at) : undefined,
    unclear > 0 ? toldDaily({ kind: 'peopleUnclear', people: unclear }, at) : undefined,
  ];
}

export function toldOfHeldDepartures(
  { leaving, mapped }: { leaving: number; mapped: number },
  at: Date,
): Told {
  return toldDaily({ kind: 'departuresHeld', leaving, people: mapped }, at);
}

interface Failed {
  failure: VendorFailure;
  code: string;
  retryAfterSeconds?: number | undefined;
}

/**
 * A vendor's failure. `refused` says what it is where the vendor has understood and refuses. That the consent is gone is
 * told by {@link toldOfConnection}.
 */
export function toldOfFailure(
  { failure, code, retryAfterSeconds }: Failed,
  { side, at, refused }: { side: Side; at: Date; refused: (code: string) => Happening },
): Told | undefined {
  switch (failure) {
    case 'throttled': {
      const pause = retryAfterSeconds === undefined ? {} : { seconds: Math.ceil(retryAfterSeconds) };
      return { happening: { kind: 'throttled', side, ...pause }, once: `${side} ${hourOf(at)}` };
    }
    case 'unavailable':
      return {
        happening: { kind: 'vendorUnavailable', side, code: plainCode(code) },
        once: `${side} ${hourOf(at)}`,
      };
    case 'consentRevoked':
      return undefined;
    case 'notFound':
    case 'conflict':
    case 'rejected':
      return toldDaily(refused(plainCode(code)), at);
  }
}

/** Something that is told once a day, with all its particulars, for as long as it lasts. */
export function toldDaily(happening: Happening, at: Date): Told {
  return {
    happening,
    once: `${JSON.stringify(happening)} ${dayOf(at)}`,
  };
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, '2026-03-02'.length);
}

function hourOf(at: Date): string {
  return at.toISOString().slice(0, '2026-03-02T08'.length);
}
